"""Several legs to one score per passage, and passages to documents."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.retrieval.tuning import DEFAULT_TUNING, HALF_LIFE_YEARS, STATUS_FACTORS, RetrievalTuning
from ingest.knowledge.documents import DocumentFacts, DocumentKind
from ingest.knowledge.index import LegHit

DENSE = "dense"
"""Name of the leg whose scores are cosines."""

_YEAR = 365.25 * 86_400


@dataclass(frozen=True, slots=True)
class Leg:
    """What one leg found, best first, and what its vote weighs."""

    name: str
    weight: float
    hits: Sequence[LegHit]


@dataclass(frozen=True, slots=True)
class FusedPassage:
    """A passage with its fused score and the names of the legs that found it.

    `cosine` is the similarity to the question where the dense leg found it.
    """

    passage_id: str
    score: float
    legs: tuple[str, ...]
    cosine: float | None = None


def fuse(legs: Iterable[Leg]) -> list[FusedPassage]:
    """Return all passages found, best first; ties in order of passage id."""
    scores: dict[str, float] = {}
    found_by: dict[str, list[str]] = {}
    cosines: dict[str, float] = {}
    for leg in legs:
        for hit, scaled in zip(leg.hits, scale([hit.score for hit in leg.hits]), strict=True):
            scores[hit.passage_id] = scores.get(hit.passage_id, 0.0) + leg.weight * scaled
            found_by.setdefault(hit.passage_id, []).append(leg.name)
            if leg.name == DENSE:
                cosines[hit.passage_id] = hit.score
    fused = [FusedPassage(key, score, tuple(found_by[key]), cosines.get(key)) for key, score in scores.items()]
    return sorted(fused, key=lambda passage: (-passage.score, passage.passage_id))


def scale(scores: Sequence[float]) -> list[float]:
    """Scale the scores of one leg to 0..1 by their minimum and maximum; all 1 where they are equal."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    if high - low <= 1e-9:
        return [1.0] * len(scores)
    return [(score - low) / (high - low) for score in scores]


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for documents beside their passages: title matches and links (score by document id)."""

    titles: Mapping[str, float] = field(default_factory=dict)
    links: Mapping[str, float] = field(default_factory=dict)
    narrative: bool = False


def document_scores(
    passages: Sequence[FusedPassage],
    document_of: Mapping[str, DocumentFacts],
    linked: Iterable[DocumentFacts],
    signals: Signals,
    tuning: RetrievalTuning,
) -> dict[str, float]:
    """Return the score of each document that was found, or that a found passage links to.

    That is its best passage with shares of the next two, plus what title and links add, times what its kind,
    status and age are worth.
    """
    best: dict[str, list[float]] = {}
    facts: dict[str, DocumentFacts] = {document.id: document for document in linked}
    for passage in passages:
        document = document_of.get(passage.passage_id)
        if document is not None:
            best.setdefault(document.id, []).append(passage.score)
            facts[document.id] = document
    shares = (1.0, tuning.second, tuning.third)
    scores: dict[str, float] = {}
    for key, document in facts.items():
        own = sorted(best.get(key, ()), reverse=True)
        score = sum(share * value for share, value in zip(shares, own, strict=False))
        score += tuning.title * signals.titles.get(key, 0.0) * bool(own) + signals.links.get(key, 0.0)
        if signals.narrative and document.kind is DocumentKind.POSTMORTEM:
            score *= tuning.postmortem
        scores[key] = score * trust(document, tuning)
    return behind_successors(scores, facts, lambda score: 0.99 * score)


def behind_successors(
    scores: Mapping[str, float], facts: Mapping[str, DocumentFacts], behind: Callable[[float], float]
) -> dict[str, float]:
    """Put each superseded document behind the one that it names as its successor, where that was found too.

    `behind` gives the score just below another one. Along a chain each document stands behind the next; documents
    that name each other, in a circle, keep their scores, for none of them is the newest.
    """
    superseded = [key for key, document in facts.items() if document.superseded_by is not None]
    newer = {key: [other for other in facts if is_successor(facts[other], facts[key])] for key in superseded}
    placed = dict(scores)
    for _ in superseded:  # as often as the longest chain can be
        before = dict(placed)
        for key, successors in newer.items():
            if successors and not _leads_back(key, newer):
                placed[key] = min(scores[key], behind(max(placed[other] for other in successors)))
        if placed == before:
            break
    return placed


def _leads_back(key: str, newer: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a document is among its own successors' successors."""
    waiting, seen = list(newer.get(key, ())), set[str]()
    while waiting:
        other = waiting.pop()
        if other == key:
            return True
        if other not in seen:
            seen.add(other)
            waiting.extend(newer.get(other, ()))
    return False


def is_successor(found: DocumentFacts, document: DocumentFacts) -> bool:
    """Tell whether `document` names `found`, of its own source, as what supersedes it."""
    if document.superseded_by is None or found.id == document.id or found.source != document.source:
        return False
    return f"/{found.path}".endswith(f"/{document.superseded_by.lstrip('./')}")


def trust(document: DocumentFacts, tuning: RetrievalTuning = DEFAULT_TUNING, *, now: datetime | None = None) -> float:
    """Return the factor for a document's status and age: 1 for a current one written today.

    How fast age counts is a matter of kind; a postmortem does not age, because what happened stays true.
    """
    factor = STATUS_FACTORS[document.status]
    half_life = HALF_LIFE_YEARS[document.kind]
    if document.updated_at is None or half_life is None:
        return factor
    age = max(0.0, ((now or datetime.now(tz=UTC)) - document.updated_at).total_seconds() / _YEAR)
    decay: float = 0.5 ** (age / half_life)
    return factor * (1.0 - tuning.age * (1.0 - decay))
