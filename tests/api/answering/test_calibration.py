"""A calibration turns what speaks for an answer into a probability, and a broken file is refused by name."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from api.answering.answer import CalibrationFacts
from api.answering.assessment import assessment_for
from api.answering.calibration import Calibration, Term, interpolate, packaged_calibration, read_calibration
from api.answering.certainty import Certainty
from api.answering.ladder import Costs
from ingest.errors import UsageError

_NOTHING = Certainty(*([0.0] * len(fields(Certainty))))


def calibration(**changes: object) -> Calibration:
    record = {
        "name": "tests",
        "fitted": "2026-01-01",
        "n": 100,
        "base_rate": 0.5,
        "brier": 0.1,
        "brier_of_base_rate": 0.25,
        "ece": 0.02,
        "auroc": 0.9,
        "embedding_model": "words",
        "intercept": 0.0,
        "terms": {"cosine": Term(mean=0.5, scale=0.1, weight=1.0)},
        "knots": [(0.0, 0.1), (0.5, 0.4), (1.0, 0.9)],
        "reliability": [],
    }
    return Calibration.model_validate(record | changes)


def test_more_of_what_speaks_for_it_makes_an_answer_likelier() -> None:
    far, near = replace(_NOTHING, cosine=0.3), replace(_NOTHING, cosine=0.7)

    assert calibration().probability(far) < calibration().probability(near)


def test_a_feature_at_its_mean_leaves_even_odds_which_the_knots_correct() -> None:
    middle = replace(_NOTHING, cosine=0.5)

    assert calibration().raw(middle) == pytest.approx(0.5)
    assert calibration().probability(middle) == pytest.approx(0.4)


@pytest.mark.parametrize(("raw", "value"), [(-1.0, 0.1), (0.0, 0.1), (0.25, 0.25), (0.75, 0.65), (2.0, 0.9)])
def test_between_knots_there_is_a_line_and_beyond_them_none(raw: float, value: float) -> None:
    assert interpolate([(0.0, 0.1), (0.5, 0.4), (1.0, 0.9)], raw) == pytest.approx(value)


def test_without_knots_the_raw_probability_stands() -> None:
    assert interpolate([], 0.3) == 0.3


def test_a_reader_is_told_on_how_many_questions_a_number_rests() -> None:
    assert calibration().facts == CalibrationFacts("tests", 100, 0.1, 0.02, "2026-01-01")


def test_a_calibration_of_another_embedding_model_does_not_count() -> None:
    assert assessment_for(calibration(), Costs(), "words").fitting is not None
    assert assessment_for(calibration(), Costs(), "another").fitting is None
    assert assessment_for(None, Costs(), "words").fitting is None


def test_a_calibration_counts_only_for_the_adapter_of_questions_that_it_was_fitted_with() -> None:
    in_use = [""]
    plain = assessment_for(calibration(), Costs(), "words", lambda: in_use[0])
    adapted = assessment_for(calibration(adapter="a1"), Costs(), "words", lambda: in_use[0])

    assert (plain.fitting is not None, adapted.fitting is not None) == (True, False)
    in_use[0] = "a1"
    assert (plain.fitting is not None, adapted.fitting is not None) == (False, True)


def test_a_kept_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(calibration().model_dump_json())

    assert read_calibration(file) == calibration()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', "\x00\x01"])
def test_a_broken_calibration_is_refused_with_its_path(tmp_path: Path, text: str) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(text)

    with pytest.raises(UsageError, match=r"calibration\.json.*groundwatch evals calibrate"):
        read_calibration(file)


def test_a_feature_that_nothing_measures_is_named(tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(calibration(terms={"luck": Term(mean=0, scale=1, weight=1)}).model_dump_json())

    with pytest.raises(UsageError, match="luck"):
        read_calibration(file)


def test_the_packaged_one_weighs_only_what_is_measured_and_rises() -> None:
    packaged = packaged_calibration()

    assert set(packaged.terms) <= {field.name for field in fields(Certainty)}
    assert packaged.knots == sorted(packaged.knots)
    assert [value for _, value in packaged.knots] == sorted(value for _, value in packaged.knots)
    assert packaged.n > 500
    assert packaged.brier < packaged.brier_of_base_rate
