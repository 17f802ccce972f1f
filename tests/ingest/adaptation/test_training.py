"""Training: it learns a turn that the questions share, is reproducible, and gives the identity where nothing helps."""

from collections.abc import Callable

import numpy as np
import pytest

from ingest.adaptation.evaluation import dense_ranks, reciprocal
from ingest.adaptation.negatives import HARD_NEGATIVES
from ingest.adaptation.pairs import Pair
from ingest.adaptation.passage_table import PassageTable
from ingest.adaptation.training import Lesson, Trained, TrainingOptions, train
from ingest.knowledge.index import Vector
from ingest.knowledge.query_adapter import QueryAdapter
from tests.ingest.adaptation.material import pair_for, silent, table_of, unit

OPTIONS = TrainingOptions(rank=16, epochs=15, batch=64, sampled=64, learning_rate=0.02, threads=1)


class Course:
    """Passages at random places; each question lies where its passage does, turned by the same rotation."""

    def __init__(self, *, turned: bool) -> None:
        random = np.random.default_rng(1)
        passages = unit(random.standard_normal((300, 16)).astype(np.float32))
        turn = np.linalg.qr(random.standard_normal((16, 16)))[0] if turned else np.eye(16)
        noise = 0.1 * random.standard_normal((300, 16))
        self.queries: Vector = unit((passages @ (np.eye(16) + 0.8 * turn) + noise).astype(np.float32))
        self.table: PassageTable = table_of(passages, [f"document {row:03}" for row in range(300)])
        self.pairs: list[Pair] = [pair_for(row, self.table) for row in range(300)]

    def lesson(self) -> Lesson:
        right = np.arange(200, dtype=np.int64)
        wrong = np.stack([(right + step) % 200 for step in range(1, HARD_NEGATIVES + 1)], axis=1)
        return Lesson(self.pairs[:200], self.queries[:200], right, wrong)

    def score(self, adapter: QueryAdapter | None) -> float:
        return float(reciprocal(dense_ranks(self.table, self.pairs[200:], self.queries[200:], adapter)).mean())

    def run(self, validate: Callable[[QueryAdapter | None], float] | None = None) -> Trained:
        return train(self.table, self.lesson(), "words@1", validate or self.score, OPTIONS, silent)


def test_a_turn_that_all_questions_share_is_learned_for_questions_never_seen() -> None:
    course = Course(turned=True)

    trained = course.run()

    assert trained.after > trained.before + 0.1
    assert course.score(trained.adapter) == pytest.approx(trained.after)


def test_the_same_input_gives_the_same_adapter() -> None:
    first, second = Course(turned=True).run(), Course(turned=True).run()

    assert np.array_equal(first.adapter.up, second.adapter.up)
    assert np.array_equal(first.adapter.down, second.adapter.down)


def test_where_no_epoch_helps_the_identity_is_returned_and_training_stops_early() -> None:
    course = Course(turned=False)

    trained = course.run(lambda adapter: 1.0 if adapter is None else 0.5)

    assert trained.epochs == OPTIONS.patience
    assert trained.after == trained.before
    assert np.allclose(trained.adapter.apply(course.queries), course.queries, atol=1e-6)


def test_a_question_without_hard_negatives_is_learned_from_all_the_same() -> None:
    course = Course(turned=True)
    lesson = course.lesson()
    bare = Lesson(lesson.pairs, lesson.queries, lesson.right, np.full_like(lesson.wrong, -1))

    trained = train(course.table, bare, "words@1", course.score, OPTIONS, silent)

    assert trained.after > trained.before


def test_stopping_it_leaves_as_many_threads_as_there_were() -> None:
    import torch

    before = torch.get_num_threads()

    def interrupted(adapter: QueryAdapter | None) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Course(turned=True).run(interrupted)

    assert torch.get_num_threads() == before
