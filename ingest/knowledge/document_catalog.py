"""The documents of one generation in an SQLite file: facts, compressed text, sections."""

import sqlite3
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import StorageFailed
from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.payloads import document_of, extract_of, extract_text, facts_of, facts_text, sections_text

_SCHEMA = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    facts TEXT NOT NULL,
    text BLOB NOT NULL,
    sections BLOB NOT NULL,
    extract BLOB
) WITHOUT ROWID;
CREATE TABLE duplicates (id TEXT PRIMARY KEY, leader TEXT NOT NULL) WITHOUT ROWID
"""


class DocumentCatalog:
    """An open catalog. Writing ends with `commit`; a closed, uncommitted one holds what it held before."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = connection
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path) -> "DocumentCatalog":
        """Make an empty catalog at `path`."""
        with _translated(path):
            connection = sqlite3.connect(path)
            connection.executescript(_SCHEMA)
        return cls(path, connection)

    @classmethod
    def open_to_write(cls, path: Path) -> "DocumentCatalog":
        """Open an existing catalog that nobody reads."""
        with _translated(path):
            return cls(path, sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True))

    @classmethod
    def open_to_read(cls, path: Path) -> "DocumentCatalog":
        """Open the catalog of a finished generation, which never changes, for any number of threads."""
        with _translated(path):
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            return cls(path, sqlite3.connect(uri, uri=True, check_same_thread=False))

    def add(self, document: Document) -> None:
        """Store a document that the catalog does not hold yet."""
        facts = document.facts
        row = (
            facts.id,
            facts.source,
            facts.path,
            facts_text(facts),
            zlib.compress(document.text.encode(), 6),
            zlib.compress(sections_text(document.sections).encode(), 6),
            zlib.compress(extract_text(document.extract).encode(), 6) if document.extract else None,
        )
        with self._use() as connection:
            connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def holds(self, document_id: str) -> bool:
        """Tell whether the catalog holds a document."""
        with self._use() as connection:
            found = connection.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone()
        return found is not None

    def count(self) -> int:
        """Return the number of documents."""
        with self._use() as connection:
            (number,) = connection.execute("SELECT count(*) FROM documents").fetchone()
        return int(number)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove documents; unknown ids are ignored."""
        with self._use() as connection:
            connection.executemany("DELETE FROM documents WHERE id = ?", [(document_id,) for document_id in ids])

    def document(self, document_id: str) -> Document | None:
        """Return the whole document, or None."""
        with self._use() as connection:
            row = connection.execute(
                "SELECT facts, text, sections, extract FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        if row is None:
            return None
        facts, text, sections, extract = row
        return document_of(facts_of(facts), _unpacked(text), _unpacked(sections), _unpacked(extract))

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document, ordered by source and path."""
        with self._use() as connection:
            rows = connection.execute("SELECT facts FROM documents ORDER BY source, path, id").fetchall()
        return [facts_of(facts) for (facts,) in rows]

    def extracts(self) -> list[DocumentExtract]:
        """Return what each document states as structure, ordered by source and path."""
        query = "SELECT id, extract FROM documents WHERE extract IS NOT NULL ORDER BY source, path, id"
        with self._use() as connection:
            rows = connection.execute(query).fetchall()
        return [DocumentExtract(document_id, extract_of(_unpacked(extract))) for document_id, extract in rows]

    def relate(self, duplicates: Mapping[str, str]) -> None:
        """Replace what is recorded of near-duplicates: the leader's id by the other's."""
        with self._use() as connection:
            connection.execute("DELETE FROM duplicates")
            connection.executemany("INSERT INTO duplicates VALUES (?, ?)", sorted(duplicates.items()))

    def duplicates(self) -> dict[str, str]:
        """Return, by id, the leader of each document that nearly repeats another one."""
        with self._use() as connection:
            return dict(connection.execute("SELECT id, leader FROM duplicates ORDER BY id").fetchall())

    def commit(self) -> None:
        """Make what was written permanent."""
        with self._use() as connection:
            connection.commit()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _translated(self._path):
            if self._connection is None:
                raise StorageFailed(f"the document catalog {str(self._path)!r} was closed; open the current generation")
            yield self._connection


def _unpacked(data: bytes | None) -> str:
    return zlib.decompress(data).decode() if data else ""


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageFailed(
            f"the document catalog {str(path)!r} failed: {error}; check space and permissions there, then "
            "run the command again (if it stays: groundwatch ingest --rebuild)"
        ) from error
