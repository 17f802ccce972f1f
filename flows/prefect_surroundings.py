"""What Prefect reads from the environment when it is imported, set before that."""

import os
from pathlib import Path


def prepare_prefect(data_dir: Path, *, quiet: bool) -> None:
    """Give Prefect a home below `data_dir`, no telemetry, and few words; what the environment says wins.

    Must be called before Prefect is imported, which reads all of this once. Without PREFECT_API_URL each
    process starts a server of its own for the length of its run.
    """
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_HOME", str((data_dir / "prefect").resolve()))
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    if quiet:
        # Our own progress and errors are shown instead; a failed task would log its traceback at ERROR.
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
        os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "CRITICAL")
        os.environ.setdefault("PREFECT_LOGGING_TO_API_ENABLED", "false")
