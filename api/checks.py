"""What `groundwatch doctor` looks at: each check says how it stands and, where it is wrong, how to mend it."""

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from api.bootstrap import open_embedder, open_store
from api.client import ApiClient
from api.running import find_running, read_announcement
from api.schemas.knowledge import KnowledgeStatus
from api.schemas.places import Wire
from api.settings import ApiSettings
from api.version import installed_version
from ingest.errors import GroundwatchError, KnowledgeError, KnowledgeLocked, KnowledgeMissing, ModelUnavailable
from ingest.knowledge.index import SCHEMA_VERSION

_ENOUGH_SPACE = 1 << 30
_EXTRAS = {
    "knowledge": ("qdrant-edge-py", "qdrant-client", "sentence-transformers", "torch"),
    "ingest": ("unstructured", "pypdf", "python-docx", "docutils"),
    "api": ("fastapi", "uvicorn", "SQLAlchemy", "alembic", "prometheus-client", "llama-index-core"),
    "flows": ("prefect",),
    "ui": ("streamlit",),
    "evals": ("ragas",),
}
_NEEDED = frozenset({"knowledge"})


class Check(Wire):
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    mend: str = ""


class Diagnosis(Wire):
    """All checks of one run; `healthy` where none failed."""

    version: str
    healthy: bool
    checks: list[Check]


@dataclass(frozen=True, slots=True)
class _Served:
    """What a running API says of itself; it has the embedded index open, so nobody else can look."""

    check: Check
    status: KnowledgeStatus | None = None


def diagnose(settings: ApiSettings) -> Diagnosis:
    """Look at everything; a check that fails does not keep the others from being made."""
    served = _api(settings)
    model, model_name = _model(settings)
    checks = [
        _python(),
        *_extras(),
        _data_dir(settings.data_dir),
        model,
        *_qdrant(settings),
        *_index(settings, model_name, served.status),
        served.check,
        _failures(settings),
    ]
    healthy = all(check.state != "fail" for check in checks)
    return Diagnosis(version=installed_version(), healthy=healthy, checks=checks)


def _python() -> Check:
    found = platform.python_version()
    if sys.version_info[:2] == (3, 11):
        return Check(name="python", state="ok", detail=found)
    return Check(name="python", state="fail", detail=found, mend="Install Python 3.11; other versions are untested.")


def _extras() -> Iterator[Check]:
    for extra, libraries in _EXTRAS.items():
        found = {library: _version(library) for library in libraries}
        missing = [library for library, number in found.items() if number is None]
        detail = ", ".join(f"{library} {number}" for library, number in found.items() if number)
        if not missing:
            yield Check(name=f"extra {extra}", state="ok", detail=detail)
            continue
        yield Check(
            name=f"extra {extra}",
            state="fail" if extra in _NEEDED else "warn",
            detail=f"not installed: {', '.join(missing)}",
            mend=f"Run: pip install 'groundwatch[{extra}]'",
        )


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _data_dir(folder: Path) -> Check:
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Check(
            name="data directory",
            state="fail",
            detail=f"{str(there)!r} is no folder that this user may write to",
            mend="Give the right to write there, or set GROUNDWATCH_DATA_DIR to another folder.",
        )
    free = shutil.disk_usage(there).free
    detail = f"{folder.absolute()}, {free / 1e9:.1f} GB free"
    if free < _ENOUGH_SPACE:
        mend = "Free at least 1 GB: an ingest builds the new index beside the old one."
        return Check(name="data directory", state="warn", detail=detail, mend=mend)
    return Check(name="data directory", state="ok", detail=detail if folder.exists() else f"{detail} (not made yet)")


def _model(settings: ApiSettings) -> tuple[Check, str | None]:
    """Return the check and the model's full name; weights are read and their digest is checked."""
    embedder = open_embedder(settings)
    try:
        name, dimension = embedder.model, embedder.dimension
    except ModelUnavailable as error:
        mend = "Install it, or set GROUNDWATCH_EMBEDDING_MODEL to a model that is there."
        return Check(name="embedding model", state="fail", detail=str(error), mend=mend), None
    return Check(name="embedding model", state="ok", detail=f"{name}, {dimension} dimensions"), name


