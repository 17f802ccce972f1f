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


_SCRATCH = _isolate_environment()
_GUARD = NetworkGuard()


def pytest_configure() -> None:
    """Refuse foreign addresses before the first test module is imported."""
    _GUARD.start()


def pytest_unconfigure() -> None:
    """Let the network through again and remove what the run wrote."""
    _GUARD.stop()
    shutil.rmtree(_SCRATCH, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, tests whose material or browser is not on this machine."""
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
