"""What every test runs under: no network, no telemetry, no settings or data of the person who runs it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.network_guard import NetworkGuard

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GROUNDWATCH_SHARED") or REPOSITORY.parent / "shared")
_ROOM_IN_MEMORY = 4 << 30


def _isolate_environment() -> Path:
    """Set, before any library is imported, what libraries read on import; return the scratch directory."""
    for name in [name for name in os.environ if name.startswith(("GROUNDWATCH_", "PREFECT_", "STREAMLIT_"))]:
        del os.environ[name]
    scratch = Path(tempfile.mkdtemp(prefix="groundwatch-tests-", dir=_memory()))
    temporary = scratch / "tmp"
    temporary.mkdir()
    tempfile.tempdir = str(temporary)
    os.environ.update(
        TMPDIR=str(temporary),
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


def _memory() -> Path | None:
    """Return a folder in memory with room for what tests write, or None where there is none that runs programs.

    The engine of the index syncs each of its files, and there are a hundred of them for each generation.
    """
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK):
        return None
    about = os.statvfs(folder)
    roomy = about.f_bavail * about.f_frsize > _ROOM_IN_MEMORY
    return folder if roomy and not about.f_flag & os.ST_NOEXEC else None


# Of files that take more than some seconds, how long: roughly, on two busy cores.
_SECONDS_OF_LONG_FILES = {
    "ui/test_browser.py": 146,
    "evals/test_answers.py": 129,
    "evals/test_retrieval.py": 128,
    "evals/test_demo.py": 127,
    "flows/test_refresh_knowledge.py": 100,
    "flows/test_notices.py": 99,
    "flows/test_jobs.py": 98,
    "flows/test_limits.py": 98,
    "flows/test_nightly_evals.py": 98,
    "flows/test_task_runners.py": 98,
    "flows/test_knowledge_command.py": 48,
    "ingest/test_kills.py": 80,
    "evals/test_calibration.py": 55,
    "ingest/parsing/test_registry.py": 54,
    "api/test_app.py": 50,
    "evals/test_secrets.py": 47,
    "api/test_assistant_contract.py": 46,
    "api/mcp/test_stdio_wire.py": 38,
    "evals/test_adversarial.py": 37,
    "ui/screens/test_ask_thread.py": 35,
    "ui/screens/test_quality.py": 33,
    "api/test_server.py": 32,
    "evals/quality/test_knowledge.py": 28,
    "ui/screens/test_ask.py": 28,
    "ingest/redaction/test_redactor.py": 25,
    "api/test_serving.py": 25,
    "ui/screens/test_knowledge.py": 23,
    "ingest/test_splitting.py": 22,
    "ui/screens/test_sources.py": 22,
    "ui/screens/test_document.py": 21,
    "ingest/test_reembedding.py": 19,
    "ingest/test_care.py": 18,
}

_TOGETHER = {
    "tests/evals/test_answers.py": "benches",
    "tests/evals/test_demo.py": "benches",
    "tests/evals/test_retrieval.py": "benches",
    "tests/flows/test_jobs.py": "flows",
    "tests/flows/test_limits.py": "flows",
    "tests/flows/test_nightly_evals.py": "flows",
    "tests/flows/test_notices.py": "flows",
    "tests/flows/test_refresh_knowledge.py": "flows",
    "tests/flows/test_task_runners.py": "flows",
}
"""Files that share something that takes long to make, by a name for it: one process runs all of them."""

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
    # Processes take a file at a time: a long one taken last would keep one of them waiting.
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give processes a file at a time, and those of _TOGETHER as one.

    pytest-xdist's own groups (--dist loadgroup) need names in node ids that this pytest takes out again.
    """
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # ships no hints

    class ByMaterial(LoadFileScheduling):  # type: ignore[misc]  # the class it extends has no hints
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return _TOGETHER.get(file, file)

    return ByMaterial(config, log) if config.getvalue("dist") == "loadfile" else None


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
