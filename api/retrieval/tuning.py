"""Every tuned number of retrieval, with what it was tuned on.

Tuned with `python -m evals.retrieval --tune` on the questions whose documents fall into the dev half
(documents split by a hash of their path); the README reports the other half, which tuning never saw.
"""

from dataclasses import dataclass

from ingest.knowledge.documents import DocumentStatus


@dataclass(frozen=True, slots=True)
class RetrievalTuning:
    """Weights and depths of the search.

    Leg scores are scaled to 0..1 within a leg (min-max over its candidates, "relative score fusion"),
    weighted and summed. `second` and `third` add that share of a document's next best passages to its
    score. `candidates` is the depth of each leg; `considered` how many fused passages are looked up.
    """

    lexical: float = 1.0
    dense: float = 0.7
    identifiers: float = 0.4
    phrase: float = 0.3
    spelled: float = 0.5
    second: float = 0.2
    third: float = 0.1
    candidates: int = 100
    considered: int = 100


STATUS_FACTORS = {
    DocumentStatus.CURRENT: 1.0,
    DocumentStatus.DRAFT: 0.9,
    DocumentStatus.DEPRECATED: 0.7,
    DocumentStatus.SUPERSEDED: 0.6,
}
"""What a document's score is multiplied by; set by judgement, not tuned: the dev corpus marks too few."""

AGE_WEIGHT = 0.05
"""Largest share of its score that a document loses by age alone; set by judgement, so that it breaks near ties."""

HALF_LIFE_YEARS = 2.0
"""Age at which half of AGE_WEIGHT is lost."""

DEFAULT_TUNING = RetrievalTuning()
