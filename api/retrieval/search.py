"""The search itself: run the legs, fuse them, order documents, pick passages."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.retrieval.catalogue import Catalogue, admits
from api.retrieval.diversity import spread
from api.retrieval.document_features import DocumentFeatures, QuestionWords, Scene, features_of
from api.retrieval.families import Families
from api.retrieval.fusion import FusedPassage, Signals, behind_successors, document_scores, fuse, trust
from api.retrieval.legs import Legs
from api.retrieval.passage_words import PassageWords
from api.retrieval.query import Query, understand
from api.retrieval.ranker import Ranker, default_ranker
from api.retrieval.reranking import READ, Reranker, look_again
from api.retrieval.rewriting import Rewriter, Rewritten
from api.retrieval.tuning import DEFAULT_TUNING, RetrievalTuning
from api.retrieval.words import stems
from ingest.errors import ANOTHER_MODEL, ModelMismatch, ModelUnavailable
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexReader
from ingest.knowledge.lexical import LexicalEncoder
from ingest.knowledge.passages import PassageFilter, StoredPassage

_KEPT_RARITIES = 65_536  # words
_TEMPERATURE = 4.0  # spreads log odds over 0..1 for the scores of hits
_BEHIND = 0.05  # log odds

_log = logging.getLogger(__name__)


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
    """A document that a search weighed: its score (log odds against the others of the same search) and why.

    What a cross-encoder adds moves its place and not its score: confidence is calibrated without one.
    """

    facts: DocumentFacts
    score: float
    features: DocumentFeatures


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: passages of the best documents, and the documents that were weighed, best first.

    `notes` say what was set up and could not be done, such as rewrites that a language model did not give.
    """

    hits: tuple[Hit, ...]
    documents: tuple[RankedDocument, ...]
    question: QuestionWords
    notes: tuple[str, ...] = ()


