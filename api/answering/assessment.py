"""How an answer is judged: the probability of each piece of evidence, and the outcome that it earns."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from api.answering.answer import Outcome
from api.answering.calibration import Calibration, packaged_calibration
from api.answering.certainty import Certainty, certainty_of
from api.answering.evidence import Evidence
from api.answering.ladder import Costs, outcome_for
from api.answering.sufficiency import suffices
from api.retrieval.query import Query
from api.retrieval.search import Found


def _no_adapter() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """How answers are judged: by a calibration, where one fits the search, and what each mistake costs.

    `adapter` names the adapter of questions that is in use now, empty for none: it moves every cosine, so a
    calibration that was fitted with another one says nothing.
    """

    calibration: Calibration | None = None
    costs: Costs = field(default_factory=Costs)
    adapter: Callable[[], str] = _no_adapter

    @property
    def fitting(self) -> Calibration | None:
        """The calibration, where it was fitted with the adapter that is in use."""
        if self.calibration is None or self.calibration.adapter != self.adapter():
            return None
        return self.calibration


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
        self._query, self._found, self._costs = query, found, assessment.costs
        self.calibration = assessment.fitting
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

        Of a question with several parts, a part that the section does not cover by its own words is impossible.
        """
        if self.calibration is None:
            return None
        if self._several and not suffices(evidence):
            return 0.0
        return self.calibration.probability(self.certainty(evidence))

    def outcome(self, probability: float) -> Outcome:
        """Return the outcome that a probability earns by the stated costs."""
        return outcome_for(probability, self._costs)


def packaged_assessment(embedding_model: str) -> Assessment:
    """Return how answers are judged where nothing is set: the packaged calibration and the default costs."""
    return assessment_for(packaged_calibration(), Costs(), embedding_model)


def assessment_for(
    calibration: Calibration | None, costs: Costs, embedding_model: str, adapter: Callable[[], str] = _no_adapter
) -> Assessment:
    """Return how answers from an index are judged: a calibration counts only for the model that it was fitted with."""
    fits = calibration is not None and calibration.embedding_model == embedding_model
    return Assessment(calibration if fits else None, costs, adapter)
