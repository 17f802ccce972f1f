"""Answers with a calibration: what a probability earns, what a veto allows, and when no number is told."""

from collections.abc import Callable
from dataclasses import fields

import pytest

from api.answering.answer import Answer, Outcome
from api.answering.answerer import Answerer
from api.answering.assessment import Assessment
from api.answering.calibration import Calibration
from api.answering.certainty import Certainty
from api.retrieval.search import Searcher
from tests.api.shop import FILES
from tests.small_knowledge import build_knowledge

QUESTION = "Why did search return nothing?"


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return build_knowledge(tmp_path_factory.mktemp("calibrated"), FILES)


def always(probability: float, *, adapter: str = "") -> Calibration:
    """Return a calibration that gives every answer the same probability."""
    return Calibration(
        name="tests",
        fitted="2026-01-01",
        n=100,
        base_rate=0.5,
        brier=0.1,
        brier_of_base_rate=0.25,
        ece=0.02,
        auroc=0.9,
        embedding_model="words@1",
        adapter=adapter,
        intercept=0.0,
        terms={},
        knots=[(0.5, probability)],
        reliability=[],
    )


@pytest.fixture
def ask(searcher: Searcher) -> Callable[[float, str], Answer]:
    def answer(probability: float, question: str = QUESTION) -> Answer:
        return Answerer(searcher, Assessment(always(probability))).answer(question)

    return answer


@pytest.mark.parametrize(
    ("probability", "outcome"),
    [(0.9, Outcome.ANSWERED), (0.4, Outcome.CAVEAT), (0.15, Outcome.PARTIAL), (0.05, Outcome.ABSTAINED)],
)
def test_the_outcome_is_what_the_probability_earns(
    ask: Callable[..., Answer], probability: float, outcome: Outcome
) -> None:
    answer = ask(probability)

    assert answer.outcome is outcome
    assert answer.confidence.value == probability
    assert answer.confidence.calibration is not None
    assert bool(answer.statements) == (outcome is not Outcome.ABSTAINED)


def test_a_partial_answer_and_an_abstention_say_what_is_missing(ask: Callable[..., Answer]) -> None:
    assert ask(0.15).missing
    assert ask(0.05).missing


def test_a_name_that_no_document_holds_is_at_best_partial_however_likely(ask: Callable[..., Answer]) -> None:
    answer = ask(0.99, "What do I do when CacheMeltdownImminent fires for search?")

    assert answer.outcome in (Outcome.PARTIAL, Outcome.ABSTAINED)
    assert "CacheMeltdownImminent" in answer.missing


def test_of_several_parts_that_nothing_covers_no_number_is_told(ask: Callable[..., Answer]) -> None:
    answer = ask(0.9, "How do I brew espresso and why does the violin squeak?")

    assert answer.outcome is Outcome.ABSTAINED
    assert (answer.confidence.value, answer.confidence.calibration) == (None, None)


def test_the_reason_names_the_part_that_is_not_answered(ask: Callable[..., Answer]) -> None:
    answer = ask(0.9, "Why did search return nothing, and why does the violin squeak?")

    assert answer.outcome is Outcome.PARTIAL
    assert "violin squeak" in answer.reason


def test_with_another_adapter_in_use_there_are_words_and_no_number(searcher: Searcher) -> None:
    answerer = Answerer(searcher, Assessment(always(0.9), adapter=lambda: "another"))

    answer = answerer.answer(QUESTION)

    assert answer.outcome is Outcome.ANSWERED
    assert (answer.confidence.value, answer.confidence.calibration) == (None, None)


def test_every_feature_of_the_certainty_is_a_finite_number(searcher: Searcher) -> None:
    considered = Answerer(searcher).consider(QUESTION)
    judged = considered.verdicts[0].judged
    assert judged is not None

    certainty = considered.assessor.certainty(judged)

    values = [getattr(certainty, field.name) for field in fields(Certainty)]
    assert all(isinstance(value, float) and abs(value) < 100 for value in values)
    assert 0 < certainty.found_coverage <= 1
