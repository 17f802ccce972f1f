"""Cases become scores with their n, interval and bar; what could not be measured says why."""

from pathlib import Path

import pytest

from evals.quality.declaration import Suite
from evals.quality.results import Measured
from evals.quality.scoring import MOST_FAILED, skipped_report, suite_report
from tests.evals.quality.material import case, suite


def barred(folder: Path, *bars: dict[str, object]) -> Suite:
    return suite(folder, bars=[{"reason": "promised", **bar} for bar in bars])


def test_an_average_comes_with_its_n_its_interval_and_its_bar(tmp_path: Path) -> None:
    cases = [case(str(n), places_resolve=float(n > 2)) for n in range(10)]
    (score,) = suite_report(
        barred(tmp_path, {"score": "places resolve", "at_least": 0.9}), Measured(tuple(cases)), 1
    ).scores

    assert (score.value, score.n, score.bar, score.better, score.unit) == (0.7, 10, 0.9, "higher", "share")
    assert score.low is not None
    assert score.high is not None
    assert score.low < 0.7 < score.high
    assert score.reason == "promised"


def test_groups_are_scored_each_and_together(tmp_path: Path) -> None:
    cases = [case("1", group="a", places_resolve=1), case("2", group="b", places_resolve=0)]
    scores = suite_report(suite(tmp_path), Measured(tuple(cases)), 1).scores

    assert [(one.group, one.value) for one in scores] == [("", 0.5), ("a", 1.0), ("b", 0.0)]


def test_a_case_without_a_value_does_not_count(tmp_path: Path) -> None:
    cases = [case("1", places_resolve=1), case("2", right_document_cited=0)]
    scores = suite_report(suite(tmp_path), Measured(tuple(cases)), 1).scores

    assert {one.name: one.n for one in scores} == {"places resolve": 1, "right document cited": 1}


def test_a_bar_that_nothing_was_measured_for_says_so(tmp_path: Path) -> None:
    ours = barred(
        tmp_path,
        {"score": "MRR@10", "group": "faq", "at_least": 0.4},
        {"score": "expected calibration error", "at_most": 0.05},
    )
    measured = Measured((case("1", places_resolve=1),), notes={"confidence": "no calibration fits"})
    by_name = {one.name: one for one in suite_report(ours, measured, 1).scores}

    assert (by_name["MRR@10"].value, by_name["MRR@10"].n) == (None, 0)
    assert by_name["MRR@10"].reason == "no case of the group 'faq' has this score"
    assert by_name["expected calibration error"].reason == "no calibration fits"
    assert by_name["expected calibration error"].better == "lower"


def test_calibration_is_computed_over_all_cases_that_showed_a_confidence(tmp_path: Path) -> None:
    cases = [case(str(n), confidence=0.9 if n % 2 else 0.2, confidence_confirmed=n % 2) for n in range(40)]
    by_name = {one.name: one for one in suite_report(suite(tmp_path), Measured(tuple(cases)), 1).scores}

    assert by_name["AUROC of confidence"].value == 1.0
    assert by_name["Brier score"].value == pytest.approx((0.01 + 0.04) / 2)
    assert by_name["expected calibration error"].value == pytest.approx(0.15)
    assert by_name["area under risk-coverage"].n == 40
    assert "confidence" not in by_name


def test_a_confidence_with_nothing_to_tell_apart_is_scored_only_where_that_was_promised(tmp_path: Path) -> None:
    cases = Measured(tuple(case(str(n), confidence=0.5, confidence_confirmed=1) for n in range(4)))
    promised = barred(tmp_path, {"score": "AUROC of confidence", "at_least": 0.9})

    assert suite_report(suite(tmp_path), cases, 1).scores == []
    (score,) = suite_report(promised, cases, 1).scores
    assert score.value is None
    assert "nothing to tell apart" in score.reason


def test_failed_cases_are_counted_all_and_kept_up_to_a_limit(tmp_path: Path) -> None:
    cases = tuple(case(str(n), failed=n > 0) for n in range(MOST_FAILED + 11))
    report = suite_report(suite(tmp_path), Measured(cases), 1)

    assert (report.n, report.failures, len(report.failed)) == (MOST_FAILED + 11, MOST_FAILED + 10, MOST_FAILED)
    assert report.failed[0].reason == "it went wrong"


def test_a_suite_that_did_not_run_keeps_its_reason(tmp_path: Path) -> None:
    report = skipped_report(suite(tmp_path), "no corpus")

    assert (report.n, report.scores, report.skipped) == (0, [], "no corpus")
