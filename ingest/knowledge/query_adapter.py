"""A small linear map on the vectors of questions, and the embedder that applies the one in use."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ingest.errors import KnowledgeError
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import Vector

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class QueryAdapter:
    """The residual map `q + q·down·up`, at unit length; passages and their index stay as they are.

    `down` has shape (dimension, rank), `up` (rank, dimension), both float32. It holds for the vectors of
    `base_model` only.
    """

    base_model: str
    down: Vector
    up: Vector

    def __post_init__(self) -> None:
        fits = self.down.ndim == self.up.ndim == 2 and self.down.shape == self.up.shape[::-1]
        if not fits or not (np.isfinite(self.down).all() and np.isfinite(self.up).all()):
            raise ValueError(f"matrices of shape {self.down.shape!r} and {self.up.shape!r} are no adapter")

    @property
    def dimension(self) -> int:
        """Length of the vectors that it takes."""
        return int(self.down.shape[0])

    @property
    def digest(self) -> str:
        """A name that no other adapter has: the first 16 hexadecimal digits of the SHA-256 of its matrices."""
        return hashlib.sha256(self.down.tobytes() + self.up.tobytes()).hexdigest()[:16]

    def apply(self, vectors: Vector) -> Vector:
        """Return the adapted vectors, of the shape given: (dimension,) or (n, dimension), rows of unit length."""
        moved = vectors + (vectors @ self.down) @ self.up
        length = np.linalg.norm(moved, axis=-1, keepdims=True)
        usable = np.isfinite(length) & (length > 1e-6)
        adapted = np.where(usable, moved / np.where(usable, length, 1.0), vectors)
        return np.asarray(adapted, dtype=np.float32)


class CurrentAdapter(Protocol):
    """Where the adapter in use is found; asked before every question, so it has to be cheap."""

    def revision(self) -> object:
        """Return something that changes whenever another adapter, or none, comes into use."""

    def load_current(self) -> QueryAdapter | None:
        """Return the adapter in use, or None; KnowledgeError where it is damaged."""


class AdaptedEmbedder:
    """An embedder that adapts questions, and passages never; a changed adapter is picked up while serving.

    It names the model that it wraps, whose passages it searches. Without an adapter, with one of another model and
    with a damaged one (which is logged) questions keep the vector that the model gives them. Threads may share it.
    """

    def __init__(self, base: Embedder, adapters: CurrentAdapter) -> None:
        self._base, self._adapters = base, adapters
        self._held: _Held | None = None

    @property
    def model(self) -> str:
        """Name and digest of the model that made the passages' vectors."""
        return self._base.model

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._base.dimension

    def adapter_in_use(self) -> str:
        """Return the digest of the adapter that questions get now; empty where they keep the model's vector."""
        return self._current().digest

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return the vectors that the model gives."""
        return self._base.embed_passages(texts)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question, adapted where an adapter is in use."""
        vector = self._base.embed_query(text)
        adapter = self._current().adapter
        return vector if adapter is None else adapter.apply(vector)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        return self._base.count_tokens(texts)

    def _current(self) -> "_Held":
        revision = self._adapters.revision()
        held = self._held
        if held is None or held.revision != revision:
            # Two threads may load the same one at once; either result is right.
            adapter = self._load()
            held = self._held = _Held(revision, adapter, adapter.digest if adapter is not None else "")
        return held

    def _load(self) -> QueryAdapter | None:
        try:
            adapter = self._adapters.load_current()
        except KnowledgeError as error:
            _log.warning("questions are searched without an adapter: %s", error)
            return None
        if adapter is None or (adapter.base_model, adapter.dimension) == (self._base.model, self._base.dimension):
            return adapter
        _log.warning(
            "questions are searched without the adapter in use: it belongs to %r, the configured model is %r; "
            "run: groundwatch knowledge adapt",
            adapter.base_model,
            self._base.model,
        )
        return None


@dataclass(frozen=True, slots=True)
class _Held:
    """What was found at one state of the pointer."""

    revision: object
    adapter: QueryAdapter | None
    digest: str


@dataclass(frozen=True, slots=True)
class FixedAdapter:
    """One adapter, or none, that never changes: what a trial compares."""

    adapter: QueryAdapter | None

    def revision(self) -> object:
        """Return always the same."""
        return None

    def load_current(self) -> QueryAdapter | None:
        """Return the adapter."""
        return self.adapter
