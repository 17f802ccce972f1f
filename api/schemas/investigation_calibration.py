"""What stands behind the probabilities of a verdict: what each is of, and how such numbers did on labelled cases."""

from typing import Annotated

from pydantic import Field

from api.investigation.confidence import Confidence, Measure, default_confidence
from api.investigation.verdicts import Verdict
from api.schemas.places import Wire

_COMPONENT = "the component that is named first is the right one"
_KIND = "component and kind of fault that are named first are both right"


class CalibrationFacts(Wire):
    """How probabilities of one kind did on cases that their model was not fitted on."""

    of: str = Field(description="What it is the probability of.")
    n: int = Field(description="Labelled cases.")
    brier: float = Field(description="Mean squared error of the probabilities; 0 is best.")
    constant_brier: float = Field(description="That of always telling the share of cases that are right.")
    ece: float = Field(description="Expected calibration error: how far a number is from the share that is right.")
    auroc: float = Field(description="How well it tells right from wrong; 0.5 is chance.")


class Calibration(Wire):
    """The calibration behind both probabilities of a verdict; `origin` says what they were fitted on, and how."""

    component: CalibrationFacts
    kind: CalibrationFacts
    origin: Annotated[str, Field(description="The command, the cases and the fit.")]


def calibration_of(verdict: Verdict, confidence: Confidence | None = None) -> Calibration | None:
    """Return what stands behind the numbers of a verdict; None where it has none.

    `confidence` holds the models that gave them; without it, those that come with Groundwatch.
    """
    models = confidence or default_confidence()
    if verdict.component_right is None or models is None:
        return None
    return Calibration(
        component=_facts(_COMPONENT, models.component.measure),
        kind=_facts(_KIND, models.kind.measure),
        origin=models.origin,
    )


def _facts(of: str, measure: Measure) -> CalibrationFacts:
    return CalibrationFacts(
        of=of,
        n=measure.n,
        brier=measure.brier,
        constant_brier=measure.constant_brier,
        ece=measure.ece,
        auroc=measure.auroc,
    )
