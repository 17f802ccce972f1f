"""What stands behind the numbers of a verdict."""

from dataclasses import replace

from api.investigation.confidence import Confidence, Logistic, Measure
from api.investigation.verdicts import Verdict, VerdictState
from api.schemas.investigation_calibration import calibration_of
from api.schemas.investigation_forms import to_result
from api.schemas.investigations import InvestigationResult
from tests.api.investigated import CAUSE, investigation

MEASURE = Measure(n=40, brier=0.1, constant_brier=0.2, ece=0.03, auroc=0.9)
MODEL = Logistic({}, 0.0, MEASURE)


def test_a_number_goes_on_the_wire_with_what_it_was_measured_on() -> None:
    result = InvestigationResult.model_validate_json(to_result(investigation()).model_dump_json())

    facts = result.verdict.calibration
    assert facts is not None
    assert facts.component.n > 0
    assert facts.component.of != facts.kind.of
    assert 0 < facts.component.brier < facts.component.constant_brier


def test_the_facts_are_those_of_the_models_that_gave_the_numbers() -> None:
    models = Confidence(MODEL, replace(MODEL, measure=replace(MEASURE, n=30)), "made up")

    facts = calibration_of(investigation().verdict, models)

    assert facts is not None
    assert (facts.component.n, facts.kind.n, facts.origin) == (40, 30, "made up")


def test_a_verdict_without_a_number_has_none() -> None:
    assert calibration_of(Verdict(VerdictState.LIKELY, CAUSE)) is None
