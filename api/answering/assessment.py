"""How an answer is judged: the probability of each piece of evidence, and the outcome that it earns."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from api.answering.answer import CalibrationFacts, Outcome
from api.answering.calibration import Calibration, packaged_calibration
from api.answering.certainty import Certainty, certainty_of
from api.answering.evidence import Evidence
from api.answering.ladder import Costs, outcome_for
from api.answering.sufficiency import suffices
from api.retrieval.query import Query
from api.retrieval.search import Found


@dataclass(frozen=True, slots=True)
class Assessment:
    """How answers are judged: by a calibration, where one fits the index, and what each mistake costs."""

    calibration: Calibration | None = None
    costs: Costs = field(default_factory=Costs)

    @property
    def facts(self) -> CalibrationFacts | None:
        """What a reader is told beside a probability."""
        return self.calibration.facts if self.calibration else None


class CertaintyAssessor:
    """Tell how likely evidence is the right one, by what the whole search says of its document."""

    def __init__(
        self,
        query: Query,
        found: Found,
        assessment: Assessment,
        family: Callable[[str], Collection[str]],
        *,
        several: bool,
    ) -> None:
        self._query, self._found, self._assessment = query, found, assessment
        self._family, self._several = family, several

    def certainty(self, evidence: Evidence) -> Certainty:
        """Return what speaks for the evidence's document."""
        document = evidence.hit.stored.document.id
        return certainty_of(
            self._query,
            self._found,
            document,
            family=self._family(document),
            names=len(evidence.ask.identifiers),
            missing=len(evidence.absent),
        )

    def probability(self, evidence: Evidence) -> float | None:
        """Return the probability that the document is the right one; None without a calibration.

        Of a question with several parts, a part that the section does not cover by its own words has none.
        """
        calibration = self._assessment.calibration
        if calibration is None:
            return None
        if self._several and not suffices(evidence):
            return 0.0
        return calibration.probability(self.certainty(evidence))

    def outcome(self, probability: float) -> Outcome:
        """Return the outcome that a probability earns by the stated costs."""
        return outcome_for(probability, self._assessment.costs)


def packaged_assessment(embedding_model: str) -> Assessment:
    """Return how answers are judged where nothing is set: the packaged calibration and the default costs."""
    return assessment_for(packaged_calibration(), Costs(), embedding_model)


def assessment_for(calibration: Calibration | None, costs: Costs, embedding_model: str) -> Assessment:
    """Return how answers from an index are judged: a calibration counts only for the model that it was fitted with."""
    fits = calibration is not None and calibration.embedding_model == embedding_model
    return Assessment(calibration if fits else None, costs)
