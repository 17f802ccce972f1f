"""What a run is given and what it gives back: options, the pieces of its work, and its results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ingest.building import Progress, Workshop
from ingest.changes import Changes
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.manifest import DocumentState, ManifestRow, SourceTerms
from ingest.knowledge.run_log import CheckResult, DocumentChange, StageTime
from ingest.promotion import Gate
from ingest.reading import Reader, Reading
from ingest.redaction.redactor import Redactor
from ingest.sources.source import Snapshot, Source, SourceEntry
from ingest.terms import TermsOfPath, no_terms

T = TypeVar("T")

EMBED_BATCH = 512


@dataclass(frozen=True, slots=True)
class SourceNotes:
    """What the declaration of a source says beside where it is."""

    type: str = "folder"
    declared: bool = False
    terms: TermsOfPath = no_terms
    max_deleted_share: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How a person wants a run to go.

    `terms` holds, by source, what a person said on the command line about its documents, `notes` what its
    declaration says. `tombstone_days` is how long a removed document can be restored.
    """

    terms: Mapping[str, SourceTerms] = field(default_factory=dict)
    notes: Mapping[str, SourceNotes] = field(default_factory=dict)
    rebuild: bool = False
    confirm_deletions: bool = False
    retry_failed: bool = False
    release: bool = False
    max_document_bytes: int = 20_000_000
    max_deleted_share: float = 0.5
    read_seconds: float = 120.0
    tombstone_days: int = 30
    redactor: Redactor = field(default_factory=Redactor)
    gate: Gate = field(default_factory=Gate)

    def kind_of(self, source: str) -> DocumentKind | None:
        """Return the kind that a person gave all documents of a source, or None to detect it."""
        terms = self.terms.get(source)
        return DocumentKind(terms.kind) if terms and terms.kind else None

    def notes_of(self, source: str) -> SourceNotes:
        """Return what the declaration of a source says."""
        return self.notes.get(source, SourceNotes())


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One source in the middle of a run: what it holds, what changed, and what was read of that."""

    snapshot: Snapshot
    changes: Changes
    readings: tuple[Reading, ...]
    location: str
    url_prefix: str | None

    @property
    def vanished(self) -> tuple[ManifestRow, ...]:
        """Rows of documents that a file held before and does not any more, though it could be read."""
        made = {reading.row.path for reading in self.readings}
        read = {reading.row.file for reading in self.readings if reading.row.state is not DocumentState.FAILED}
        return tuple(row for file in read for row in self.changes.previous.get(file, ()) if row.path not in made)


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What a run did to one source; counts are documents but for `passages`."""

    source: str
    indexed: int
    unchanged: int
    removed: int
    failed: tuple[ManifestRow, ...]
    passages: int
    problems: tuple[str, ...] = ()
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What a run did. `generation` is the one served afterwards; `embedded` and `reused` count passages."""

    generation: int | None
    sources: tuple[SourceResult, ...]
    embedded: int
    reused: int
    seconds: float
    stages: tuple[StageTime, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    changes: tuple[DocumentChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """The work of a run in pieces that may fail, and be tried again, by themselves.

    `read` and `embed` take all batches of a source or run, and yield what came of each in their order: `embed`
    the number of texts.
    """

    discover: Callable[[Source], Snapshot]
    read: Callable[[Reader, Sequence[Sequence[SourceEntry]]], Iterator[list[Reading]]]
    embed: Callable[[Workshop, Sequence[Sequence[str]]], Iterator[int]]
    build: Callable[[Workshop, Sequence[SourceRun], bool, Progress], int | None]

    def embed_all(self, workshop: Workshop, texts: Sequence[str], report: Progress) -> None:
        """Embed texts in batches, each of them kept when it is done."""
        done = 0
        for count in self.embed(workshop, list(batches(texts, EMBED_BATCH))):
            done += count
            report("embed", done, len(texts))


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in their order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
