"""An embedder without a model, for measures that are not about relevance: a vector is the counts of hashed words."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from ingest.knowledge.index import Vector

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Embed a text as its counts of hashed words, at unit length: texts that share words are near each other."""

    model = "hashed-words@1"
    dimension = 64

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one row a text."""
        rows = [self.embed_query(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a text; one without words has a direction of its own."""
        vector = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            vector[zlib.crc32(word.encode()) % self.dimension] += 1.0
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(_WORD.findall(text)) for text in texts]
