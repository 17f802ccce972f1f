"""The sheet of answers: statements are found again by a digest of their words, and shares count what was read."""

from api.answering.answer import Outcome, StatementKind
from api.schemas.answers import Answer, Confidence, Statement
from evals.answer_sheet import Sheet, load_marks, report, statement_digest


def _sheet(name: str, *texts: str) -> Sheet:
    statements = [Statement(text=text, kind=StatementKind.SENTENCE, citations=[]) for text in texts]
    answer = Answer(
        id="a", question="q", outcome=Outcome.ANSWERED, reason="", statements=statements,
        confidence=Confidence(words="high"), missing=[], nearest=[], warnings=[], generation=1, took_ms=1.0,
    )  # fmt: skip
    return Sheet(name, "alerts", "q", True, answer)


def test_a_digest_does_not_depend_on_white_space() -> None:
    assert statement_digest("restart  the\npod") == statement_digest("restart the pod")


def test_shares_count_statements_that_were_read() -> None:
    sheets = [_sheet("a", "one", "two"), _sheet("b", "three", "four")]
    marks = {("a", statement_digest("one")): 2, ("a", statement_digest("two")): 1, ("b", statement_digest("three")): 0}

    every = report(sheets, marks).scores[0]

    assert (every.name, every.answers, every.statements, every.unread) == ("all", 2, 4, 1)
    assert every.answering is not None
    assert every.on_the_matter is not None
    assert every.answering.value == 1 / 3
    assert every.on_the_matter.value == 2 / 3


def test_without_marks_there_is_no_share() -> None:
    assert report([_sheet("a", "one")], {}).scores[0].answering is None


def test_the_marks_that_are_kept_hold_no_words() -> None:
    marks = load_marks()

    assert len(marks) > 500
    assert all(len(statement) == 16 for _, statement in marks)
