"""How answers about incidents are marked, and that a made-up incident's rows give questions with their answers."""

from pathlib import Path

import pytest

from api.schemas.investigation_questions import IncidentAnswer, IncidentOutcome, IncidentStatement, Topic
from evals.incident_questions import Expected, Mark, ask_about, mark
from tests.evals.incident_cases import incident_cases


def _answer(*texts: str) -> IncidentAnswer:
    return IncidentAnswer(
        question="?",
        topic=Topic.CAUSE,
        components=[],
        outcome=IncidentOutcome.ANSWERED,
        statements=[IncidentStatement(text=text, observations=["o1"]) for text in texts],
        missing=[],
        guidance=[],
    )


@pytest.mark.parametrize(
    ("answer", "expected", "right"),
    [
        (_answer("cart is slow"), Expected(("Cart",), ("o1", "o2")), Mark.RIGHT),
        (_answer("cart is slow"), Expected(("cart",), ("o2",)), Mark.WRONG),
        (_answer("cart is slow"), Expected(("pay",)), Mark.WRONG),
        (_answer("cart is slow"), Expected(never=("slow",)), Mark.WRONG),
        (_answer("cart is slow"), Expected(), Mark.WRONG),
        (_answer(), Expected(("cart",)), Mark.OPEN),
        (_answer(), Expected(), Mark.RIGHT),
    ],
)
def test_an_answer_is_marked_by_its_words_and_observations(
    answer: IncidentAnswer, expected: Expected, right: Mark
) -> None:
    assert mark(answer, expected) is right


def test_a_case_is_asked_about_by_what_its_rows_hold(tmp_path: Path) -> None:
    marked = ask_about(incident_cases(tmp_path, 1) / "shop" / "case-0")

    assert {"cause", "onset", "logs", "affected", "changes", "none"} <= {one.posed.kind for one in marked}
    assert all(one.mark is Mark.RIGHT for one in marked), [one for one in marked if one.mark is not Mark.RIGHT]
