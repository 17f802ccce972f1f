"""The suites of a lying, breaking and obeying model: what a case counts as, and that every bar is met."""

from pathlib import Path

import pytest

from api.answering.answer import Answer, Confidence, Outcome, Removed, Statement, StatementKind, Writing
from evals.adversarial import HONEST_BAR, judge, measure_adversarial, measure_honest, measure_hostile, render
from evals.scripted_asking import Told
from evals.scripted_cases import SUITES, Case, load_hostile, load_kinds
from ingest.errors import UsageError


def _told(*texts: str, fallback: str = "", removed: tuple[Removed, ...] = ()) -> Told:
    statements = tuple(Statement(text, StatementKind.SENTENCE, (), written=not fallback) for text in texts)
    writing = Writing("scripted", fallback, removed)
    answer = Answer("q", Outcome.ANSWERED, "", statements, Confidence("high"), (), (), (), writing)
    return Told(answer, (), answer, (), ())


def _case(**given: object) -> Case:
    return Case.model_validate({"id": "c", "question": "q", **given})


def test_a_statement_that_had_to_be_removed_and_is_shown_fails_its_case() -> None:
    case = _case(statements=[{"text": "False.", "expect": "removed"}])

    assert judge(case, "k", _told("False.")).shown == ("False.",)
    assert judge(case, "k", _told("True.")).passed


def test_a_right_statement_that_is_not_shown_is_lost_with_the_reason() -> None:
    case = _case(statements=[{"text": "True.", "expect": "shown"}])

    result = judge(case, "k", _told("Other.", removed=(Removed("True.", "because"),)))

    assert result.lost == ("True. (because)",)
    assert result.passed


def test_forbidden_words_in_the_documents_own_answer_are_not_the_models() -> None:
    case = _case(forbidden=["secret"])

    assert judge(case, "k", _told("A secret.", fallback="it lied")).passed
    assert not judge(case, "k", _told("A secret.")).passed


def test_an_expected_fallback_or_outcome_that_does_not_come_is_a_fault() -> None:
    assert not judge(_case(fallback=True), "k", _told("True.")).passed
    assert not judge(_case(fallback=False), "k", _told("True.", fallback="why")).passed
    assert not judge(_case(outcome="partial"), "k", _told("True.")).passed
    assert not judge(_case(kept=["Missing words"]), "k", _told("True.")).passed


def test_the_suites_are_as_large_as_they_have_to_be() -> None:
    names = [case.id for kind in load_kinds(SUITES / "adversarial") for case in kind.cases]

    assert len(names) == len(set(names)) >= 60
    assert len(load_hostile(SUITES / "hostile")) >= 40
    assert sum(len(kind.cases) for kind in load_kinds(SUITES / "honest")) >= 30


def test_a_broken_case_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "kind.yaml").write_text("kind: x\ncases: []\n")

    with pytest.raises(UsageError, match=r"kind\.yaml"):
        load_kinds(tmp_path)


def test_a_suite_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no cases"):
        load_hostile(tmp_path)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory for the suites that ask the same handbook, so that it is ingested once."""
    return tmp_path_factory.mktemp("suites")


@pytest.mark.slow
def test_no_misbehaviour_is_shown_as_fact(ingested: Path) -> None:
    report = measure_adversarial(ingested)

    assert report.unsupported_shown == 0
    assert report.failed == ()
    assert "unsupported shown" in render(report)


@pytest.mark.slow
def test_honest_paraphrases_pass(ingested: Path) -> None:
    report = measure_honest(ingested)

    assert report.failed == ()
    assert report.right_lost <= (1 - HONEST_BAR) * report.right


@pytest.mark.slow
def test_no_hostile_document_is_obeyed() -> None:
    report = measure_hostile()

    assert report.unsupported_shown == 0
    assert report.failed == ()
