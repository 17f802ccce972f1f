"""What every test runs under: no network, no telemetry, no settings or data of the person who runs it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.network_guard import NetworkGuard

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GROUNDWATCH_SHARED") or REPOSITORY.parent / "shared")


def _isolate_environment() -> Path:
    """Set, before any library is imported, what libraries read on import; return the scratch directory."""
    for name in [name for name in os.environ if name.startswith(("GROUNDWATCH_", "PREFECT_", "STREAMLIT_"))]:
        del os.environ[name]
    scratch = Path(tempfile.mkdtemp(prefix="groundwatch-tests-"))
    os.environ.update(
        DO_NOT_TRACK="true",
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        RAGAS_DO_NOT_TRACK="true",
        UNSTRUCTURED_DISABLE_NOTICE="1",
        HF_HUB_OFFLINE="1",
        STREAMLIT_BROWSER_GATHER_USAGE_STATS="false",
        STREAMLIT_SERVER_FILE_WATCHER_TYPE="none",  # each watcher takes one of the few inotify instances
        TOKENIZERS_PARALLELISM="false",
        OMP_NUM_THREADS="1",  # tests run in parallel; more threads each only wait for one another
        GROUNDWATCH_DATA_DIR=str(scratch / "data"),
        PREFECT_HOME=str(scratch / "prefect"),
    )
    return scratch


# Of files that take more than some seconds, how long: roughly, on two quiet cores.
_SECONDS_OF_LONG_FILES = {
    "ui/test_browser.py": 50,
    "evals/test_answers.py": 44,
    "evals/test_retrieval.py": 35,
    "evals/test_secrets.py": 30,
    "flows/test_refresh_knowledge.py": 28,
    "flows/test_notices.py": 26,
    "ingest/test_kills.py": 25,
    "flows/test_limits.py": 20,
    "flows/test_knowledge_command.py": 20,
    "ui/screens/test_ask.py": 20,
    "ingest/test_reembedding.py": 15,
    "ingest/parsing/test_registry.py": 15,
    "ui/screens/test_knowledge.py": 14,
    "ingest/redaction/test_redactor.py": 12,
    "ingest/test_splitting.py": 12,
    "api/test_server.py": 12,
    "api/test_serving.py": 10,
    "ingest/test_care.py": 8,
}

_SCRATCH = _isolate_environment()
_GUARD = NetworkGuard()


def pytest_configure(config: pytest.Config) -> None:
    """Refuse foreign addresses before the first test module is imported, and let tests run in our order."""
    _GUARD.start()
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # pytest-xdist's own order, by number of tests, leaves long ones last


def pytest_unconfigure() -> None:
    """Let the network through again and remove what the run wrote."""
    _GUARD.stop()
    shutil.rmtree(_SCRATCH, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, and skip, with the reason, tests whose material or browser is not here."""
    # Two processes take a file at a time: a long one taken last would keep one of them waiting.
    items.sort(key=lambda item: -_SECONDS_OF_LONG_FILES.get(item.path.relative_to(REPOSITORY / "tests").as_posix(), 0))
    missing: dict[str, str] = {}
    if not SHARED.is_dir():
        missing["corpus"] = "no shared corpus: put it beside the repository or set GROUNDWATCH_SHARED"
    absent = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    if absent:
        missing["browser"] = f"not installed: {', '.join(absent)} (Debian: chromium, chromium-driver)"
    for item in items:
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared material, or skip the test where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("no shared corpus: put it beside the repository or set GROUNDWATCH_SHARED")
    return SHARED


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the repository."""
    return REPOSITORY


@pytest.fixture(autouse=True)
def _network_stays_guarded() -> Iterator[None]:
    """Check that no test switched the guard off for the ones after it."""
    yield
    assert _GUARD.active, "a test stopped the network guard"
