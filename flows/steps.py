"""The steps of the ingest pipeline as Prefect tasks, done here or by the workers that the settings name.

A task handles a batch, not a document, since each costs some 40 ms. Work that is done here is handed over
as a closure and its result in a wrapper: Prefect walks through arguments and results, which for thousands
of passages takes longer than the work.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, Generic, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from flows.limits import EMBED, fetch_limit, holding
from flows.settings import FlowSettings, TaskRunnerKind
from flows.task_runners import Workers
from flows.worker_batches import documents_to_read, readings_of, texts_to_embed, vectors_of, work_on
from ingest.building import Progress, Workshop
from ingest.errors import SourceUnreadable, StorageFailed
from ingest.knowledge.index import Vector
from ingest.pipeline import plain_steps
from ingest.reading import Reader, Reading
from ingest.runs import SourceRun, Steps
from ingest.sources.source import Snapshot, Source, SourceEntry

T = TypeVar("T")
U = TypeVar("U")

_DOCUMENTS, _TEXTS = 16, 128
"""What a worker is sent at once: some seconds of work, so that a small sync keeps several workers busy too."""


def task_steps(settings: FlowSettings, workers: Workers) -> Steps:
    """Return the steps as tasks; call them inside a flow, after `ensure_limits`."""
    plain = plain_steps()
    here = settings.task_runner is TaskRunnerKind.INLINE
    wait = settings.sync_wait_seconds

    def discover(source: Source) -> Snapshot:
        return _here.with_options(name="discover")(lambda: _Opaque(plain.discover(source))).value

    def read(reader: Reader, batches: Sequence[Sequence[SourceEntry]]) -> Iterator[list[Reading]]:
        limit = fetch_limit(reader.source.location) or ""
        if here:
            return _read_here(reader, batches, limit, wait)
        packed = (documents_to_read(reader, part) for batch in batches for part in _parts(batch, _DOCUMENTS))
        read_there = _on_worker.with_options(name="read a batch")
        return map(readings_of, workers.each(read_there, packed, limit=limit, wait=wait))

    def embed(workshop: Workshop, batches: Sequence[Sequence[str]]) -> Iterator[int]:
        return _embed_here(workshop, batches, wait) if here else _embed_there(workshop, batches, workers, wait)

    def build(workshop: Workshop, runs: Sequence[SourceRun], rebuild: bool, progress: Progress) -> int | None:
        build_all = _here.with_options(name="build and promote", retry_delay_seconds=[2, 8])
        return build_all(lambda: _Opaque(plain.build(workshop, runs, rebuild, progress))).value

    return Steps(discover=discover, read=read, embed=embed, build=build)


class _Opaque(Generic[T]):
    """A value that Prefect does not look into."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Tell whether trying again can help: a share or a server may come back, a wrong value stays wrong."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, (SourceUnreadable, StorageFailed))


# A document that cannot be fetched is a row of its own and is tried by the next run; work as a whole is tried
# again where its source, the store or the disk is away for a moment. Nothing is cached by Prefect: vectors have
# a cache of their own, by text, and only what is missing there gets to a task.
@task(
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[1, 4],
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass,
)
def _here(work: Callable[[], _Opaque[T]], limit: str = "", wait: float = 0.0) -> _Opaque[T]:
    with holding(limit, wait=wait) if limit else nullcontext():
        return work()


@task(
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[1, 4],
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass,
)
def _on_worker(payload: bytes, limit: str, wait: float) -> bytes:
    with holding(limit, wait=wait) if limit else nullcontext():
        return work_on(payload)


def _read_here(
    reader: Reader, batches: Sequence[Sequence[SourceEntry]], limit: str, wait: float
) -> Iterator[list[Reading]]:
    read = _here.with_options(name="read a batch")
    for batch in batches:

        def work(entries: Sequence[SourceEntry] = batch) -> _Opaque[list[Reading]]:
            return _Opaque(reader.read_all(entries))

        yield read(work, limit, wait).value


def _embed_here(workshop: Workshop, batches: Sequence[Sequence[str]], wait: float) -> Iterator[int]:
    cache, embedder = workshop.cache, workshop.embedder
    embed = _here.with_options(name="embed a batch")
    for batch in batches:
        missing = cache.missing(embedder.model, batch)

        def work(texts: Sequence[str] = missing) -> _Opaque[Vector]:
            return _Opaque(embedder.embed_passages(texts))

        if missing:
            cache.keep(embedder.model, missing, embed(work, EMBED, wait).value)
        yield len(batch)


def _embed_there(workshop: Workshop, batches: Sequence[Sequence[str]], workers: Workers, wait: float) -> Iterator[int]:
    cache, embedder = workshop.cache, workshop.embedder
    embed = _on_worker.with_options(name="embed a batch")
    sent: deque[Sequence[str]] = deque()
    known = 0  # texts that need no work, since the last report

    def packed() -> Iterator[bytes]:
        nonlocal known
        for batch in batches:
            missing = cache.missing(embedder.model, batch)
            known += len(batch) - len(missing)
            for part in _parts(missing, _TEXTS):
                sent.append(part)
                yield texts_to_embed(embedder, part)

    for answer in workers.each(embed, packed(), limit=EMBED, wait=wait):
        texts = sent.popleft()
        cache.keep(embedder.model, texts, vectors_of(answer))
        done, known = len(texts) + known, 0
        yield done
    if known:
        yield known


def _parts(items: Sequence[U], size: int) -> Iterator[Sequence[U]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