def _qdrant(settings: ApiSettings) -> Iterator[Check]:
    if not settings.qdrant_url:
        return
    try:
        open_store(settings).current()
    except KnowledgeError as error:
        mend = "Start the server, or correct GROUNDWATCH_QDRANT_URL and GROUNDWATCH_QDRANT_API_KEY."
        yield Check(name="Qdrant server", state="fail", detail=str(error), mend=mend)
    else:
        yield Check(name="Qdrant server", state="ok", detail=settings.qdrant_url)


def _index(settings: ApiSettings, model: str | None, served: KnowledgeStatus | None) -> Iterator[Check]:
    """Check what is served where an API has it open, else the index itself."""
    if served is not None and served.generation is not None:
        detail = f"generation {served.generation}, {served.documents} documents, {served.passages} passages"
        yield Check(name="index", state="ok", detail=f"{detail} (as the running API says)")
        yield _same_model(served.model or "", model)
        return
    try:
        with closing(open_store(settings).open()) as reader:
            described = reader.describe()
    except KnowledgeMissing as error:
        yield Check(name="index", state="warn", detail=str(error), mend="Run: groundwatch ingest PATH")
    except KnowledgeLocked as error:
        mend = "Wait for the other process, or stop it."
        yield Check(name="index", state="warn", detail=str(error), mend=mend)
    except KnowledgeError as error:
        mend = "Check permissions and space; if it stays: groundwatch ingest --rebuild"
        yield Check(name="index", state="fail", detail=str(error), mend=mend)
    else:
        yield Check(
            name="index",
            state="ok",
            detail=f"generation {described.generation} of {described.built_at:%Y-%m-%d %H:%M} UTC, "
            f"{described.documents} documents, {described.passages} passages, format {SCHEMA_VERSION}",
        )
        yield _same_model(described.model, model)


def _same_model(built_with: str, configured: str | None) -> Check:
    if configured is None or built_with == configured:
        return Check(name="index model", state="ok", detail=built_with)
    return Check(
        name="index model",
        state="fail",
        detail=f"the index was built with {built_with!r}, the configured model is {configured!r}",
        mend="Set GROUNDWATCH_EMBEDDING_MODEL back, or run: groundwatch knowledge reembed",
    )


def _api(settings: ApiSettings) -> _Served:
    running = None if settings.url else find_running(settings.running_file)
    url = settings.url or (running.url if running else None)
    if url is None:
        stale = read_announcement(settings.running_file)
        detail = f"not running (the one at {stale.url} is gone)" if stale else "not running"
        return _Served(Check(name="API", state="ok", detail=f"{detail}; commands open the index themselves"))
    try:
        with closing(ApiClient(url, settings.presented_key, timeout=10)) as client:
            status = client.status()
    except GroundwatchError as error:
        mend = "Start it with groundwatch serve, or correct GROUNDWATCH_URL and GROUNDWATCH_API_KEY."
        return _Served(Check(name="API", state="fail", detail=str(error), mend=mend))
    return _Served(Check(name="API", state="ok", detail=f"running at {url}"), status)


def _failures(settings: ApiSettings) -> Check:
    """Count failed documents without making or changing the manifest."""
    file = settings.manifest_file
    if not file.exists():
        return Check(name="documents", state="ok", detail="none yet")
    query = "SELECT path, reason, count(*) OVER () FROM documents WHERE state = 'failed' ORDER BY source, path LIMIT 1"
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found: Sequence[tuple[str, str, int]] = connection.execute(query).fetchall()
    except sqlite3.Error as error:
        mend = "Check permissions and space there."
        return Check(name="documents", state="fail", detail=f"cannot read {str(file)!r}: {error}", mend=mend)
    if not found:
        return Check(name="documents", state="ok", detail="none failed")
    path, reason, count = found[0]
    return Check(
        name="documents",
        state="warn",
        detail=f"{count} could not be read, for example {path!r}: {reason}",
        mend="See all of them: groundwatch status",
    )
