"""What shown confidences look like: the reliability diagram, and risk over coverage."""

from collections.abc import Iterator, Sequence

from api.schemas.evaluations import Curve, CurvePoint
from evals.quality.metrics import CONFIDENCE, CONFIRMED
from evals.quality.results import CaseResult
from evals.reliability import RiskAtCoverage, reliability_table, risk_coverage

_MOST_POINTS = 100


def confidence_curves(cases: Sequence[CaseResult]) -> Iterator[Curve]:
    """Yield both curves over cases that showed a confidence; none without any."""
    if not cases:
        return
    p = [case.values[CONFIDENCE] for case in cases]
    y = [case.values[CONFIRMED] for case in cases]
    yield Curve(
        name="Reliability",
        x_label="Shown confidence",
        y_label="Share that was right",
        points=[CurvePoint(x=one.predicted, y=one.observed.value, n=one.n) for one in reliability_table(p, y)],
        ideal=[CurvePoint(x=0, y=0), CurvePoint(x=1, y=1)],
    )
    yield Curve(
        name="Risk and coverage",
        x_label="Share of questions answered",
        y_label="Share of wrong answers",
        points=_points(risk_coverage(p, y), len(y)),
        ideal=_points(risk_coverage(range(len(y), 0, -1), sorted(y, reverse=True)), len(y)),
    )


def _points(curve: Sequence[RiskAtCoverage], n: int) -> list[CurvePoint]:
    step = max(1, -(-len(curve) // _MOST_POINTS))
    kept = [*curve[:-1:step], curve[-1]]
    return [CurvePoint(x=one.coverage, y=one.risk, n=round(one.coverage * n)) for one in kept]
