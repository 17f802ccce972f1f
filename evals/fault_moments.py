"""Moments of a run at which a fault can strike: a store, manifest and embedder that report each step they take."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evals.hashing_embedder import HashingEmbedder
from ingest.building import Workshop
from ingest.knowledge.documents import Document
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.generation import GenerationReader, GenerationWriter
from ingest.knowledge.index import IndexDescription, IndexEntry, Vector
from ingest.knowledge.manifest import Manifest, ManifestRow, SourceTerms, SyncRow

BEFORE_PROMOTION = (
    "after read-batch 1",
    "before embed 1",
    "after embed 1",
    "after embed-batch 1",
    "before begin 1",
    "after begin 1",
    "after delete 1",
    "before add 1",
    "after add 50",
    "before relate 1",
    "before finish 1",
    "after finish 1",
    "before open 1",
    "after check-batch 1",
    "before stage 1",
    "after stage 1",
    "before promote 1",
)
AFTER_PROMOTION = ("after promote 1", "before record 1", "after record 1")


@dataclass
class Moment:
    """The `count`-th time that something of this name is about to happen, or just happened: then `act`."""

    when: str
    name: str
    count: int
    act: Callable[[], None] = field(default=lambda: None)

    @classmethod
    def of(cls, text: str, act: Callable[[], None]) -> "Moment":
        """Read `before NAME N` or `after NAME N`."""
        when, name, count = text.split()
        return cls(when, name, int(count), act)

    def meets(self, when: str, name: str) -> None:
        """Act if this is the moment."""
        if (when, name) == (self.when, self.name):
            self.count -= 1
            if self.count == 0:
                self.act()


NEVER = Moment("never", "", 0)


class WatchedEmbedder(HashingEmbedder):
    """An embedder that reports each batch, and counts what it embeds."""

    def __init__(self, moment: Moment = NEVER) -> None:
        self._moment = moment
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one row a text."""
        self._moment.meets("before", "embed")
        vectors = super().embed_passages(texts)
        self.embedded += len(texts)
        self._moment.meets("after", "embed")
        return vectors


@dataclass
class WatchedWriter:
    """A writer that reports each call."""

    writer: GenerationWriter
    moment: Moment

    @property
    def previous(self) -> IndexDescription | None:
        """The description of the generation that this one starts from."""
        return self.writer.previous

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Remove documents."""
        self.moment.meets("before", "delete")
        self.writer.delete_documents(ids)
        self.moment.meets("after", "delete")

    def add(self, document: Document, entries: Sequence[IndexEntry]) -> None:
        """Store a document."""
        self.moment.meets("before", "add")
        self.writer.add(document, entries)
        self.moment.meets("after", "add")

    def relate(self, duplicates: Mapping[str, str]) -> None:
        """Record near-duplicates."""
        self.moment.meets("before", "relate")
        self.writer.relate(duplicates)

    def finish(self, *, model: str, average_length: float) -> IndexDescription:
        """Finish the generation."""
        self.moment.meets("before", "finish")
        description = self.writer.finish(model=model, average_length=average_length)
        self.moment.meets("after", "finish")
        return description

    def abort(self) -> None:
        """Give up."""
        self.writer.abort()


class WatchedStore(EdgeStore):
    """A store that reports each change."""

    def __init__(self, root: Path, dimension: int, moment: Moment) -> None:
        super().__init__(root, dimension)
        self._moment = moment

    def begin(self, *, fresh: bool = False) -> WatchedWriter:  # type: ignore[override]  # the same protocol, wrapped
        """Start a generation."""
        self._moment.meets("before", "begin")
        writer = super().begin(fresh=fresh)
        self._moment.meets("after", "begin")
        return WatchedWriter(writer, self._moment)

    def promote(self, generation: int) -> None:
        """Make a generation the current one."""
        self._moment.meets("before", "promote")
        super().promote(generation)
        self._moment.meets("after", "promote")

    def open(self, generation: int | None = None) -> GenerationReader:
        """Open a generation."""
        self._moment.meets("before", "open")
        return super().open(generation)


class WatchedManifest(Manifest):
    """A manifest that reports each change."""

    def __init__(self, file: Path, moment: Moment) -> None:
        super().__init__(file)
        self._moment = moment

    def stage(
        self,
        generation: int,
        changed: Iterable[ManifestRow],
        removed: Sequence[ManifestRow],
        *,
        erased: Sequence[ManifestRow] = (),
        taken_out: Sequence[ManifestRow] = (),
    ) -> None:
        """Stage changes."""
        self._moment.meets("before", "stage")
        super().stage(generation, changed, removed, erased=erased, taken_out=taken_out)
        self._moment.meets("after", "stage")

    def record_sync(self, sync: SyncRow, terms: SourceTerms | None = None) -> None:
        """Remember a run."""
        self._moment.meets("before", "record")
        super().record_sync(sync, terms)
        self._moment.meets("after", "record")


def watched_workshop(knowledge: Path, moment: Moment = NEVER) -> Workshop:
    """Return the workshop in a folder; its steps report to `moment`."""
    return Workshop(
        WatchedStore(knowledge, HashingEmbedder.dimension, moment),
        WatchedManifest(knowledge / "manifest.sqlite", moment),
        EmbeddingCache(knowledge / "embeddings.sqlite"),
        WatchedEmbedder(moment),
    )
