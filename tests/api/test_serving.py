"""Swapping generations while serving: no request fails, nothing is closed under a reader, nothing leaks."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from api.schemas.answers import AskRequest
from api.serving import ServedKnowledge
from ingest.errors import GroundwatchError, KnowledgeLocked, KnowledgeMissing, ModelMismatch, StorageFailed
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.index import IndexReader
from tests.api.shop import FILES
from tests.api.world import OtherEmbedder, app_of, open_world, served, write_knowledge
from tests.small_knowledge import WordEmbedder

NEW = {"runbooks/queue.md": "# QueueBacklog\n\nDrain the queue by hand.\n"}


class Store:
    """A store whose generations open as counted readers; `closed` lists those let go of."""

    def __init__(self, real: EdgeStore) -> None:
        self._real = real
        self.failure: GroundwatchError | None = None
        self.asked = 0
        self.closed: list[int] = []

    def current(self) -> int | None:
        self.asked += 1
        return self._real.current()

    def open(self, generation: int | None = None) -> IndexReader:
        if self.failure is not None:
            raise self.failure
        reader = self._real.open(generation)
        number, close = reader.describe().generation, reader.close

        def close_and_tell() -> None:
            self.closed.append(number)
            close()

        reader.close = close_and_tell  # type: ignore[method-assign]  # the one call that is watched
        return reader


@pytest.fixture
def store(data_dir: Path) -> Store:
    return Store(EdgeStore(data_dir / "knowledge", 1, patience=0.1))


@pytest.fixture
def knowledge(store: Store) -> Iterator[ServedKnowledge]:
    opened = ServedKnowledge(store, WordEmbedder(), check_every=0.0)
    yield opened
    opened.close()


def _generation(knowledge: ServedKnowledge) -> int:
    with knowledge.answering() as serving:
        return serving.description.generation


def _ingest(data_dir: Path, more: Mapping[str, str] = NEW) -> None:
    write_knowledge(data_dir, FILES | dict(more))


def test_a_new_generation_is_served_at_the_next_request(knowledge: ServedKnowledge, data_dir: Path) -> None:
    before = _generation(knowledge)
    _ingest(data_dir)

    assert (before, _generation(knowledge)) == (1, 2)


def test_the_old_generation_stays_open_until_its_last_lease_ends(
    knowledge: ServedKnowledge, store: Store, data_dir: Path
) -> None:
    with knowledge.answering() as first, knowledge.answering():
        _ingest(data_dir)
        assert knowledge.refresh()
        still_found = first.searcher.search("DbDiskFull", limit=1)
        closed_while_leased = list(store.closed)

    assert still_found[0].stored.document.path == "runbooks/DbDiskFull.md"
    assert closed_while_leased == []
    assert store.closed == [1]


def test_an_idle_generation_is_closed_at_once(knowledge: ServedKnowledge, store: Store, data_dir: Path) -> None:
    _generation(knowledge)
    _ingest(data_dir)
    knowledge.refresh()

    assert store.closed == [1]


def test_the_first_ingest_is_served_without_a_restart(tmp_path: Path) -> None:
    knowledge = ServedKnowledge(EdgeStore(tmp_path / "knowledge", 1), WordEmbedder(), check_every=0.0)
    with pytest.raises(KnowledgeMissing):
        _generation(knowledge)
    _ingest(tmp_path)

    assert _generation(knowledge) == 1
    knowledge.close()


@pytest.mark.parametrize("failure", [StorageFailed("disk gone"), KnowledgeLocked("held"), KnowledgeMissing("pruned")])
def test_a_generation_that_cannot_be_opened_leaves_the_old_one_serving(
    knowledge: ServedKnowledge, store: Store, data_dir: Path, failure: GroundwatchError
) -> None:
    _generation(knowledge)
    _ingest(data_dir)
    store.failure = failure
    during = _generation(knowledge)
    notice = knowledge.state().notice
    store.failure = None

    assert (during, notice) == (1, str(failure))
    assert _generation(knowledge) == 2
    assert knowledge.state().notice == ""


def test_a_generation_of_another_model_does_not_replace_one_that_answers(tmp_path: Path) -> None:
    written = {1: "words@1", 2: "other@2"}
    for number, name in written.items():
        _write_generation(tmp_path / "knowledge", name, expected=number)
    store = EdgeStore(tmp_path / "knowledge", 1)
    store.promote(1)
    knowledge = ServedKnowledge(store, WordEmbedder(), check_every=0.0)
    _generation(knowledge)
    store.promote(2)

    assert _generation(knowledge) == 1
    assert "other@2" in knowledge.state().notice
    knowledge.close()


def test_an_index_of_another_model_is_refused_and_the_right_one_takes_its_place(data_dir: Path) -> None:
    store = EdgeStore(data_dir / "knowledge", 1)
    knowledge = ServedKnowledge(store, OtherEmbedder(), check_every=0.0)
    with pytest.raises(ModelMismatch, match=r"words@1.*other@2"):
        _generation(knowledge)
    _write_generation(data_dir / "knowledge", "other@2", expected=2)
    store.promote(2)

    assert _generation(knowledge) == 2
    knowledge.close()


def test_the_store_is_asked_at_most_once_in_the_set_time(store: Store) -> None:
    now = 100.0
    knowledge = ServedKnowledge(store, WordEmbedder(), check_every=1.0, clock=lambda: now)
    for _ in range(5):
        _generation(knowledge)
    asked_within = store.asked
    now = 101.0
    _generation(knowledge)

    assert (asked_within, store.asked) == (1, 2)
    knowledge.close()


def test_a_missing_index_is_not_looked_for_at_every_request(tmp_path: Path) -> None:
    store = Store(EdgeStore(tmp_path / "knowledge", 1))
    knowledge = ServedKnowledge(store, WordEmbedder(), check_every=1.0, clock=lambda: 100.0)
    for _ in range(3):
        with pytest.raises(KnowledgeMissing):
            _generation(knowledge)

    assert store.asked == 1


def test_closing_waits_for_nobody_and_closes_what_is_idle(knowledge: ServedKnowledge, store: Store) -> None:
    with knowledge.answering():
        knowledge.close()
        closed_while_leased = list(store.closed)

    assert (closed_while_leased, store.closed) == ([], [1])


def test_a_failed_request_gives_its_lease_back(knowledge: ServedKnowledge, store: Store) -> None:
    with pytest.raises(ZeroDivisionError), knowledge.answering():
        _ = 1 / 0
    knowledge.close()

    assert store.closed == [1]


def test_no_request_fails_while_generations_are_swapped(data_dir: Path) -> None:
    world = open_world(data_dir, check_every=0.02)
    seen: list[int] = []

    def ask() -> None:
        seen.append(world.assistant.ask(AskRequest(question="What do I do when DbDiskFull fires?")).generation)

    with _asking(ask, threads=4) as failures:
        for number in range(3):
            _ingest(data_dir, {f"runbooks/new-{number}.md": f"# Queue{number}\n\nDrain queue {number} by hand.\n"})
            _wait_for(partial(seen.__contains__, number + 2))
    world.assistant.close()

    assert failures == []
    assert set(seen) >= {2, 3, 4}


def test_no_http_request_fails_while_a_generation_is_swapped(data_dir: Path) -> None:
    statuses: list[int] = []
    with served(app_of(open_world(data_dir, check_every=0.02))) as url:

        def ask() -> None:
            statuses.append(httpx.post(f"{url}/v1/search", json={"query": "DbDiskFull"}).status_code)

        with _asking(ask, threads=3) as failures:
            _ingest(data_dir)
            _wait_for(lambda: httpx.get(f"{url}/v1/knowledge").json()["generation"] == 2)

    assert failures == []
    assert set(statuses) == {200}


@contextmanager
def _asking(ask: Callable[[], None], *, threads: int) -> Iterator[list[Exception]]:
    """Call `ask` over and over from several threads while the block runs; yield what it raised."""
    failures: list[Exception] = []
    done = threading.Event()

    def ask_on() -> None:
        while not done.is_set():
            try:
                ask()
            except (GroundwatchError, httpx.HTTPError) as error:
                failures.append(error)

    running = [threading.Thread(target=ask_on) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield failures
    finally:
        done.set()
        for thread in running:
            thread.join()


def _write_generation(root: Path, model: str, *, expected: int) -> None:
    """Write an empty generation of a model, and leave the pointer where it is."""
    store = EdgeStore(root, WordEmbedder.dimension, minimum_free=0)
    before = store.current()
    if expected > 1 and before is None:
        store.promote(expected - 1)
    writer = store.begin(fresh=True)
    description = writer.finish(model=model, average_length=10.0)
    assert description.generation == expected


def _wait_for(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline, "the new generation was not served within 30 s"
        time.sleep(0.01)
