"""The search itself: run the legs, fuse them, order documents, pick passages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.retrieval.abbreviations import Abbreviations
from api.retrieval.catalogue import Catalogue, admits
from api.retrieval.document_features import DocumentFeatures, QuestionWords, Scene, features_of
from api.retrieval.families import Families
from api.retrieval.fusion import (
    DENSE,
    FusedPassage,
    Leg,
    Signals,
    document_scores,
    fuse,
    is_successor,
    trust,
)
from api.retrieval.passage_words import PassageWords
from api.retrieval.query import Query, understand
from api.retrieval.ranker import Ranker, default_ranker
from api.retrieval.tuning import DEFAULT_TUNING, RetrievalTuning
from ingest.errors import ANOTHER_MODEL, ModelMismatch
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexReader, SparseVector
from ingest.knowledge.lexical import LexicalEncoder, query_identifiers
from ingest.knowledge.passages import PassageFilter, StoredPassage

_KEPT_RARITIES = 65_536  # words
_DEFINING = 40  # passages that are read for what an abbreviation stands for
_TEMPERATURE = 4.0  # spreads log odds over 0..1 for the scores of hits
_BEHIND = 0.05  # log odds


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `score` orders the hits of one search, `legs` found it.

    `cosine` is its similarity to the question, None where the dense leg did not find it. `also` are other
    documents that nearly repeat its document, which leads them.
    """

    stored: StoredPassage
    score: float
    legs: tuple[str, ...]
    cosine: float | None = None
    also: tuple[DocumentFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document that a search weighed: its score (log odds against the others of the same search) and why."""

    facts: DocumentFacts
    score: float
    features: DocumentFeatures


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: passages of the best documents, and the documents that were weighed, best first."""

    hits: tuple[Hit, ...]
    documents: tuple[RankedDocument, ...]
    question: QuestionWords


class Searcher:
    """Search one generation of the index; safe to use from several threads."""

    def __init__(
        self,
        reader: IndexReader,
        embedder: Embedder,
        tuning: RetrievalTuning = DEFAULT_TUNING,
        ranker: Ranker | None = None,
    ) -> None:
        self.reader = reader
        self._embedder = embedder
        self._tuning = tuning
        self._ranker = ranker or default_ranker()
        self._catalogue = Catalogue.of(reader.documents())
        self._families = Families.of(reader.duplicates())
        self._lexical = LexicalEncoder(reader.describe().average_length)
        self._words = PassageWords()
        self._abbreviations = Abbreviations(self._holding)
        self._rarities: dict[tuple[str, PassageFilter], float] = {}

    def search(self, text: str, *, limit: int, where: PassageFilter | None = None, per_document: int = 1) -> list[Hit]:
        """Return passages of the best documents, best document first, at most `per_document` of each.

        Raises UsageError for an empty or overlong text.
        """
        return self.find(understand(text), limit=limit, where=where, per_document=per_document)

    def find(self, query: Query, *, limit: int, where: PassageFilter | None = None, per_document: int = 1) -> list[Hit]:
        """Do what `search` does for a question that was already taken apart; `limit` counts passages."""
        return list(self.look(query, limit=limit, where=where, per_document=per_document).hits)

    def look(self, query: Query, *, limit: int, where: PassageFilter | None = None, per_document: int = 1) -> Found:
        """Do what `find` does, and tell what speaks for each of the documents that were weighed."""
        where = where or PassageFilter()
        legs = self._legs(query, where)
        fused = fuse(legs)[: self._tuning.considered]
        stored = {found.passage.id: found for found in self.reader.passages([f.passage_id for f in fused])}
        documents = {key: found.document for key, found in stored.items()}
        linked = self._linked(fused, stored, where)
        links = {key: score for key, (_, score) in linked.items()}
        signals = Signals(self._catalogue.titles(query.text), links, query.narrative)
        scores = document_scores(fused, documents, (facts for facts, _ in linked.values()), signals, self._tuning)
        question = QuestionWords.of(query, lambda word: self.term_score(word, where))
        best = max(scores.values(), default=0.0)
        scene = Scene.of(question, legs, titles=signals.titles, links=links, best_fused=best)
        ranked = self._ranked(scene, scores, self._by_document(fused, stored), stored)
        order = self._order(ranked, scores)
        hits = self._pick(fused, stored, order, where, limit=limit, per_document=per_document)
        return Found(tuple(hits), tuple(ranked), question)

    def family(self, document_id: str) -> tuple[str, ...]:
        """Return the documents that nearly repeat one."""
        return self._families.others(document_id)

    def term_score(self, word: str, where: PassageFilter | None = None) -> float:
        """Return the highest BM25 score that a word alone reaches: 0 where no passage holds it."""
        key = (word, where or PassageFilter())
        score = self._rarities.get(key)
        if score is None:
            query = self._lexical.query(word)
            hits = self.reader.search_lexical(query, limit=1, where=key[1]) if query.indices else []
            score = hits[0].score if hits else 0.0
            if len(self._rarities) >= _KEPT_RARITIES:
                self._rarities.clear()
            self._rarities[key] = score
        return score

    def _ranked(
        self,
        scene: Scene,
        scores: Mapping[str, float],
        by_document: Mapping[str, Sequence[FusedPassage]],
        stored: Mapping[str, StoredPassage],
    ) -> list[RankedDocument]:
        """Weigh the documents that fusion put first, and return them best first."""
        known = self._catalogue.documents
        first = sorted(scores, key=lambda key: (-round(scores[key], 9), known[key].source, known[key].path))
        weighed: list[RankedDocument] = []
        for key in first[: self._tuning.weighed]:
            found = [(one, stored[one.passage_id]) for one in by_document.get(key, ())]
            features = features_of(scene, known[key], scores[key], found, self._words, self._catalogue)
            weighed.append(RankedDocument(known[key], self._ranker.score(features, trust(known[key])), features))
        weighed = behind_successors(weighed)
        return sorted(weighed, key=lambda one: (-round(one.score, 9), one.facts.source, one.facts.path))

    def _order(self, ranked: Sequence[RankedDocument], scores: Mapping[str, float]) -> dict[str, float]:
        """Return a score above 0 of every document: the ranked ones first, then the others as fusion has them."""
        if not ranked:
            return {}
        best, least = ranked[0].score, ranked[-1].score
        order = {one.facts.id: math.exp((one.score - best) / _TEMPERATURE) for one in ranked}
        rest = [key for key in scores if key not in order]
        top = max((scores[key] for key in rest), default=1.0) or 1.0
        floor = math.exp((least - best) / _TEMPERATURE)
        return order | {key: 0.99 * floor * scores[key] / top for key in rest}

    def _by_document(
        self, fused: Sequence[FusedPassage], stored: Mapping[str, StoredPassage]
    ) -> dict[str, list[FusedPassage]]:
        by_document: dict[str, list[FusedPassage]] = {}
        for passage in fused:
            if passage.passage_id in stored:
                by_document.setdefault(stored[passage.passage_id].document.id, []).append(passage)
        return by_document

    def _legs(self, query: Query, where: PassageFilter) -> list[Leg]:
        tuning, depth = self._tuning, self._tuning.candidates
        weights = dict.fromkeys(query.spelled, tuning.spelled)
        weights.update((identifier.key, 1.0) for identifier in query.identifiers)
        legs = [
            Leg(
                "lexical",
                tuning.lexical,
                self.reader.search_lexical(self._lexical_query(query, where), limit=depth, where=where),
            ),
            Leg(
                DENSE,
                _dense_weight(query, tuning),
                self.reader.search_dense(self._embedder.embed_query(query.text), limit=depth, where=where),
            ),
        ]
        if weights:
            hits = self.reader.search_identifiers(query_identifiers(weights), limit=depth, where=where)
            legs.append(Leg("identifiers", tuning.identifiers, hits))
        for phrase in query.phrases:
            hits = self.reader.search_phrase(phrase, limit=depth, where=where)
            legs.append(Leg("phrase", tuning.phrase, hits))
        return legs

    def _lexical_query(self, query: Query, where: PassageFilter) -> SparseVector:
        """Return the words of a question, and at a lower weight what its abbreviations stand for."""
        own = self._lexical.query(query.text)
        if not self._tuning.abbreviation:
            return own
        others = self._abbreviations.other_words(
            query.text, where, lambda word: self.term_score(word.lower(), where) > 0
        )
        if not others:
            return own
        weights = dict.fromkeys(self._lexical.query(" ".join(others)).indices, self._tuning.abbreviation)
        weights.update(zip(own.indices, own.values, strict=True))
        return SparseVector(tuple(weights), tuple(weights.values()))

    def _holding(self, word: str, where: PassageFilter) -> list[StoredPassage]:
        hits = self.reader.search_lexical(self._lexical.query(word), limit=_DEFINING, where=where)
        return self.reader.passages([hit.passage_id for hit in hits])

    def _linked(
        self, fused: Sequence[FusedPassage], stored: Mapping[str, StoredPassage], where: PassageFilter
    ) -> dict[str, tuple[DocumentFacts, float]]:
        """Return the documents that the best passages link to, each with what the link adds to its score."""
        found: dict[str, tuple[DocumentFacts, float]] = {}
        for passage in fused[: self._tuning.linking]:
            if passage.passage_id not in stored:
                continue
            targets = self._catalogue.linked(stored[passage.passage_id], where)
            for document in targets:
                score = self._tuning.link * passage.score / len(targets) ** 0.5
                if score > found.get(document.id, (document, 0.0))[1]:
                    found[document.id] = (document, score)
        return found

    def _pick(
        self,
        fused: Sequence[FusedPassage],
        stored: Mapping[str, StoredPassage],
        scores: Mapping[str, float],
        where: PassageFilter,
        *,
        limit: int,
        per_document: int,
    ) -> list[Hit]:
        """Return passages by document score, then by own score; ties by path, so always the same.

        Of documents that nearly repeat each other the leader stands for all, in the place of the best of them.
        """
        by_document = self._by_document(fused, stored)

        def place(document: str) -> tuple[float, str, str]:
            facts = self._catalogue.documents[document]
            return (-round(scores[document], 9), facts.source, facts.path)

        hits: list[Hit] = []
        shown: set[str] = set()
        for found in sorted(scores, key=place):
            document = self._families.leader(found, by_document.keys())
            if document in shown:
                continue
            also = tuple(
                facts
                for key in self._families.others(document)
                if (facts := self._catalogue.documents.get(key)) is not None and admits(where, facts)
            )
            shown |= {document, *(facts.id for facts in also)}
            score, own = scores[found], by_document.get(document, [])
            top = own[0].score if own and own[0].score else 1.0
            hits += [
                Hit(stored[p.passage_id], round(score * p.score / top, 6), tuple(dict.fromkeys(p.legs)), p.cosine, also)
                for p in own[:per_document]
            ] or [Hit(one, round(score, 6), ("link",), None, also) for one in self.reader.passages_of(document)[:1]]
            if len(hits) >= limit:
                break
        return hits[:limit]


def behind_successors(ranked: Sequence[RankedDocument]) -> list[RankedDocument]:
    """Put a superseded document behind the one that it names as its successor, where that was weighed too."""
    placed: list[RankedDocument] = []
    for one in ranked:
        successors = [other.score for other in ranked if is_successor(other.facts, one.facts)]
        score = min(one.score, max(successors) - _BEHIND) if successors else one.score
        placed.append(replace(one, score=score))
    return placed


def _dense_weight(query: Query, tuning: RetrievalTuning) -> float:
    if query.colloquial:
        return tuning.dense_question
    return tuning.dense_narrative if query.narrative else tuning.dense


def check_model(reader: IndexReader, embedder: Embedder) -> None:
    """Raise ModelMismatch where the index was built with another model than `embedder`'s."""
    built_with = reader.describe().model
    if built_with != embedder.model:
        raise ModelMismatch(
            f"the index was built with {built_with!r}, the configured model is {embedder.model!r}; {ANOTHER_MODEL}"
        )
