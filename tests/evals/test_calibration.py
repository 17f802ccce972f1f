"""Fitting a calibration: labels, folds, what people read, and a site's own feedback."""

import random
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from api.answering.calibration import Calibration, packaged_calibration
from api.answering.certainty import Certainty
from api.answering.ladder import Costs
from evals.answers import Condition
from evals.calibration import measure_calibration, render
from evals.calibration_cases import CalibrationCase, SheetRow, load_cases, load_sheets, save_cases
from evals.calibration_fit import Judged, Labelled, as_calibration, cross_validate, fit, label, recalibrated, spread
from evals.questions import QuestionSet
from evals.reliability import auroc, expected_calibration_error
from evals.site_calibration import SiteLabels, refit
from ingest.errors import UsageError

_NOTHING = Certainty(*([0.0] * len(fields(Certainty))))


def case(number: int, *, right: bool, cosine: float, condition: Condition = Condition.FOUND) -> CalibrationCase:
    return CalibrationCase(
        id=f"q{number}",
        set=QuestionSet.KUBEFIX,
        condition=condition,
        key=f"doc{number}.md",
        cited=f"cited{number}.md",
        right=right,
        in_top=right,
        vetoed=False,
        certainty=replace(_NOTHING, cosine=cosine),
    )


def cases(count: int) -> list[CalibrationCase]:
    """Right answers are near the question more often than wrong ones; the rest is noise."""
    drawn = random.Random(1)
    made = []
    for number in range(count):
        right = drawn.random() < 0.4
        made.append(case(number, right=right, cosine=drawn.gauss(0.7 if right else 0.5, 0.1)))
    return made


@pytest.fixture(scope="module")
def labelled() -> list[Labelled]:
    """Return labelled cases; of the wrong ones the right document was left out of the index."""
    return label([one if one.right else replace(one, condition=Condition.EXCLUDED) for one in cases(400)], [])


@pytest.fixture(scope="module")
def judged(labelled: list[Labelled]) -> list[Judged]:
    """Return them with probabilities by models that saw other documents."""
    return cross_validate(labelled)


@pytest.fixture(scope="module")
def kept(labelled: list[Labelled], judged: list[Judged]) -> Calibration:
    """Return the calibration that is made of them."""
    return as_calibration(fit(labelled), judged, name="t", embedding_model="m", on=date(2026, 1, 2))


def test_probabilities_of_unseen_documents_tell_right_from_wrong_and_are_honest(judged: list[Judged]) -> None:
    p, y = spread(judged)

    assert auroc(p, y) > 0.85
    assert expected_calibration_error(p, y) < 0.08
    assert len(judged) == 400


def test_what_was_fitted_says_how_it_did_and_gives_the_same_numbers_when_read_back(
    labelled: list[Labelled], kept: Calibration
) -> None:
    again = type(kept).model_validate_json(kept.model_dump_json())

    assert again.probability(labelled[0].case.certainty) == kept.probability(labelled[0].case.certainty)
    assert (again.n, again.fitted, again.name) == (400, "2026-01-02", "t")
    assert again.brier < again.brier_of_base_rate


def test_answering_from_a_higher_probability_on_says_less_and_withholds_more(
    judged: list[Judged], kept: Calibration
) -> None:
    report = measure_calibration(judged, kept, Costs())

    answered, withheld = [one.answered or 0 for one in report.trade], [one.withheld or 0 for one in report.trade]
    assert answered == sorted(answered, reverse=True)
    assert withheld == sorted(withheld)
    assert answered[0] > answered[-1]
    assert "always the base rate" in render(report)


def test_too_few_labels_are_refused_with_their_number() -> None:
    with pytest.raises(UsageError, match=r"12 labelled cases"):
        fit(label(cases(12), []))


def test_a_read_sample_stands_for_its_stratum_and_the_unread_are_left_out() -> None:
    wrong = [case(number, right=False, cosine=0.5) for number in range(10)]
    sheet = [
        SheetRow(id=f"q{n}", set=QuestionSet.KUBEFIX, condition="full", doc_path=f"cited{n}.md", label=n, why="read")
        for n in (0, 2)
    ]

    labelled = label([*wrong, case(99, right=True, cosine=0.9)], sheet)

    assert [(one.case.id, one.right, one.stands_for, one.read) for one in labelled] == [
        ("q0", False, 5.0, True),
        ("q2", True, 5.0, True),
        ("q99", True, 1.0, False),
    ]


def test_cases_come_back_as_they_were_kept(tmp_path: Path) -> None:
    made = cases(5)
    save_cases(tmp_path / "cases.jsonl", made)

    assert load_cases(tmp_path / "cases.jsonl") == made


def test_the_label_sheets_are_in_order() -> None:
    rows = load_sheets()

    assert len({(row.set, row.id, row.condition, row.doc_path) for row in rows}) == len(rows)
    assert {row.label for row in rows} <= {0, 1, 2}
    assert all(row.why and row.condition in ("full", "excluded") for row in rows)


def _labels(count: int) -> SiteLabels:
    """Labels of a site whose near answers are right more often than its far ones."""
    drawn = random.Random(3)
    made = []
    for number in range(count):
        one = case(number, right=False, cosine=drawn.uniform(0.3, 0.9))
        right = drawn.random() < one.certainty.cosine
        made.append(Labelled(replace(one, right=right), right, 1.0, True))
    return SiteLabels(tuple(made), {})


def test_moving_the_numbers_keeps_the_weights_and_the_order() -> None:
    packaged = packaged_calibration()
    labels = _labels(150)
    _, model = recalibrated(labels.labelled, packaged)

    assert model.terms == packaged.terms
    assert [value for _, value in model.knots] == sorted(value for _, value in model.knots)


def test_few_thumbs_move_the_numbers_and_many_fit_the_model_anew() -> None:
    few = refit(_labels(150), packaged_calibration(), name="site")
    many = refit(_labels(400), packaged_calibration(), name="site")

    assert (few.whole, many.whole) == (False, True)
    assert few.n == 150
    assert few.calibration.name == "site"
    assert 0 <= few.brier_after <= 1
