"""The flow that brings the knowledge up to date: the steps of the ingest pipeline as Prefect tasks.

A task handles a batch, not a document, since each costs some 40 ms. Tasks get their work as a closure:
Prefect walks through the arguments of a task, which for thousands of passages takes longer than the work.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.cache_policies import INPUTS, NO_CACHE, TASK_SOURCE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from ingest.bootstrap import SourceRequest, open_workshop, undertake
from ingest.building import Progress
from ingest.errors import SourceUnreadable, StorageFailed
from ingest.pipeline import IngestResult, Options, SourceResult, SourceRun, Steps, Workshop, ingest, plain_steps
from ingest.reading import Reader, Reading
from ingest.settings import KnowledgeSettings
from ingest.sources.source import Snapshot, Source, SourceEntry

_SHARES = {"read": (0.0, 15.0), "embed": (15.0, 80.0), "build": (95.0, 5.0)}
"""Where each stage begins and how much of the whole it is, in percent, as measured on a first ingest."""

_SECONDS_BETWEEN_UPDATES = 2.0
_SHOWN_FAILURES = 100

listener: ContextVar[Progress | None] = ContextVar("listener", default=None)
"""Who is told about progress in this process, beside the progress artifact; a parameter cannot carry it."""


@flow(name="refresh knowledge", flow_run_name="refresh knowledge")
def refresh_knowledge(
    requests: list[SourceRequest] | None = None, rebuild: bool = False, confirm_deletions: bool = False
) -> IngestResult:
    """Ingest the requested sources, or all known ones, as the settings of the environment say."""
    settings = KnowledgeSettings()
    with closing(open_workshop(settings)) as workshop:
        undertaking = undertake(
            workshop, requests or [], settings, rebuild=rebuild, confirm_deletions=confirm_deletions
        )
        for warning in undertaking.warnings:
            get_run_logger().warning(warning)
        return refresh(workshop, undertaking.sources, undertaking.options)


def refresh(workshop: Workshop, sources: Sequence[Source], options: Options) -> IngestResult:
    """Run the pipeline with its steps as tasks, and leave a progress and a table artifact; call it in a flow."""
    progress = _ProgressArtifact(listener.get())
    result = ingest(workshop, sources, options, progress, _task_steps())
    progress.complete()
    table = [_row(source) for source in result.sources]
    described = ", ".join(f"{one.stage} {one.seconds:.1f} s" for one in result.stages)
    create_table_artifact(
        table,
        key="ingest-sources",
        description=f"Generation {result.generation}: {result.embedded} passages embedded, {result.reused} reused; "
        f"{result.seconds:.1f} s ({described})",
    )
    failures = [failure for source in result.sources for failure in _failures(source)]
    if failures:
        create_table_artifact(
            failures[:_SHOWN_FAILURES], key="ingest-failures", description=f"{len(failures)} documents failed"
        )
    return result


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell whether trying again can help: a share or a server may come back, a wrong value stays wrong."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, (SourceUnreadable, StorageFailed))


@task(
    name="discover",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[1, 4],
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass,
)
def _discover(work: Callable[[], Snapshot]) -> Snapshot:
    return work()


@task(name="read a batch", cache_policy=NO_CACHE)
def _read_batch(work: Callable[[], list[Reading]]) -> list[Reading]:
    """Read a batch; without retries, since a document that cannot be read is a row and is tried by the next run."""
    return work()


@task(
    name="embed a batch",
    cache_policy=INPUTS - "work" + TASK_SOURCE,
    persist_result=True,
    retries=2,
    retry_delay_seconds=[1, 4],
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass,
)
def _embed_batch(work: Callable[[], None], model: str, texts: str) -> str:
    """Embed a batch unless one of the same model and hash of texts was: the vectors are in our own cache.

    Where that cache was lost meanwhile, building embeds again what it misses.
    """
    work()
    return f"{model} {texts}"


@task(
    name="build and promote",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 8],
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass,
)
def _build(work: Callable[[], int | None]) -> int | None:
    return work()


def _task_steps() -> Steps:
    plain = plain_steps()

    def discover(source: Source) -> Snapshot:
        return _discover(lambda: plain.discover(source))

    def read(reader: Reader, entries: Sequence[SourceEntry]) -> list[Reading]:
        return _read_batch(lambda: plain.read(reader, entries))

    def embed(workshop: Workshop, texts: Sequence[str]) -> None:
        digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
        _embed_batch(lambda: plain.embed(workshop, texts), workshop.embedder.model, digest)

    def build(workshop: Workshop, runs: Sequence[SourceRun], rebuild: bool, progress: Progress) -> int | None:
        return _build(lambda: plain.build(workshop, runs, rebuild, progress))

    return Steps(discover=discover, read=read, embed=embed, build=build)


class _ProgressArtifact:
    """Show progress in Prefect, not more often than every few seconds, and pass it on."""

    def __init__(self, then: Progress | None) -> None:
        self._then = then
        self._id = _as_id(create_progress_artifact(0.0, key="ingest-progress", description="Ingest"))
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._then is not None:
            self._then(stage, done, total)
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_UPDATES:
            self._last = time.monotonic()
            start, share = _SHARES[stage]
            update_progress_artifact(self._id, progress=start + share * done / max(1, total), description=stage)

    def complete(self) -> None:
        """Show that everything is done."""
        update_progress_artifact(self._id, progress=100.0, description="done")


def _as_id(created: object) -> UUID:
    assert isinstance(created, UUID)  # a coroutine only where a loop is running, and flows are sync here
    return created


def _row(source: SourceResult) -> dict[str, Any]:
    return {
        "source": source.source,
        "indexed": source.indexed,
        "unchanged": source.unchanged,
        "removed": source.removed,
        "failed": len(source.failed),
        "passages": source.passages,
        "problems": "; ".join(source.problems),
    }


def _failures(source: SourceResult) -> list[dict[str, Any]]:
    return [{"source": row.source, "path": row.path, "reason": row.reason} for row in source.failed]
