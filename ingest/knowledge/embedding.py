"""What Groundwatch needs of an embedding model."""

from collections.abc import Sequence
from typing import Protocol

from ingest.knowledge.index import Vector


class Embedder(Protocol):
    """Turn text into vectors of unit length; the same text always gives the same vector."""

    @property
    def model(self) -> str:
        """Name and digest of the model, for example `all-MiniLM-L6-v2@53aa51172d14`."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return an array of shape (len(texts), dimension), float32, rows of unit length."""

    def embed_query(self, text: str) -> Vector:
        """Return an array of shape (dimension,), float32, of unit length."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, without the model's own marks."""
