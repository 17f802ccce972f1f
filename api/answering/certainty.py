"""What tells whether the cited document is the right one, as numbers; none needs a language model."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from api.retrieval.document_features import DocumentFeatures
from api.retrieval.query import Query
from api.retrieval.search import Found, RankedDocument

_FARTHEST = 5.0  # log odds; beyond it two documents are simply far apart
_NOTHING = DocumentFeatures(*([0.0] * 18))


@dataclass(frozen=True, slots=True)
class Certainty:
    """One document as the answer to a question, beside its rival: the best document of another family.

    Gaps and leads are differences to the rival, coverages shares (0..1) of the question's words weighted by rarity.
    `crowd` is the log of how much weight all documents together have beside this one. `name_missing` is the share of
    the names asked for that the document does not hold; `unknown` is the weight of words that no document holds.
    """

    score_gap: float
    crowd: float
    cosine: float
    cosine_gap: float
    cosine_lead: float
    dense_place: float
    passage_coverage: float
    found_coverage: float
    whole_coverage: float
    sentence_coverage: float
    coverage_lead: float
    sentence_lead: float
    title: float
    title_lead: float
    named: float
    name_in_heading: float
    name_missing: float
    unknown: float
    words: float
    colloquial: float
    narrative: float
    postmortem: float


def certainty_of(
    query: Query, found: Found, document_id: str, *, family: Collection[str] = (), names: int = 0, missing: int = 0
) -> Certainty:
    """Return what speaks for a document; `family` are documents that nearly repeat it and are no rivals.

    `names` is how many names were asked for, `missing` how many of these the whole document does not hold.
    """
    own = next((one for one in found.documents if one.facts.id == document_id), None)
    rival = next((one for one in found.documents if one.facts.id not in {document_id, *family}), None)
    features = own.features if own else _NOTHING
    other = rival.features if rival else _NOTHING
    return Certainty(
        score_gap=_gap(own, rival),
        crowd=_crowd(own, found),
        cosine=features.cosine,
        cosine_gap=features.cosine_gap,
        cosine_lead=features.cosine - other.cosine,
        dense_place=features.dense_place,
        passage_coverage=features.passage_coverage,
        found_coverage=features.found_coverage,
        whole_coverage=features.whole_coverage,
        sentence_coverage=features.sentence_coverage,
        coverage_lead=features.found_coverage - other.found_coverage,
        sentence_lead=features.sentence_coverage - other.sentence_coverage,
        title=features.title,
        title_lead=features.title_match - other.title_match,
        named=float(names > 0),
        name_in_heading=features.lead_heading,
        name_missing=missing / names if names else 0.0,
        unknown=found.question.unknown,
        words=math.log1p(len(query.words)),
        colloquial=float(query.colloquial),
        narrative=float(query.narrative),
        postmortem=features.postmortem,
    )


def _gap(own: RankedDocument | None, rival: RankedDocument | None) -> float:
    if own is None:
        return -_FARTHEST
    if rival is None:
        return _FARTHEST
    return max(-_FARTHEST, min(_FARTHEST, own.score - rival.score))


def _crowd(own: RankedDocument | None, found: Found) -> float:
    if own is None:
        return _FARTHEST
    weight = sum(math.exp(min(_FARTHEST, one.score - own.score)) for one in found.documents)
    return math.log(max(1.0, weight))
