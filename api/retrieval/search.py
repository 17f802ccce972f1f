"""The search itself: run the legs, fuse them, order documents, pick passages."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.retrieval.fusion import DENSE, FusedPassage, Leg, document_scores, fuse
from api.retrieval.query import Query, understand
from api.retrieval.tuning import DEFAULT_TUNING, RetrievalTuning
from ingest.errors import ModelMismatch
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexReader
from ingest.knowledge.lexical import LexicalEncoder, query_identifiers
from ingest.knowledge.passages import PassageFilter, StoredPassage


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `score` orders the hits of one search, `legs` found it.

    `cosine` is its similarity to the question, None where the dense leg did not find it.
    """

    stored: StoredPassage
    score: float
    legs: tuple[str, ...]
    cosine: float | None = None


class Searcher:
    """Search one generation of the index; safe to use from several threads."""

    def __init__(self, reader: IndexReader, embedder: Embedder, tuning: RetrievalTuning = DEFAULT_TUNING) -> None:
        self.reader = reader
        self._embedder = embedder
        self._tuning = tuning
        self._lexical = LexicalEncoder(reader.describe().average_length)

    def search(self, text: str, *, limit: int, where: PassageFilter | None = None, per_document: int = 1) -> list[Hit]:
        """Return passages of the best documents, best document first, at most `per_document` of each.

        Raises UsageError for an empty or overlong text.
        """
        return self.find(understand(text), limit=limit, where=where, per_document=per_document)

    def find(self, query: Query, *, limit: int, where: PassageFilter | None = None, per_document: int = 1) -> list[Hit]:
        """Do what `search` does for a question that was already taken apart; `limit` counts passages."""
        fused = fuse(self._legs(query, where or PassageFilter()))[: self._tuning.considered]
        stored = {found.passage.id: found for found in self.reader.passages([f.passage_id for f in fused])}
        documents = {key: found.document for key, found in stored.items()}
        scores = document_scores(fused, documents, self._tuning)
        return _pick(fused, stored, scores, limit=limit, per_document=per_document)

    def term_score(self, word: str, where: PassageFilter | None = None) -> float:
        """Return the highest BM25 score that a word alone reaches: 0 where no passage holds it."""
        query = self._lexical.query(word)
        if not query.indices:
            return 0.0
        hits = self.reader.search_lexical(query, limit=1, where=where or PassageFilter())
        return hits[0].score if hits else 0.0

    def _legs(self, query: Query, where: PassageFilter) -> list[Leg]:
        tuning, depth = self._tuning, self._tuning.candidates
        weights = dict.fromkeys(query.spelled, tuning.spelled)
        weights.update((identifier.key, 1.0) for identifier in query.identifiers)
        legs = [
            Leg(
                "lexical",
                tuning.lexical,
                self.reader.search_lexical(self._lexical.query(query.text), limit=depth, where=where),
            ),
            Leg(
                DENSE,
                tuning.dense,
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


def _pick(
    fused: Sequence[FusedPassage],
    stored: dict[str, StoredPassage],
    scores: dict[str, float],
    *,
    limit: int,
    per_document: int,
) -> list[Hit]:
    """Return passages by document score, then by own score; ties by path and position, so always the same."""
    by_document: dict[str, list[FusedPassage]] = {}
    for passage in fused:
        found = stored.get(passage.passage_id)
        if found is not None:
            by_document.setdefault(found.document.id, []).append(passage)

    def place(document: str) -> tuple[float, str, str]:
        facts = stored[by_document[document][0].passage_id].document
        return (-round(scores[document], 9), facts.source, facts.path)

    hits: list[Hit] = []
    for document in sorted(by_document, key=place):
        top = by_document[document][0].score or 1.0
        for passage in by_document[document][:per_document]:
            score = scores[document] * (passage.score / top if top else 1.0)
            hits.append(
                Hit(
                    stored[passage.passage_id],
                    round(score, 6),
                    tuple(dict.fromkeys(passage.legs)),
                    passage.cosine,
                )
            )
            if len(hits) == limit:
                return hits
    return hits


def check_model(reader: IndexReader, embedder: Embedder) -> None:
    """Raise ModelMismatch where the index was built with another model than `embedder`'s."""
    built_with = reader.describe().model
    if built_with != embedder.model:
        raise ModelMismatch(
            f"the index was built with {built_with!r}, the configured model is {embedder.model!r}; set "
            "GROUNDWATCH_EMBEDDING_MODEL back, or run: groundwatch ingest --rebuild"
        )
