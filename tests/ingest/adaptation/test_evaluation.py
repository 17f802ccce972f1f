"""Evaluation: ranks by family, hidden passages, and intervals that do not take one document for many."""

import numpy as np
import pytest

from ingest.adaptation.evaluation import by_kind, compare, dense_ranks
from ingest.adaptation.pairs import Pair, PairKind
from ingest.adaptation.passage_table import PassageTable
from ingest.knowledge.query_adapter import QueryAdapter
from tests.ingest.adaptation.material import pair_for, table_of, unit

NAMES = [f"document {number}" for number in range(5)]


def fan() -> PassageTable:
    """Return five passages that lie ever further from the direction (1, 0)."""
    angles = np.array([0.0, 0.2, 0.4, 0.6, 0.8])
    return table_of(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), NAMES)


EAST = np.array([[1.0, 0.0]], dtype=np.float32)


def test_a_rank_counts_the_families_that_lie_nearer() -> None:
    table = fan()
    pairs = [pair_for(row, table) for row in range(5)]

    ranks = dense_ranks(table, pairs, np.repeat(EAST, 5, axis=0))

    assert ranks.tolist() == [1, 2, 3, 4, 5]


def test_hidden_passages_neither_stand_in_the_way_nor_answer() -> None:
    table = fan()
    pairs = [pair_for(2, table, hidden=(0, 1)), pair_for(0, table, hidden=(0,))]

    ranks = dense_ranks(table, pairs, np.repeat(EAST, 2, axis=0))

    assert ranks.tolist() == [1, 5]


def test_an_adapter_turns_the_questions_only() -> None:
    table = fan()
    north = QueryAdapter("words@1", np.array([[1.0], [0.0]], np.float32), np.array([[-1.0, 1.0]], np.float32))

    ranks = dense_ranks(table, [pair_for(4, table)], EAST, north)

    assert ranks.tolist() == [1]


def test_a_document_below_the_tenth_rank_is_not_found() -> None:
    random = np.random.default_rng(0)
    table = table_of(
        unit(random.standard_normal((30, 4)).astype(np.float32)), [f"d{number:02}" for number in range(30)]
    )
    query = table.vectors[:1]
    last = int(np.argmin(table.vectors @ query[0]))

    assert dense_ranks(table, [pair_for(last, table)], query).tolist() == [0]


def test_many_questions_about_one_document_do_not_make_a_change_certain() -> None:
    table = fan()
    one = [pair_for(0, table)] * 40 + [pair_for(row, table) for row in range(1, 5)]
    before = np.ones(44, dtype=np.int64)
    before[:40] = 2
    after = np.ones(44, dtype=np.int64)

    found = compare("search", one, before, after)

    assert found.after > found.before
    assert found.low == 0.0  # draws without the one document show no change


def test_a_gain_on_every_document_is_certain() -> None:
    table = fan()
    pairs = [pair_for(row, table) for row in range(5)]

    found = compare("search", pairs, np.full(5, 2), np.full(5, 1))

    assert (found.before, found.after, found.low, found.high) == (0.5, 1.0, 0.5, 0.5)


def test_kinds_that_are_not_there_are_left_out() -> None:
    table = fan()
    pairs: list[Pair] = [pair_for(0, table, PairKind.LINK), pair_for(1, table, PairKind.ALERT)]

    found = by_kind("dense", pairs, np.array([1, 1]), np.array([1, 2]))

    assert [(one.measure, one.n) for one in found] == [("dense, alert", 1), ("dense, link", 1)]


def test_no_pairs_are_no_measure() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        compare("search", [], np.array([], np.int64), np.array([], np.int64))
