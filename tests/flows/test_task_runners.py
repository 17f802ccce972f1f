"""Batches on workers: Dask, Ray and threads build the very index that one process builds, and close what they open."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from flows.settings import FlowSettings, TaskRunnerKind
from ingest.errors import KnowledgeError, UsageError
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import Vector
from ingest.knowledge.manifest import Manifest
from ingest.runs import IngestResult
from tests.fakes import FakeEmbedder

INLINE, THREADS, DASK, RAY = TaskRunnerKind.INLINE, TaskRunnerKind.THREADS, TaskRunnerKind.DASK, TaskRunnerKind.RAY


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers start from a module of no file: a page that was tested before leaves its own as `__main__`."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of documents, more than one worker is sent at once, one of them unreadable."""
    folder = tmp_path_factory.mktemp("wiki")
    for number in range(40):
        words = f"Restart service{number} with `systemctl restart service{number}`.\n\n" * 30
        (folder / f"page{number:02}.md").write_text(f"# Service{number} is down\n\n{words}")
    (folder / "broken.md").write_text("")
    return folder


@pytest.mark.slow
@pytest.mark.runners
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("kind", [THREADS, DASK, RAY])
def test_workers_build_the_same_index_as_one_process(kind: TaskRunnerKind, wiki: Path, tmp_path: Path) -> None:
    _skip_without(kind)
    alone = sync(INLINE, wiki, tmp_path / "inline")

    shared = sync(kind, wiki, tmp_path / kind)

    assert (shared.embedded, len(shared.sources[0].failed)) == (alone.embedded, 1)
    assert index_of(tmp_path / kind) == index_of(tmp_path / "inline")
    ours, theirs = vectors_of(tmp_path / "inline"), vectors_of(tmp_path / kind)
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[key], theirs[key]) for key in ours)


@pytest.mark.slow
@pytest.mark.runners
@pytest.mark.usefixtures("prefect_server")
def test_a_run_with_nothing_to_do_starts_no_workers(wiki: Path, tmp_path: Path) -> None:
    sync(INLINE, wiki, tmp_path / "data")

    again = sync(RAY, wiki, tmp_path / "data")

    assert again.embedded == 0
    assert {stage.stage: stage.seconds < 2 for stage in again.stages}["read"]


@pytest.mark.slow
@pytest.mark.runners
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("kind", [DASK, RAY])
def test_what_workers_open_is_open_to_this_machine_only(kind: TaskRunnerKind, tmp_path: Path) -> None:
    _skip_without(kind)
    from prefect import flow, task

    from flows.task_runners import Workers

    @task
    def open_ports(payload: bytes) -> bytes:
        return "\n".join(listening()).encode()

    @flow
    def look() -> set[str]:
        with Workers(FlowSettings(task_runner=kind)) as workers:
            before = set(listening())
            (answer,) = workers.each(open_ports, [b""])
            return set(answer.decode().split()) - before

    opened = look()

    assert opened
    assert {address.rpartition(":")[0] for address in opened} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.mark.slow
@pytest.mark.runners
@pytest.mark.usefixtures("prefect_server")
def test_a_worker_that_dies_at_its_batch_every_time_is_told_with_what_to_do() -> None:
    _skip_without(DASK)
    from prefect import flow, task

    from flows.task_runners import Workers

    @task
    def die(payload: bytes) -> bytes:
        os._exit(3)

    @flow
    def deadly() -> list[bytes]:
        with Workers(FlowSettings(task_runner=DASK)) as workers:
            return list(workers.each(die, [b"x"]))

    with pytest.raises(KnowledgeError, match=r"a dask worker died at its work .*look at its memory"):
        deadly()


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_payloads_are_taken_as_workers_come_free_and_answers_keep_their_order() -> None:
    from prefect import flow, task

    from flows.task_runners import Workers

    taken: list[int] = []

    @task
    def echo(payload: bytes) -> bytes:
        return payload

    def payloads() -> Iterator[bytes]:
        for number in range(30):
            taken.append(number)
            yield str(number).encode()

    @flow
    def stream() -> tuple[int, list[bytes]]:
        with Workers(FlowSettings(task_runner=THREADS)) as workers:
            answers = workers.each(echo, payloads())
            first = next(answers)
            return len(taken), [first, *answers]

    ahead, answers = stream()

    assert ahead < 10
    assert answers == [str(number).encode() for number in range(30)]


@pytest.mark.parametrize("kind", [DASK, RAY])
def test_workers_elsewhere_need_a_prefect_server_that_they_can_reach(
    kind: TaskRunnerKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.task_runners import task_runner

    _skip_without(kind)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    settings = FlowSettings(
        task_runner=kind, dask_address="tcp://workers.example.org:8786", ray_address="ray://workers.example.org:10001"
    )

    with pytest.raises(UsageError, match=r"'workers\.example\.org'.*set PREFECT_API_URL"):
        task_runner(settings)


@pytest.mark.parametrize(("kind", "package"), [(DASK, "prefect_dask.task_runners"), (RAY, "prefect_ray")])
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    kind: TaskRunnerKind, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from flows.task_runners import task_runner

    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(UsageError, match=rf"pip install 'groundwatch\[{kind}\]'"):
        task_runner(FlowSettings(task_runner=kind))


def sync(kind: TaskRunnerKind, wiki: Path, data: Path) -> IngestResult:
    """Run the flow over a folder with the fake embedder."""
    from prefect import flow

    from flows.refresh_knowledge import refresh
    from ingest.building import Workshop
    from ingest.runs import Options
    from ingest.sources.folder import FolderSource

    @flow
    def within_a_flow(folder: str) -> IngestResult:
        # Opened inside: workers are sent the flow, and an open file cannot be.
        embedder = FakeEmbedder()
        store = EdgeStore(data, embedder.dimension, patience=0.1)
        manifest, cache = Manifest(data / "manifest.sqlite"), EmbeddingCache(data / "embeddings.sqlite")
        with closing(Workshop(store, manifest, cache, embedder)) as workshop:
            return refresh(workshop, [FolderSource([wiki])], Options(), FlowSettings(task_runner=kind))

    return within_a_flow(str(wiki))


def index_of(data: Path) -> dict[str, tuple[object, ...]]:
    """Return what is served, by the id of each passage."""
    with closing(EdgeStore(data, FakeEmbedder().dimension).open()) as reader:
        stored = [one for facts in reader.documents() for one in reader.passages_of(facts.id)]
    return {one.passage.id: (one.passage, one.document.path, one.document.revision) for one in stored}


def vectors_of(data: Path) -> dict[bytes, Vector]:
    """Return the vectors of the cache, which are those of the index, by key."""
    with closing(EmbeddingCache(data / "embeddings.sqlite")) as cache:
        rows = cache._connection.execute("SELECT key, vector FROM vectors").fetchall()
    return {key: np.frombuffer(vector, dtype=np.float32) for key, vector in rows}


def listening() -> list[str]:
    """Return the addresses that processes of this machine listen on, as `address:port`."""
    found: list[str] = []
    for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == "0A":  # TCP_LISTEN
                address, _, port = local.partition(":")
                words = [bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8)]
                found.append(f"{socket.inet_ntop(family, b''.join(words))}:{int(port, 16)}")
    return found


def _skip_without(kind: TaskRunnerKind) -> None:
    if kind in (DASK, RAY):
        pytest.importorskip(f"prefect_{kind}")
