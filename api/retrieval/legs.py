"""The legs of a search: its words, its meaning, its names and its quoted phrases, each asked of the index."""

from collections.abc import Callable, Sequence

from api.retrieval.abbreviations import Abbreviations
from api.retrieval.fusion import DENSE, Leg
from api.retrieval.query import Query
from api.retrieval.tuning import RetrievalTuning
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexReader, SparseVector
from ingest.knowledge.lexical import LexicalEncoder, query_identifiers
from ingest.knowledge.passages import PassageFilter, StoredPassage

REWRITE = "rewrite"
"""Name of the legs that search what a question was reworded to."""

_DEFINING = 40  # passages that are read for what an abbreviation stands for

TermScore = Callable[[str, PassageFilter], float]
"""Returns the highest BM25 score that a word alone reaches."""


class Legs:
    """Run the legs of a search over one generation; safe to use from several threads."""

    def __init__(self, reader: IndexReader, embedder: Embedder, tuning: RetrievalTuning, term_score: TermScore) -> None:
        self._reader, self._embedder, self._tuning = reader, embedder, tuning
        self._term_score = term_score
        self._encoder = LexicalEncoder(reader.describe().average_length)
        self._abbreviations = Abbreviations(self._holding)

    def run(self, query: Query, where: PassageFilter, rewrites: Sequence[str] = ()) -> list[Leg]:
        """Return what each leg finds.

        Rewrites are searched by their words and their meaning, and weigh `rewrite` together beside 1 for the question;
        names and quoted phrases weigh what they weigh without them, and so does the sum of all.
        """
        tuning = self._tuning
        share = 1.0 / (1.0 + tuning.rewrite) if rewrites else 1.0
        legs = [
            self._lexical(self._expanded(query, where), tuning.lexical * share, where, "lexical"),
            self._dense(query.text, _dense_weight(query, tuning) * share, where, DENSE),
            *self._names(query, where),
        ]
        each = share * tuning.rewrite / max(1, len(rewrites))
        for text in rewrites:
            legs.append(self._lexical(self._encoder.query(text), tuning.lexical * each, where, REWRITE))
            legs.append(self._dense(text, _dense_weight(query, tuning) * each, where, REWRITE))
        return legs

    def _names(self, query: Query, where: PassageFilter) -> list[Leg]:
        tuning, depth = self._tuning, self._tuning.candidates
        weights = dict.fromkeys(query.spelled, tuning.spelled)
        weights.update((identifier.key, 1.0) for identifier in query.identifiers)
        legs: list[Leg] = []
        if weights:
            hits = self._reader.search_identifiers(query_identifiers(weights), limit=depth, where=where)
            legs.append(Leg("identifiers", tuning.identifiers, hits))
        for phrase in query.phrases:
            hits = self._reader.search_phrase(phrase, limit=depth, where=where)
            legs.append(Leg("phrase", tuning.phrase, hits))
        return legs

    def _lexical(self, words: SparseVector, weight: float, where: PassageFilter, name: str) -> Leg:
        return Leg(name, weight, self._reader.search_lexical(words, limit=self._tuning.candidates, where=where))

    def _dense(self, text: str, weight: float, where: PassageFilter, name: str) -> Leg:
        vector = self._embedder.embed_query(text)
        return Leg(name, weight, self._reader.search_dense(vector, limit=self._tuning.candidates, where=where))

    def _expanded(self, query: Query, where: PassageFilter) -> SparseVector:
        """Return the words of a question, and at a lower weight what its abbreviations stand for."""
        own = self._encoder.query(query.text)
        if not self._tuning.abbreviation:
            return own
        others = self._abbreviations.other_words(
            query.text, where, lambda word: self._term_score(word.lower(), where) > 0
        )
        if not others:
            return own
        weights = dict.fromkeys(self._encoder.query(" ".join(others)).indices, self._tuning.abbreviation)
        weights.update(zip(own.indices, own.values, strict=True))
        return SparseVector(tuple(weights), tuple(weights.values()))

    def _holding(self, word: str, where: PassageFilter) -> list[StoredPassage]:
        hits = self._reader.search_lexical(self._encoder.query(word), limit=_DEFINING, where=where)
        return self._reader.passages([hit.passage_id for hit in hits])


def _dense_weight(query: Query, tuning: RetrievalTuning) -> float:
    if query.colloquial:
        return tuning.dense_question
    return tuning.dense_narrative if query.narrative else tuning.dense
