"""For each question the passages that BM25 takes for the answer and that are not."""

from collections.abc import Sequence

import numpy as np

from ingest.adaptation.pairs import Pair
from ingest.adaptation.passage_table import Numbers, Part, PassageTable, Progress
from ingest.knowledge.index import IndexReader, Vector
from ingest.knowledge.lexical import LexicalEncoder
from ingest.knowledge.passages import PassageFilter

HARD_NEGATIVES = 4
"""For each question; where BM25 finds fewer, the last one is repeated."""

NEARLY_THE_SAME = 0.95
"""Cosine from which a passage repeats the right one, and may be right too."""

_DEPTH = 30
_EVERYWHERE = PassageFilter()


def positives(table: PassageTable, pairs: Sequence[Pair], queries: Vector) -> Numbers:
    """Return for each pair the row that is nearest to its question among those that may answer it."""
    best = [
        pair.rows[int(np.argmax(table.vectors[list(pair.rows)] @ query))]
        for pair, query in zip(pairs, queries, strict=True)
    ]
    return np.array(best, dtype=np.int64)


def hard_negatives(
    reader: IndexReader, table: PassageTable, pairs: Sequence[Pair], right: Numbers, progress: Progress
) -> Numbers:
    """Return rows of shape (pairs, HARD_NEGATIVES): the best by BM25 that are surely wrong; -1 where there is none.

    Passages of the right family and of where the question comes from are no negatives, nor those that nearly repeat
    the right passage, nor those of families that training must not see.
    """
    encoder = LexicalEncoder(reader.describe().average_length)
    found = np.full((len(pairs), HARD_NEGATIVES), -1, dtype=np.int64)
    for number, pair in enumerate(pairs):
        hits = reader.search_lexical(encoder.query(pair.query), limit=_DEPTH, where=_EVERYWHERE)
        rows = [row for hit in hits if (row := table.row(hit.passage_id)) is not None]
        wrong = [row for row in rows if _is_wrong(table, pair, int(right[number]), row)][:HARD_NEGATIVES]
        if wrong:
            found[number] = wrong + [wrong[-1]] * (HARD_NEGATIVES - len(wrong))
        if (number + 1) % 100 == 0 or number + 1 == len(pairs):
            progress("negatives", number + 1, len(pairs))
    return found


def _is_wrong(table: PassageTable, pair: Pair, right: int, row: int) -> bool:
    family = int(table.family[row])
    if family == pair.family or table.parts[family] is not Part.TRAIN:
        return False
    if family in map(table.family_of, pair.origin):
        return False
    return float(table.vectors[row] @ table.vectors[right]) < NEARLY_THE_SAME
