"""A run beside an earlier one tells what moved beyond noise, and in which direction."""

from pathlib import Path

import pytest

from api.evaluations import EvaluationHistory
from api.schemas.comparisons import Comparison
from api.schemas.evaluations import EvaluationReport
from evals.quality.comparison import compare, regressions
from evals.quality.history import KeptCase, keep, kept_cases
from evals.quality.results import CaseResult, Measured
from evals.quality.scoring import suite_report
from tests.evals.quality.material import case, report, suite

THEN, NOW = "20260101T000000Z-aaaa", "20260102T000000Z-bbbb"


class Runs:
    """Runs of one suite, kept below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.history = EvaluationHistory(folder / "history")

    def report(self, id: str, cases: list[CaseResult]) -> tuple[EvaluationReport, list[KeptCase]]:
        made = report(id, suite_report(suite(self.folder), Measured(tuple(cases)), 1.0))
        return made, kept_cases("mine", cases)

    def kept(self, id: str, cases: list[CaseResult]) -> None:
        made, kept = self.report(id, cases)
        keep(self.history, made, cases=kept, comparison=Comparison(id=id, suites=[]), text="", plots={})

    def compared(self, cases: list[CaseResult]) -> Comparison:
        made, kept = self.report(NOW, cases)
        return compare(self.history, made, kept)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def resolved(right: int, n: int = 100) -> list[CaseResult]:
    return [case(str(i), failed=i >= right, places_resolve=float(i < right)) for i in range(n)]


def test_the_first_run_has_nothing_beside_it(runs: Runs) -> None:
    assert runs.compared(resolved(90)).suites == []


def test_a_score_that_fell_beyond_noise_is_worse_and_a_regression(runs: Runs) -> None:
    runs.kept(THEN, resolved(95))
    found = runs.compared(resolved(80))
    (change,) = found.suites[0].changes

    assert (change.verdict, change.before, change.after, change.n) == ("worse", 0.95, 0.80, 100)
    assert change.low < change.difference == pytest.approx(-0.15)
    assert change.high < 0
    assert regressions(found) == [regressions(found)[0]]
    assert "places resolve 0.950 -> 0.800" in regressions(found)[0]
    assert len(found.suites[0].newly_failed) == 15


def test_a_score_that_rose_beyond_noise_is_better(runs: Runs) -> None:
    runs.kept(THEN, resolved(80))
    found = runs.compared(resolved(95))

    assert found.suites[0].changes[0].verdict == "better"
    assert regressions(found) == []
    assert len(found.suites[0].mended) == 15


def test_one_case_more_or_less_is_noise(runs: Runs) -> None:
    runs.kept(THEN, resolved(95))

    assert runs.compared(resolved(94)).suites[0].changes[0].verdict == "equal"


def test_where_lower_is_better_a_rise_is_worse(runs: Runs) -> None:
    def shown(p: float) -> list[CaseResult]:
        return [case(str(i), confidence=p if i % 2 else 1 - p, confidence_confirmed=i % 2) for i in range(60)]

    runs.kept(THEN, shown(0.9))
    changes = {change.name: change.verdict for change in runs.compared(shown(0.6)).suites[0].changes}

    assert changes["Brier score"] == "worse"
    assert changes["AUROC of confidence"] == "equal"


def test_a_machines_speed_is_not_compared(runs: Runs) -> None:
    runs.kept(THEN, [case(str(i), seconds_per_question=0.1) for i in range(20)])

    assert runs.compared([case(str(i), seconds_per_question=0.9) for i in range(20)]).suites[0].changes == []


def test_only_the_cases_of_both_are_compared_and_the_others_counted(runs: Runs) -> None:
    runs.kept(THEN, resolved(100, 100))
    found = runs.compared([*resolved(100, 80), case("new", places_resolve=0)])

    assert (found.suites[0].cases, found.suites[0].changes[0].verdict) == (80, "equal")
    assert "1 cases are new and 20 gone" in found.suites[0].note


def test_a_question_that_was_rewritten_is_another_case(runs: Runs) -> None:
    runs.kept(THEN, resolved(10, 10))
    rewritten = [CaseResult(str(i), "", "another question", {"places resolve": 0.0}) for i in range(10)]

    assert runs.compared(rewritten).suites == []


def test_the_last_run_that_asked_mostly_the_same_is_taken(runs: Runs) -> None:
    runs.kept("20260101T000000Z-0001", resolved(50, 100))
    runs.kept("20260101T000000Z-0002", [case(f"other {i}", places_resolve=1) for i in range(50)])

    assert runs.compared(resolved(90)).suites[0].against == "20260101T000000Z-0001"


def test_other_documents_are_told(runs: Runs) -> None:
    runs.kept(THEN, resolved(9, 10))
    made, kept = runs.report(NOW, resolved(9, 10))
    grown = made.model_copy(update={"documents": 4, "passages": 9, "embedding_model": "other@2"})
    note = compare(runs.history, grown, kept).suites[0].note

    assert "3 documents with 3 passages then, 4 with 9 now" in note
    assert "embedded by words@1 then, by other@2 now" in note


def test_a_run_that_cannot_be_read_is_passed_over(runs: Runs) -> None:
    runs.kept("20260101T000000Z-0001", resolved(90))
    runs.kept("20260101T000000Z-0002", resolved(50))
    (runs.history.folder / "20260101T000000Z-0002" / "report.json").write_text("{")

    assert runs.compared(resolved(90)).suites[0].against == "20260101T000000Z-0001"
