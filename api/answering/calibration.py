"""From what speaks for an answer to the probability that its cited document is the right one.

A logistic model over the features of `certainty`, then an isotonic or Platt step that makes its numbers honest. Both
are fitted by `groundwatch evals calibrate` on labelled questions, judged on questions whose documents fitting did not
see, and kept with what came of that.
"""

import json
import math
from bisect import bisect_right
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.answering.answer import CalibrationFacts
from api.answering.certainty import Certainty
from ingest.errors import UsageError

_PACKAGED = "calibration.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Record):
    """How one feature counts: `weight` for each `scale` that its value is above `mean`."""

    mean: float
    scale: Annotated[float, Field(gt=0)]
    weight: float


class ReliabilityBin(_Record):
    """Questions of about the same probability: what was said on average, and what share came out right."""

    predicted: float
    observed: float
    n: int


class Calibration(_Record):
    """A fitted model, of the one format that there is so far.

    `adapter` names the adapter of questions that it was fitted with, empty for none. `knots` are (raw probability,
    calibrated probability), rising in both; between them a line. The quality figures are of folds that fitting did
    not see: Brier score, the score of always saying the base rate, expected calibration error over ten bins of equal
    mass, and AUROC.
    """

    format: Literal[1] = 1
    name: str
    fitted: str
    n: int
    base_rate: float
    brier: float
    brier_of_base_rate: float
    ece: float
    auroc: float
    embedding_model: str
    adapter: str = ""
    intercept: float
    terms: dict[str, Term]
    knots: list[tuple[float, float]]
    reliability: list[ReliabilityBin]

    @property
    def facts(self) -> CalibrationFacts:
        """What a reader is told beside a number."""
        return CalibrationFacts(self.name, self.n, self.brier, self.ece, self.fitted)

    def probability(self, certainty: Certainty) -> float:
        """Return the probability (0..1) that the document is the right one."""
        return interpolate(self.knots, self.raw(certainty))

    def raw(self, certainty: Certainty) -> float:
        """Return the probability of the logistic model, before the calibrating step."""
        odds: float = self.intercept + sum(
            term.weight * (getattr(certainty, name) - term.mean) / term.scale for name, term in self.terms.items()
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def interpolate(knots: list[tuple[float, float]], raw: float) -> float:
    """Return the value at `raw` of the line through `knots`, which are in order; flat beyond its ends."""
    if not knots:
        return raw
    at = bisect_right(knots, (raw, math.inf))
    if at == 0:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[at - 1], knots[at]
    return low + (high - low) * (raw - left) / (right - left) if right > left else high


def packaged_calibration() -> Calibration:
    """Return the calibration that comes with Groundwatch."""
    return Calibration.model_validate_json(files("api.answering").joinpath(_PACKAGED).read_text(encoding="utf-8"))


def read_calibration(file: Path) -> Calibration:
    """Return a site's own calibration; raises UsageError where the file is none of this version."""
    try:
        calibration = Calibration.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValidationError, json.JSONDecodeError) as error:
        first = str(error).splitlines()[0]
        raise UsageError(
            f"{str(file)!r} is no calibration of this version ({first}); fit it again with groundwatch evals "
            "calibrate, or remove the file to use the one that comes with Groundwatch"
        ) from error
    unknown = set(calibration.terms) - set(Certainty.__dataclass_fields__)
    if unknown:
        raise UsageError(
            f"{str(file)!r} weighs {sorted(unknown)!r}, which this version does not measure; fit it again with "
            "groundwatch evals calibrate"
        )
    return calibration
