"""Fakes of the ports that ingest works with: an embedder without a model, a source without a disk."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ingest.errors import DocumentUnavailable, SourceUnreadable
from ingest.knowledge.index import Vector
from ingest.sources.source import Snapshot, SourceEntry


@dataclass
class FakeEmbedder:
    """Embed a text as a unit vector drawn from its hash, and remember what was embedded.

    `delay` is how many seconds a text takes.
    """

    model: str = "fake@1"
    dimension: int = 32
    delay: float = 0.0
    embedded: list[str] = field(default_factory=list)

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text."""
        time.sleep(self.delay * len(texts))
        self.embedded.extend(texts)
        return np.stack([self._vector(text) for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a text."""
        return self._vector(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(text.split()) for text in texts]

    def _vector(self, text: str) -> Vector:
        seed = int.from_bytes(hashlib.sha256(f"{self.model}\n{text}".encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).standard_normal(self.dimension)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@dataclass
class FakeSource:
    """Documents by path; `unreadable` gives the reason why a path cannot be fetched, `problems` make it partial."""

    documents: Mapping[str, str | bytes]
    name: str = "wiki"
    location: str = "nowhere"
    url_prefix: str | None = None
    unreadable: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()
    refusals: int = 0
    fetched: list[str] = field(default_factory=list)

    def snapshot(self) -> Snapshot:
        """List the documents, after refusing to for `refusals` times."""
        if self.refusals:
            self.refusals -= 1
            raise SourceUnreadable(f"source {self.name!r} does not answer; try again")
        entries = [self._entry(path) for path in sorted({*self.documents, *self.unreadable})]
        return Snapshot(self.name, tuple(entries), not self.problems, tuple(self.problems))

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a document."""
        self.fetched.append(path)
        if path in self.unreadable:
            raise DocumentUnavailable(self.unreadable[path])
        return _bytes(self.documents[path])

    def _entry(self, path: str) -> SourceEntry:
        data = _bytes(self.documents.get(path, b""))
        url = None if self.url_prefix is None else f"{self.url_prefix}/{path}"
        return SourceEntry(path, hashlib.sha256(data).hexdigest()[:8], len(data), url)


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
