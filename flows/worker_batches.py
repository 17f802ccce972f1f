"""What a worker does with one batch: documents to readings, or texts to vectors; bytes in and bytes out.

Prefect walks through the arguments and results of a task, which for thousands of passages takes longer
than the work; it does not look into bytes.
"""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cloudpickle  # type: ignore[import-untyped]  # ships no hints

from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import Vector
from ingest.reading import Reader, Reading
from ingest.sources.source import SourceEntry


@dataclass(frozen=True, slots=True)
class _Documents:
    reader: Reader
    entries: tuple[SourceEntry, ...]


@dataclass(frozen=True, slots=True)
class _Texts:
    embedder: Embedder
    texts: tuple[str, ...]


def documents_to_read(reader: Reader, entries: Sequence[SourceEntry]) -> bytes:
    """Pack a batch of documents with what is known of them, and of no others."""
    return _pack(_Documents(reader.narrowed(entries), tuple(entries)))


def work_on(payload: bytes) -> bytes:
    """Read or embed a packed batch, and pack what comes of it: this is what runs on a worker."""
    work: _Documents | _Texts = pickle.loads(payload)
    if isinstance(work, _Documents):
        return _pack(work.reader.read_all(work.entries))
    return _pack(work.embedder.embed_passages(work.texts))


def readings_of(packed: bytes) -> list[Reading]:
    """Unpack what came of a batch of documents."""
    readings: list[Reading] = pickle.loads(packed)
    return readings


def texts_to_embed(embedder: Embedder, texts: Sequence[str]) -> bytes:
    """Pack a batch of texts; the model itself is loaded where they arrive, once a process."""
    return _pack(_Texts(embedder, tuple(texts)))


def vectors_of(packed: bytes) -> Vector:
    """Unpack what came of a batch of texts."""
    vectors: Vector = pickle.loads(packed)
    return vectors


def _pack(value: Any) -> bytes:
    # Unlike pickle, this also takes a source or an embedder that was defined in a script or a test.
    packed: bytes = cloudpickle.dumps(value)
    return packed
