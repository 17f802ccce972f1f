"""Two tunings over the same questions are compared in pairs."""

import pytest

from api.retrieval.tuning import DEFAULT_TUNING
from evals.ablation import AblationReport, changed_tuning, differences, render
from evals.corpus import Bench
from evals.questions import Question
from evals.retrieval import Contest
from ingest.errors import UsageError


def test_a_tuning_differs_by_what_was_set() -> None:
    tuning = changed_tuning(["link=0", "candidates=50"])

    assert (tuning.link, tuning.candidates, tuning.dense) == (0.0, 50, DEFAULT_TUNING.dense)


@pytest.mark.parametrize(("change", "words"), [("colour=1", "names no number"), ("link=much", "gives no number")])
def test_what_is_no_number_of_retrieval_is_refused_by_name(change: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        changed_tuning([change])


def test_a_search_without_its_legs_loses(bench: Bench, questions: list[Question]) -> None:
    same = Contest(bench, questions).compare(DEFAULT_TUNING)
    found = differences(same)
    worse = differences([(question, packaged, 0) for question, packaged, _ in same])

    assert sum(one.n for one in found) == len(questions)
    assert all(one.moved == 0 and one.gain.value == 0 for one in found)
    assert any(one.moved and one.gain.value > 0 for one in worse)
    assert "gain of the packaged" in render(AblationReport(("link=0",), 3, tuple(found)))
