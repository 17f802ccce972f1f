"""Every tuned number of retrieval, with what it was tuned on.

The weights started from `python -m evals.retrieval --tune` on the dev half of the shared questions (documents split
by a hash of their path). The last adjustments (title, dense, identifiers, second), and which signals there are, were
decided looking at all of these questions: no part of them is unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.knowledge.documents import DocumentKind, DocumentStatus


@dataclass(frozen=True, slots=True)
class RetrievalTuning:
    """Weights and depths of the search.

    Leg scores are scaled to 0..1 within a leg (min-max over its candidates, "relative score fusion"),
    weighted and summed. The dense leg counts most for a question in everyday words (`dense_question`), less for a
    narrative in the past tense (`dense_narrative`), least for keywords (`dense`). A document adds the
    share `second` and `third` of its next best passages, `title` times how well its title and path match, and
    `link` times the score of one of the best `linking` passages that links to it. `postmortem` multiplies
    the score of a postmortem for a narrative. `abbreviation` is the weight in the lexical leg of a word that an
    abbreviation of the question stands for. `candidates` is the depth of each leg, `considered` how many
    fused passages are looked up, `weighed` how many documents the ranker puts in order (see ranker.json).

    `age` is the largest share of its score that a document loses by age, so that age breaks near ties only.
    `rewrite` is the weight of all rewrites of a question together, beside 1 for the question itself. `rerank` is
    what the best of the first `reranked` documents gains by a cross-encoder, in log odds, and the worst does not.
    `likeness` is what a document that tells the same story as one above it loses, where documents that differ are
    wanted, beside 1 - `likeness` for how well it fits (the 1 - lambda of maximal marginal relevance).
    These were set by judgement: python -m evals.search_options tells what each does to the questions.
    """

    lexical: float = 1.0
    dense: float = 0.5
    dense_narrative: float = 0.9
    dense_question: float = 1.3
    identifiers: float = 0.3
    phrase: float = 0.3
    spelled: float = 0.75
    abbreviation: float = 0.3
    second: float = 0.3
    third: float = 0.1
    title: float = 0.25
    link: float = 0.8
    linking: int = 5
    postmortem: float = 1.5
    candidates: int = 200
    considered: int = 100
    weighed: int = 20
    age: float = 0.05
    rewrite: float = 1.0
    rerank: float = 2.0
    reranked: int = 10
    likeness: float = 0.3


COLLOQUIAL_SHARE = 0.35
"""Share of function words from which a short question counts as everyday speech."""

COLLOQUIAL_WORDS = 25
"""Longest text that counts as everyday speech."""

NARRATIVE_SHARE = 0.05
"""Share of past-tense words from which a text counts as the story of an incident."""

NARRATIVE_WORDS = 8
"""Shortest text that counts as a story."""

STATUS_FACTORS = {
    DocumentStatus.CURRENT: 1.0,
    DocumentStatus.DRAFT: 0.9,
    DocumentStatus.DEPRECATED: 0.7,
    DocumentStatus.SUPERSEDED: 0.6,
}
"""What a document's score is multiplied by; set by judgement, not tuned: the dev corpus marks too few."""

HALF_LIFE_YEARS: Mapping[DocumentKind, float | None] = {
    DocumentKind.RUNBOOK: 1.0,
    DocumentKind.REFERENCE: 2.0,
    DocumentKind.ARCHITECTURE: 3.0,
    DocumentKind.ALERT: 4.0,
    DocumentKind.POSTMORTEM: None,
}
"""Age at which a document has lost half of what age can cost it; None for what stays true.

Commands and names go stale first, structure later, and a rule that is still in its file is still in force. Set by
judgement: nearly all dated documents of the dev corpus are of one year.
"""

DEFAULT_TUNING = RetrievalTuning()
