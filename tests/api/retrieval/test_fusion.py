"""Legs to scores, passages to documents, and what status and age do to them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.retrieval.fusion import Leg, Signals, document_scores, fuse, scale, trust
from api.retrieval.tuning import DEFAULT_TUNING, HALF_LIFE_YEARS, RetrievalTuning
from ingest.knowledge.documents import DocumentFacts, DocumentKind, DocumentStatus
from ingest.knowledge.index import LegHit

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _facts(
    name: str, status: DocumentStatus = DocumentStatus.CURRENT, updated_at: datetime | None = None
) -> DocumentFacts:
    return DocumentFacts(name, "docs", name, name, DocumentKind.RUNBOOK, status, "r", updated_at=updated_at)


def test_a_leg_counts_by_its_weight_and_its_spread() -> None:
    fused = fuse(
        [
            Leg("lexical", 1.0, [LegHit("a", 9.0), LegHit("b", 5.0), LegHit("c", 1.0)]),
            Leg("dense", 0.5, [LegHit("b", 0.9), LegHit("a", 0.1)]),
        ]
    )

    assert [(f.passage_id, f.score) for f in fused] == [("a", 1.0), ("b", 1.0), ("c", 0.0)]
    assert fused[0].legs == ("lexical", "dense")
    assert fused[1].cosine == 0.9
    assert fused[2].cosine is None


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_scaled_scores_lie_between_0_and_1_and_keep_their_order(scores: list[float]) -> None:
    scaled = scale(scores)

    assert all(0.0 <= value <= 1.0 for value in scaled)
    assert sorted(range(len(scores)), key=lambda i: scores[i]) == sorted(
        range(len(scores)), key=lambda i: (scaled[i], scores[i])
    )


def test_a_document_with_more_good_passages_wins_over_an_equal_best_one() -> None:
    fused = fuse([Leg("lexical", 1.0, [LegHit("a1", 3.0), LegHit("b1", 3.0), LegHit("b2", 2.0), LegHit("z", 1.0)])])
    documents = {"a1": _facts("a"), "b1": _facts("b"), "b2": _facts("b"), "z": _facts("z")}

    scores = document_scores(fused, documents, (), Signals(), RetrievalTuning(second=0.2, third=0.1))

    assert scores["b"] == pytest.approx(1.1)
    assert scores["a"] == pytest.approx(1.0)


def test_what_is_not_current_counts_less() -> None:
    order = [trust(_facts("a", status)) for status in DocumentStatus]

    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)


def test_age_costs_a_document_no_more_than_its_share() -> None:
    young = trust(_facts("a", updated_at=NOW), now=NOW)
    old = trust(_facts("a", updated_at=NOW - timedelta(days=4000)), now=NOW)
    future = trust(_facts("a", updated_at=NOW + timedelta(days=400)), now=NOW)

    assert young == future == 1.0
    assert 1.0 - DEFAULT_TUNING.age <= old < 1.0


def test_titles_links_and_the_kind_wanted_speak_for_a_document() -> None:
    fused = fuse([Leg("lexical", 1.0, [LegHit("a", 2.0), LegHit("b", 1.0)])])
    past = DocumentFacts("p", "docs", "p", "p", DocumentKind.POSTMORTEM, DocumentStatus.CURRENT, "r")
    tuning = RetrievalTuning(title=0.3, postmortem=1.5)
    signals = Signals(titles={"b": 1.0, "elsewhere": 1.0}, links={"p": 0.4}, narrative=True)

    scores = document_scores(fused, {"a": _facts("a"), "b": _facts("b")}, [past], signals, tuning)

    assert scores == pytest.approx({"a": 1.0, "b": 0.3, "p": 0.6})


def test_how_fast_age_counts_is_a_matter_of_kind() -> None:
    year_old = NOW - timedelta(days=365)
    runbook = DocumentFacts(
        "a", "docs", "a", "a", DocumentKind.RUNBOOK, DocumentStatus.CURRENT, "r", updated_at=year_old
    )
    postmortem = DocumentFacts(
        "b", "docs", "b", "b", DocumentKind.POSTMORTEM, DocumentStatus.CURRENT, "r", updated_at=year_old
    )
    architecture = DocumentFacts(
        "c", "docs", "c", "c", DocumentKind.ARCHITECTURE, DocumentStatus.CURRENT, "r", updated_at=year_old
    )

    assert trust(runbook, now=NOW) < trust(architecture, now=NOW) < trust(postmortem, now=NOW) == 1.0
    assert set(HALF_LIFE_YEARS) == set(DocumentKind)
