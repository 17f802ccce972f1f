"""Documents with ready-made vectors, for the tests of index stores."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ingest.knowledge.documents import (
    Block,
    BlockKind,
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentStatus,
    Section,
    document_id,
    passage_id,
)
from ingest.knowledge.index import (
    IndexDescription,
    IndexEntry,
    IndexReader,
    IndexStore,
    IndexWriter,
    LegHit,
    SparseVector,
    Vector,
)
from ingest.knowledge.passages import Passage, PassageFilter
from ingest.knowledge.spans import LineIndex

DIMENSION = 4
NOTHING = SparseVector((), ())
EVERYTHING = PassageFilter()

MakeStore = Callable[[int], IndexStore]


@dataclass(frozen=True, slots=True)
class Written:
    """A document with the entries to index it by."""

    document: Document
    entries: Sequence[IndexEntry]

    @property
    def id(self) -> str:
        """The id of the document."""
        return self.document.facts.id


def written(
    path: str,
    vector: Vector | None = None,
    *,
    lexical: SparseVector = NOTHING,
    identifiers: SparseVector = NOTHING,
    text: str = "some text",
    header: str = "Title",
    source: str = "handbook",
    kind: DocumentKind = DocumentKind.RUNBOOK,
    services: Sequence[str] = (),
    revision: str = "r1",
) -> Written:
    """Return a document of one passage."""
    own_id = document_id(source, path)
    facts = DocumentFacts(own_id, source, path, path, kind, DocumentStatus.CURRENT, revision, services=tuple(services))
    span = LineIndex.of(text).span(0, len(text))
    passage = Passage(passage_id(own_id, revision, 0), own_id, 0, (), header, span, text)
    document = Document(facts, text, (Section((), span, ()),))
    own_vector = dense(1, 0) if vector is None else vector
    return Written(document, [IndexEntry(passage, own_vector, lexical, identifiers)])


def structured() -> Written:
    """Return a document of two passages with every optional fact, nested steps, a table and a page."""
    text = "# Réplica lag\n1. Check `pg_stat`\n   - lag\n```\nSELECT 1;\n```\n| a | b |\n"
    lines = LineIndex.of(text)
    blocks = (
        Block(BlockKind.HEADING, lines.span(0, 13)),
        Block(BlockKind.STEP, lines.span(14, 32)),
        Block(BlockKind.ITEM, lines.span(35, 40), depth=1),
        Block(BlockKind.CODE, lines.span(41, 58)),
        Block(BlockKind.TABLE_ROW, lines.span(59, len(text) - 1)),
    )
    facts = DocumentFacts(
        id=document_id("handbook", "db/lag.md"),
        source="handbook",
        path="db/lag.md",
        title="Réplica lag",
        kind=DocumentKind.RUNBOOK,
        status=DocumentStatus.SUPERSEDED,
        revision="0123456789ab",
        services=("postgres", "checkout"),
        owners=("team-db",),
        updated_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
        url="https://wiki.example/lag#L1",
        superseded_by="db/lag2.md",
        warnings=("the front matter has an unknown key 'x'",),
    )

    def entry(ordinal: int, start: int, end: int, own: tuple[Block, ...]) -> IndexEntry:
        passage = Passage(
            id=passage_id(facts.id, facts.revision, start),
            document_id=facts.id,
            ordinal=ordinal,
            heading_path=("Réplica lag", "Steps > first"),
            header="Réplica lag > Steps > first",
            span=lines.span(start, end),
            text=text[start:end],
            blocks=own,
            identifiers=("pg_stat", "a-1"),
            page=3,
        )
        return IndexEntry(passage, dense(1, 0), NOTHING, NOTHING)

    whole = lines.span(0, len(text))
    document = Document(facts, text, (Section(("Réplica lag",), whole, blocks, page=3), Section((), whole, ())))
    return Written(document, [entry(0, 0, 40, blocks[:3]), entry(1, 41, len(text), blocks[3:])])


def add(writer: IndexWriter, *added: Written) -> None:
    """Add each document to the generation that is being written."""
    for one in added:
        writer.add(one.document, one.entries)


def finish(writer: IndexWriter) -> IndexDescription:
    """Finish with the values that these tests expect."""
    return writer.finish(model="tiny@0123", average_length=101.25)


def build(store: IndexStore, added: Sequence[Written], *, delete: Sequence[str] = (), promote: bool = True) -> int:
    """Build the next generation, and promote it unless told otherwise; return its number."""
    writer = store.begin()
    writer.delete_documents(delete)
    add(writer, *added)
    number = finish(writer).generation
    if promote:
        store.promote(number)
    return number


def served(store: IndexStore, added: Sequence[Written], *, delete: Sequence[str] = ()) -> IndexReader:
    """Build and promote the next generation and open it."""
    return store.open(build(store, added, delete=delete))


def dense(x: float, y: float) -> Vector:
    """Return a unit vector in the plane of the first two dimensions."""
    return unit(np.array([x, y, 0.0, 0.0]))


def unit(vector: NDArray[np.float64]) -> Vector:
    """Return `vector` scaled to length 1."""
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def every_leg(reader: IndexReader, where: PassageFilter, *, limit: int) -> list[list[LegHit]]:
    """Search all four legs for what the passages of these tests share."""
    term = SparseVector((1,), (1.0,))
    return [
        reader.search_dense(dense(1, 0), limit=limit, where=where),
        reader.search_lexical(term, limit=limit, where=where),
        reader.search_identifiers(term, limit=limit, where=where),
        reader.search_phrase("disk full", limit=limit, where=where),
    ]


def rarity(holding: int, *, of: int) -> float:
    """Inverse document frequency as in BM25 (Robertson and Zaragoza 2009), plus 1 within the logarithm."""
    return math.log(1 + (of - holding + 0.5) / (holding + 0.5))


def ids(hits: Sequence[LegHit]) -> list[str]:
    return [hit.passage_id for hit in hits]


def names(reader: IndexReader, hits: Sequence[LegHit]) -> list[str]:
    return [stored.document.path for stored in reader.passages(ids(hits))]


def passage_ids(reader: IndexReader, path: str) -> list[str]:
    return [stored.passage.id for stored in reader.passages_of(document_id("handbook", path))]
