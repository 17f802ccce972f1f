"""A run that kills itself with SIGKILL at a given point; started as a process by the tests of kills.

Arguments: the folder of the index, and the point, `before NAME N` or `after NAME N`: the N-th time that
something of this name is about to happen, or just happened.
"""

import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ingest.building import Workshop
from ingest.knowledge.documents import Document
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import DocumentReader, IndexDescription, IndexEntry, IndexReader, IndexWriter, Vector
from ingest.knowledge.manifest import Manifest, ManifestRow, SourceTerms, SyncRow
from ingest.pipeline import ingest
from tests.fakes import FakeEmbedder, FakeSource

DIMENSION = 32


def source(version: int) -> FakeSource:
    """Return 70 documents of 9 sections; version 2 changes every third, drops two and adds two."""
    pages = {f"page{number:02}.md": _page(number, version if number % 3 == 0 else 1) for number in range(70)}
    if version == 2:
        del pages["page01.md"], pages["page02.md"]
        pages |= {"new1.md": _page(101, 2), "new2.md": _page(102, 2)}
    return FakeSource(pages)


def _page(number: int, version: int) -> str:
    words = "look at the dashboard and then at the log of the service " * 5
    sections = [f"## Part {part}\n\nPage {number} part {part} version {version}: {words}\n" for part in range(9)]
    return f"# Page {number}\n\n" + "\n".join(sections)


@dataclass
class Fate:
    """Kill this process when its moment has come."""

    when: str
    name: str
    count: int

    def meets(self, when: str, name: str) -> None:
        """Die if this is the moment."""
        if (when, name) == (self.when, self.name):
            self.count -= 1
            if self.count == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class DyingEmbedder(FakeEmbedder):
    """An embedder that meets its fate with every batch of texts."""

    fate: Fate

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text."""
        self.fate.meets("before", "embed")
        vectors = super().embed_passages(texts)
        self.fate.meets("after", "embed")
        return vectors


@dataclass
class DyingWriter:
    """A writer that meets its fate around each call."""

    writer: IndexWriter
    fate: Fate

    @property
    def previous(self) -> IndexDescription | None:
        """The description of the generation that this one starts from."""
        return self.writer.previous

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Remove documents."""
        self.fate.meets("before", "delete")
        self.writer.delete_documents(ids)
        self.fate.meets("after", "delete")

    def add(self, document: Document, entries: Sequence[IndexEntry]) -> None:
        """Store a document."""
        self.fate.meets("before", "add")
        self.writer.add(document, entries)
        self.fate.meets("after", "add")

    def relate(self, duplicates: Mapping[str, str]) -> None:
        """Record near-duplicates."""
        self.fate.meets("before", "relate")
        self.writer.relate(duplicates)

    def finish(self, *, model: str, average_length: float) -> IndexDescription:
        """Finish the generation."""
        self.fate.meets("before", "finish")
        description = self.writer.finish(model=model, average_length=average_length)
        self.fate.meets("after", "finish")
        return description

    def abort(self) -> None:
        """Give up."""
        self.writer.abort()


@dataclass
class DyingStore:
    """A store that meets its fate around each change."""

    store: EdgeStore
    fate: Fate

    def current(self) -> int | None:
        """Return the number of the generation being served."""
        return self.store.current()

    def begin(self, *, fresh: bool = False) -> IndexWriter:
        """Start a generation."""
        self.fate.meets("before", "begin")
        writer = self.store.begin(fresh=fresh)
        self.fate.meets("after", "begin")
        return DyingWriter(writer, self.fate)

    def promote(self, generation: int) -> None:
        """Make a generation the current one."""
        self.fate.meets("before", "promote")
        self.store.promote(generation)
        self.fate.meets("after", "promote")

    def discard(self, generation: int) -> None:
        """Drop a generation."""
        self.fate.meets("before", "discard")
        self.store.discard(generation)

    def generations(self) -> list[int]:
        """Return the numbers of all complete generations."""
        return self.store.generations()

    def open_documents(self, generation: int | None = None) -> DocumentReader:
        """Open the documents of a generation."""
        return self.store.open_documents(generation)

    def open_apart(self) -> AbstractContextManager[IndexReader]:
        """Open a copy of the current generation."""
        return self.store.open_apart()

    def copy_current(self, target: Path) -> int:
        """Copy the current generation."""
        return self.store.copy_current(target)

    def open(self, generation: int | None = None) -> IndexReader:
        """Open a generation."""
        self.fate.meets("before", "open")
        return self.store.open(generation)


class DyingManifest(Manifest):
    """A manifest that meets its fate around each change."""

    fate: Fate

    def stage(
        self,
        generation: int,
        changed: Iterable[ManifestRow],
        removed: Sequence[ManifestRow],
        *,
        erased: Sequence[ManifestRow] = (),
    ) -> None:
        """Stage changes."""
        self.fate.meets("before", "stage")
        super().stage(generation, changed, removed, erased=erased)
        self.fate.meets("after", "stage")

    def record_sync(self, sync: SyncRow, terms: SourceTerms | None = None) -> None:
        """Remember a run."""
        self.fate.meets("before", "record")
        super().record_sync(sync, terms)
        self.fate.meets("after", "record")


def workshop(knowledge: Path, fate: Fate | None = None) -> Workshop:
    """Return the workshop in a folder, deadly where there is a fate."""
    store, cache = EdgeStore(knowledge, DIMENSION), EmbeddingCache(knowledge / "embeddings.sqlite")
    if fate is None:
        return Workshop(store, Manifest(knowledge / "manifest.sqlite"), cache, FakeEmbedder())
    manifest, embedder = DyingManifest(knowledge / "manifest.sqlite"), DyingEmbedder()
    manifest.fate = embedder.fate = fate
    return Workshop(DyingStore(store, fate), manifest, cache, embedder)


if __name__ == "__main__":
    _fate = Fate(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    ingest(
        workshop(Path(sys.argv[1]), _fate),
        [source(2)],
        progress=lambda stage, done, total: _fate.meets("after", f"{stage}-batch"),
    )
