"""Sparse vectors for the lexical leg (BM25) and the identifier leg; the index multiplies in the rarity (IDF).

BM25 is Qdrant's own encoder with its Code tokenizer, which keeps `snake_case` whole and adds its parts,
and no stemmer: measured best for identifiers. The weights are Robertson's (k = 1.2, b = 0.75).
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ingest.knowledge.identifiers import find_identifiers, fold_identifier, name_words, spelled_out
from ingest.knowledge.index import SparseVector

if TYPE_CHECKING:
    from qdrant_edge import Bm25

_K = 1.2
_B = 0.75

TITLE_WEIGHT = 3.0
HEADING_WEIGHT = 2.0
BODY_WEIGHT = 1.0


class LexicalEncoder:
    """Turn text into BM25 term weights, given the mean number of terms of a passage."""

    def __init__(self, average_length: float) -> None:
        self.average_length = average_length

    def passage(self, text: str) -> SparseVector:
        """Return the weights of an indexed text, length-normalised by `average_length`."""
        vector = self._model.embed_document(text)
        return SparseVector(tuple(vector.indices), tuple(vector.values))

    def query(self, text: str) -> SparseVector:
        """Return weight 1 for each distinct term of a query."""
        vector = self._model.embed_query(text)
        return SparseVector(tuple(vector.indices), tuple(vector.values))

    @cached_property
    def _model(self) -> "Bm25":
        return _bm25(b=_B, average_length=self.average_length)


def mean_length(texts: Sequence[str]) -> float:
    """Return the mean number of terms of the texts as BM25 counts them; 1 for no texts."""
    model = _bm25(b=0.0, average_length=1.0)
    total = 0.0
    for text in texts:
        # With b = 0 a weight is tf (k + 1) / (tf + k), so tf = w k / (k + 1 - w).
        total += sum(_K * weight / (_K + 1 - weight) for weight in model.embed_document(text).values)
    return max(1.0, total / len(texts)) if texts else 1.0


def passage_identifiers(title: str, file_stem: str, heading_path: Iterable[str], body: Sequence[str]) -> SparseVector:
    """Return the identifier vector of a passage: names in title or file name weigh most, then headings, then body."""
    weights: dict[str, float] = dict.fromkeys(body, BODY_WEIGHT)
    for heading in heading_path:
        weights.update(dict.fromkeys(_named(heading), HEADING_WEIGHT))
    for name in (title, file_stem):
        weights.update(dict.fromkeys(_named(name), TITLE_WEIGHT))
    return _sparse(weights)


def query_identifiers(keys: Mapping[str, float]) -> SparseVector:
    """Return the identifier vector of a query, from identifier keys with their weights."""
    return _sparse(keys)


def _named(text: str) -> set[str]:
    """Return the keys that a title, heading or file name stands for: its identifiers, and all of it as one."""
    keys = {found.key for found in find_identifiers(text)}
    words = [word for part in text.split() for word in name_words(part)]
    if 2 <= len(words) <= 7:
        keys.add("".join(words))
        keys.update(spelled_out(words) if len(words) <= 3 else ())
    elif len(words) == 1:
        keys.add(fold_identifier(text))
    return {key for key in keys if len(key) >= 3}


def _sparse(weights: Mapping[str, float]) -> SparseVector:
    numbered: dict[int, float] = {}
    for key, weight in weights.items():
        number = zlib.crc32(key.encode())
        numbered[number] = max(weight, numbered.get(number, 0.0))
    ordered = sorted(numbered.items())
    return SparseVector(tuple(n for n, _ in ordered), tuple(w for _, w in ordered))


def _bm25(*, b: float, average_length: float) -> "Bm25":
    from qdrant_edge import Bm25, Bm25Config, DisabledStemmer, TokenizerType

    return Bm25(
        Bm25Config(
            k=_K,
            b=b,
            avg_len=average_length,
            tokenizer=TokenizerType.Code,
            stemmer=DisabledStemmer(),
            lowercase=True,
        )
    )
