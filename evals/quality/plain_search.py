"""What plain searches find for a question: BM25 alone, vectors alone, and both fused by rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.retrieval.query import understand
from evals.corpus import Bench
from evals.quality.results import Progress
from evals.ranking import DEPTH, by_best_passage, reciprocal_rank_fusion
from evals.recording import RecordedEmbedder
from ingest.knowledge.lexical import LexicalEncoder
from ingest.knowledge.passages import PassageFilter

_DEEPEST = 200
"""Passages of each leg: deep enough for ten documents of either."""


@dataclass(frozen=True, slots=True)
class PlainRanks:
    """The paths of the first documents that each plain search finds for one question, best first."""

    bm25: tuple[str, ...]
    dense: tuple[str, ...]
    rrf: tuple[str, ...]


def plain_ranks(bench: Bench, questions: Sequence[str], progress: Progress | None = None) -> Mapping[str, PlainRanks]:
    """Search for each question in each plain way."""
    embedder = RecordedEmbedder(bench.workshop.embedder, bench.questions)
    lexical = LexicalEncoder(bench.reader.describe().average_length)
    found: dict[str, PlainRanks] = {}
    for number, question in enumerate(questions, start=1):
        found[question] = _ranks(bench, embedder, lexical, understand(question).text)
        if progress is not None and (number % 50 == 0 or number == len(questions)):
            progress("plain searches", number, len(questions))
    return found


def _ranks(bench: Bench, embedder: RecordedEmbedder, encoder: LexicalEncoder, text: str) -> PlainRanks:
    everywhere = PassageFilter()
    lexical = bench.reader.search_lexical(encoder.query(text), limit=_DEEPEST, where=everywhere)
    dense = bench.reader.search_dense(embedder.embed_query(text), limit=_DEEPEST, where=everywhere)
    stored = bench.reader.passages([hit.passage_id for hit in (*lexical, *dense)])
    path_of = {found.passage.id: found.document.path for found in stored}
    legs = (lexical, dense, reciprocal_rank_fusion([lexical, dense]))
    return PlainRanks(*(tuple(by_best_passage(leg, path_of)[:DEPTH]) for leg in legs))