class Searcher:
    """Search one generation of the index; safe to use from several threads.

    A `reranker` looks at the best documents once more, and a `rewriter` gives vague questions other words; without
    them, as by default, no model but the embedder is asked.
    """

    def __init__(
        self,
        reader: IndexReader,
        embedder: Embedder,
        tuning: RetrievalTuning = DEFAULT_TUNING,
        ranker: Ranker | None = None,
        *,
        reranker: Reranker | None = None,
        rewriter: Rewriter | None = None,
    ) -> None:
        self.reader = reader
        self._tuning = tuning
        self._ranker = ranker or default_ranker()
        self._reranker, self._rewriter = reranker, rewriter
        self._catalogue = Catalogue.of(reader.documents())
        self._families = Families.of(reader.duplicates())
        self._lexical = LexicalEncoder(reader.describe().average_length)
        self._words = PassageWords()
        self._rarities: dict[tuple[str, PassageFilter], float] = {}
        self._legs = Legs(reader, embedder, tuning, self.term_score)

    def search(
        self,
        text: str,
        *,
        limit: int,
        where: PassageFilter | None = None,
        per_document: int = 1,
        diverse: bool | None = None,
    ) -> list[Hit]:
        """Return passages of the best documents, best document first, at most `per_document` of each.

        With `diverse`, documents like one above them come later; None does so for a question for similar incidents.
        Raises UsageError for an empty or overlong text.
        """
        return self.find(understand(text), limit=limit, where=where, per_document=per_document, diverse=diverse)

    def find(
        self,
        query: Query,
        *,
        limit: int,
        where: PassageFilter | None = None,
        per_document: int = 1,
        diverse: bool | None = None,
    ) -> list[Hit]:
        """Do what `search` does for a question that was already taken apart; `limit` counts passages."""
        return list(self.look(query, limit=limit, where=where, per_document=per_document, diverse=diverse).hits)

    def look(
        self,
        query: Query,
        *,
        limit: int,
        where: PassageFilter | None = None,
        per_document: int = 1,
        diverse: bool | None = None,
    ) -> Found:
        """Do what `find` does, and tell what speaks for each of the documents that were weighed."""
        where = where or PassageFilter()
        rewritten = self._rewriter.rewritten(query) if self._rewriter else Rewritten()
        legs = self._legs.run(query, where, rewritten.texts)
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
        by_document = self._by_document(fused, stored)
        weighed = self._weighed(scene, scores, by_document, stored)
        reading = self._read_again(weighed, query, by_document, stored)
        ranked = _placed(weighed, reading.scores)
        order = self._order(ranked, reading.scores, scores)
        if query.similar if diverse is None else diverse:
            order = spread(order, lambda key: self._told(key, by_document, stored), self._tuning.likeness)
        hits = self._pick(fused, stored, order, where, limit=limit, per_document=per_document)
        notes = tuple(one for one in (rewritten.note, reading.note) if one)
        return Found(tuple(hits), tuple(ranked), question, notes)

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

    def _weighed(
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
            score = self._ranker.score(features, trust(known[key], self._tuning))
            weighed.append(RankedDocument(known[key], score, features))
        return _best_first(weighed)

    def _read_again(
        self,
        weighed: Sequence[RankedDocument],
        query: Query,
        by_document: Mapping[str, Sequence[FusedPassage]],
        stored: Mapping[str, StoredPassage],
    ) -> "_Reading":
        """Return what the best documents score, read once more where that is set up, and say where it failed."""
        scores, note = {one.facts.id: one.score for one in weighed}, ""
        if self._reranker is not None:
            first = [one.facts.id for one in weighed[: self._tuning.reranked]]
            texts = {
                key: [stored[one.passage_id].passage.index_text for one in by_document.get(key, ())[:READ]]
                for key in first
            }
            try:
                scores = look_again(scores, texts, query.text, self._reranker, self._tuning.rerank)
            except ModelUnavailable as error:
                note = f"the best documents were not read once more: {error}"
                _log.warning("%s", note)
        return _Reading(_behind({one.facts.id: one.facts for one in weighed}, scores), note)

    def _told(
        self, key: str, by_document: Mapping[str, Sequence[FusedPassage]], stored: Mapping[str, StoredPassage]
    ) -> frozenset[str]:
        """Return the words by which a document is compared with others: of its found passages, else of its title."""
        found = [self._words.of(stored[one.passage_id]).stems for one in by_document.get(key, ())]
        return frozenset().union(*found) if found else frozenset(stems(self._catalogue.documents[key].title))

    def _order(
        self, ranked: Sequence[RankedDocument], read: Mapping[str, float], scores: Mapping[str, float]
    ) -> dict[str, float]:
        """Return a score above 0 of every document: the ranked ones first, then the others as fusion has them."""
        if not ranked:
            return {}
        best, least = read[ranked[0].facts.id], read[ranked[-1].facts.id]
        order = {one.facts.id: math.exp((read[one.facts.id] - best) / _TEMPERATURE) for one in ranked}
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """What puts the weighed documents in order (log odds by document id); `note` says why none was read again."""

    scores: Mapping[str, float]
    note: str


def _best_first(ranked: Sequence[RankedDocument]) -> list[RankedDocument]:
    return sorted(ranked, key=lambda one: (-round(one.score, 9), one.facts.source, one.facts.path))


def _placed(weighed: Sequence[RankedDocument], read: Mapping[str, float]) -> list[RankedDocument]:
    """Return documents in the order of what they score when read, each with the ranker's own score."""
    facts = {one.facts.id: one.facts for one in weighed}
    own = _behind(facts, {one.facts.id: one.score for one in weighed})
    scored = [replace(one, score=own[one.facts.id]) for one in weighed]
    return sorted(scored, key=lambda one: (-round(read[one.facts.id], 9), one.facts.source, one.facts.path))


def _behind(facts: Mapping[str, DocumentFacts], scores: Mapping[str, float]) -> dict[str, float]:
    return behind_successors(scores, facts, lambda score: score - _BEHIND)


def check_model(reader: IndexReader, embedder: Embedder) -> None:
    """Raise ModelMismatch where the index was built with another model than `embedder`'s."""
    built_with = reader.describe().model
    if built_with != embedder.model:
        raise ModelMismatch(
            f"the index was built with {built_with!r}, the configured model is {embedder.model!r}; {ANOTHER_MODEL}"
        )
