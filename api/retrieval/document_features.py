"""What speaks for a document as the answer to a question, as numbers that a ranker weighs."""

import math
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from api.retrieval.catalogue import Catalogue
from api.retrieval.fusion import FusedPassage, Leg
from api.retrieval.passage_words import PassageWords, Words
from api.retrieval.query import Query
from api.retrieval.words import stem, stems
from ingest.knowledge.documents import DocumentFacts, DocumentKind
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.passages import StoredPassage

LEAD = 12
"""Characters before an alert's name that still leave it in the lead, such as "[FIRING:1] "."""

_WEIGHED_WORDS = 40  # of a question; an alert's expression adds nothing beyond
_READ = 2  # passages of a document whose sentences are looked at
_UNKNOWN_WEIGHT = 6.0  # of a word that no passage holds, at least


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The content words of a question by stem, each with its weight: its best BM25 score in the index.

    `unknown` is the share (0..1) of the weight that belongs to words which no passage holds, `lead` the key of a
    name that the text begins with, as an alert's does.
    """

    weights: Mapping[str, float]
    every: frozenset[str]
    unknown: float
    lead: str

    @classmethod
    def of(cls, query: Query, rarity: Callable[[str], float]) -> "QuestionWords":
        """Weigh the words of a question; `rarity` is 0 for a word that no passage holds."""
        scores = {word: rarity(word) for word in query.words[:_WEIGHED_WORDS]}
        heaviest = max([*scores.values(), _UNKNOWN_WEIGHT])
        weights: dict[str, float] = {}
        foreign = 0.0
        for word, score in scores.items():
            if stem(word) not in weights:
                weights[stem(word)] = score or heaviest
                foreign += 0.0 if score else heaviest
        total = sum(weights.values())
        first = next(iter(query.identifiers), None)
        lead = first.key if first is not None and query.text.find(first.text) <= LEAD else ""
        return cls(weights, frozenset(stems(query.text)), foreign / total if total else 0.0, lead)

    def coverage(self, held: Set[str]) -> float:
        """Return the share of the words' weight whose stem is among `held`; 0 where there are no words."""
        total = sum(self.weights.values())
        return sum(weight for word, weight in self.weights.items() if word in held) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class DocumentFeatures:
    """One document beside a question.

    Shares are of the best document of the search, coverages of the question's weighted words (0..1): by the best
    single sentence, by the best passage, by all passages found, and by these with title and headings. `cosine_gap`
    is the distance below the nearest passage of all. `title_match` is high where the title is all about what was
    asked. `lead_held` and `lead_heading` say that the alert's own name stands in the text, or in the title or
    a heading.
    """

    fused_share: float
    fused: float
    cosine: float
    cosine_gap: float
    identifiers: float
    title: float
    link: float
    passage_coverage: float
    found_coverage: float
    whole_coverage: float
    sentence_coverage: float
    runbook: float
    postmortem: float
    title_length: float
    lead_held: float
    lead_heading: float
    title_match: float
    dense_place: float


@dataclass(frozen=True, slots=True)
class Scene:
    """What a search knows when its documents are weighed: raw leg scores, and what each leg's best reached."""

    question: QuestionWords
    cosines: Mapping[str, float]
    places: Mapping[str, int]
    identifiers: Mapping[str, float]
    titles: Mapping[str, float]
    links: Mapping[str, float]
    best_fused: float

    @classmethod
    def of(
        cls,
        question: QuestionWords,
        legs: Sequence[Leg],
        *,
        titles: Mapping[str, float],
        links: Mapping[str, float],
        best_fused: float,
    ) -> "Scene":
        """Read the scores of the dense and the identifiers leg."""
        by_name = {leg.name: leg.hits for leg in legs}
        dense, names = by_name.get("dense", ()), by_name.get("identifiers", ())
        return cls(
            question,
            {hit.passage_id: hit.score for hit in dense},
            {hit.passage_id: place for place, hit in enumerate(dense)},
            {hit.passage_id: hit.score for hit in names},
            titles,
            links,
            best_fused,
        )


def features_of(
    scene: Scene,
    document: DocumentFacts,
    fused: float,
    found: Sequence[tuple[FusedPassage, StoredPassage]],
    words: PassageWords,
    catalogue: Catalogue,
) -> DocumentFeatures:
    """Return the features of a document; `found` are its passages among the best of the search, best first."""
    question = scene.question
    held = [words.of(stored) for _, stored in found]
    everything = frozenset[str]().union(*(one.stems for one in held))
    headings = found[0][1].passage.heading_path if found else ()
    head = " ".join((*headings, document.title, document.path))
    cosine = max((scene.cosines.get(one.passage_id, 0.0) for one, _ in found), default=0.0)
    name = max((scene.identifiers.get(one.passage_id, 0.0) for one, _ in found), default=0.0)
    title = scene.titles.get(document.id, 0.0)
    return DocumentFeatures(
        fused_share=fused / scene.best_fused if scene.best_fused else 0.0,
        fused=fused,
        cosine=cosine,
        cosine_gap=cosine - max(scene.cosines.values(), default=0.0),
        identifiers=name / max(scene.identifiers.values(), default=1.0),
        title=title,
        link=scene.links.get(document.id, 0.0),
        passage_coverage=max((question.coverage(one.stems) for one in held), default=0.0),
        found_coverage=question.coverage(everything),
        whole_coverage=question.coverage(everything | stems(head)),
        sentence_coverage=_sentence_coverage(question, held),
        runbook=float(document.kind is DocumentKind.RUNBOOK),
        postmortem=float(document.kind is DocumentKind.POSTMORTEM),
        title_length=math.log1p(len(catalogue.title_stems(document))),
        lead_held=float(_lead_held(question.lead, fold_identifier(head), held)),
        lead_heading=float(bool(question.lead) and question.lead in fold_identifier(head)),
        title_match=title * catalogue.title_share(document, question.every),
        dense_place=1.0 / (1 + min((scene.places.get(one.passage_id, 999) for one, _ in found), default=999)),
    )


def _sentence_coverage(question: QuestionWords, held: Sequence[Words]) -> float:
    sentences = [sentence for one in held[:_READ] for sentence in one.sentences]
    return max((question.coverage(sentence) for sentence in sentences), default=0.0)


def _lead_held(lead: str, head: str, held: Sequence[Words]) -> bool:
    return bool(lead) and (lead in head or any(lead in one.folded for one in held))
