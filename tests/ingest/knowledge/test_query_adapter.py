"""The adapter on questions: what it changes, what it leaves alone, and how a changed one is picked up."""

import logging
from dataclasses import dataclass, field

import numpy as np
import pytest

from ingest.errors import StorageFailed
from ingest.knowledge.query_adapter import AdaptedEmbedder, FixedAdapter, QueryAdapter
from tests.fakes import FakeEmbedder


def adapter_for(embedder: FakeEmbedder, model: str | None = None) -> QueryAdapter:
    """Return an adapter that turns every question."""
    random = np.random.default_rng(7)
    down, up = random.standard_normal((embedder.dimension, 4)), random.standard_normal((4, embedder.dimension))
    return QueryAdapter(model or embedder.model, down.astype(np.float32), up.astype(np.float32))


@dataclass
class Changing:
    """Adapters that change between two questions; an error in their place is raised."""

    current: QueryAdapter | StorageFailed | None = None
    number: int = 0
    loads: list[int] = field(default_factory=list)

    def put(self, current: QueryAdapter | StorageFailed | None) -> None:
        self.current, self.number = current, self.number + 1

    def revision(self) -> object:
        return self.number

    def load_current(self) -> QueryAdapter | None:
        self.loads.append(self.number)
        if isinstance(self.current, StorageFailed):
            raise self.current
        return self.current


def test_without_an_adapter_a_question_keeps_its_vector() -> None:
    base = FakeEmbedder()

    assert np.array_equal(
        AdaptedEmbedder(base, FixedAdapter(None)).embed_query("disk full"), base.embed_query("disk full")
    )


def test_questions_are_adapted_at_unit_length_and_passages_never() -> None:
    base = FakeEmbedder()
    embedder = AdaptedEmbedder(base, FixedAdapter(adapter_for(base)))

    question, passages = embedder.embed_query("disk full"), embedder.embed_passages(["disk full"])

    assert np.linalg.norm(question) == pytest.approx(1.0, abs=1e-5)
    assert question.dtype == np.float32
    assert not np.allclose(question, base.embed_query("disk full"))
    assert np.array_equal(passages, base.embed_passages(["disk full"]))


def test_it_names_the_model_whose_passages_it_searches() -> None:
    base = FakeEmbedder()

    embedder = AdaptedEmbedder(base, FixedAdapter(adapter_for(base)))

    assert (embedder.model, embedder.dimension) == (base.model, base.dimension)
    assert embedder.count_tokens(["two words"]) == [2]


def test_a_changed_adapter_is_taken_up_and_an_unchanged_one_is_not_read_again() -> None:
    base, adapters = FakeEmbedder(), Changing()
    embedder = AdaptedEmbedder(base, adapters)
    plain = embedder.embed_query("disk full")

    adapters.put(adapter_for(base))
    adapted = [embedder.embed_query("disk full") for _ in range(3)]
    adapters.put(None)
    again = embedder.embed_query("disk full")

    assert not np.allclose(adapted[0], plain)
    assert np.array_equal(again, plain)
    assert adapters.loads == [0, 1, 2]


def test_it_says_which_adapter_questions_get_now() -> None:
    base, adapters = FakeEmbedder(), Changing()
    embedder, adapter = AdaptedEmbedder(base, adapters), adapter_for(base)

    said = [embedder.adapter_in_use()]
    for current in (adapter, adapter_for(base, model="another"), StorageFailed("damaged"), None):
        adapters.put(current)
        said.append(embedder.adapter_in_use())

    assert said == ["", adapter.digest, "", "", ""]


def test_an_adapter_of_another_model_is_refused_and_said_so(caplog: pytest.LogCaptureFixture) -> None:
    base = FakeEmbedder()
    embedder = AdaptedEmbedder(base, FixedAdapter(adapter_for(base, model="other@2")))

    with caplog.at_level(logging.WARNING):
        question = embedder.embed_query("disk full")

    assert np.array_equal(question, base.embed_query("disk full"))
    assert "other@2" in caplog.text


def test_a_damaged_adapter_does_not_stop_the_search(caplog: pytest.LogCaptureFixture) -> None:
    base, adapters = FakeEmbedder(), Changing()
    adapters.put(StorageFailed("adapter 3 is damaged"))

    with caplog.at_level(logging.WARNING):
        question = AdaptedEmbedder(base, adapters).embed_query("disk full")

    assert np.array_equal(question, base.embed_query("disk full"))
    assert "adapter 3 is damaged" in caplog.text


def test_a_vector_that_the_map_sends_to_nothing_stays_as_it_is() -> None:
    away = QueryAdapter("fake@1", -np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32))
    vector = np.array([0.6, 0.8, 0.0], dtype=np.float32)

    assert np.array_equal(away.apply(vector), vector)


@pytest.mark.parametrize(
    ("down", "up"),
    [
        (np.zeros((4, 2)), np.zeros((3, 4))),
        (np.zeros(4), np.zeros(4)),
        (np.full((4, 2), np.nan), np.zeros((2, 4))),
    ],
)
def test_matrices_that_are_no_adapter_are_refused(down: np.ndarray, up: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no adapter"):
        QueryAdapter("fake@1", down, up)
