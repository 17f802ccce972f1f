"""What a web source keeps between crawls: the last answer for each address, and what each snapshot listed."""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS bodies (digest TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    url TEXT PRIMARY KEY, digest TEXT NOT NULL, content_type TEXT NOT NULL, etag TEXT NOT NULL,
    last_modified TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshots (id INTEGER PRIMARY KEY AUTOINCREMENT, taken_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS listed (
    snapshot INTEGER NOT NULL, path TEXT NOT NULL, url TEXT NOT NULL, digest TEXT NOT NULL,
    content_type TEXT NOT NULL, PRIMARY KEY (snapshot, path)
) WITHOUT ROWID;
"""
_KEPT_SNAPSHOTS = 3  # a crawl may still be fetched from while the next one starts


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A page as a server sent it; `etag` and `last_modified` are "" where it sent none."""

    url: str
    body: bytes
    content_type: str
    etag: str = ""
    last_modified: str = ""


class WebCache:
    """A SQLite file. Bodies are kept once, by digest, as long as a snapshot or an answer refers to them."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def answer(self, url: str) -> CachedAnswer | None:
        """Return the last answer for an address."""
        with self._open() as connection:
            row = connection.execute(
                "SELECT url, body, content_type, etag, last_modified FROM answers JOIN bodies USING (digest) "
                "WHERE url = ?",
                (url,),
            ).fetchone()
        return CachedAnswer(row[0], zlib.decompress(row[1]), *row[2:]) if row else None

    def keep(self, answer: CachedAnswer) -> None:
        """Store the answer for an address in place of the last one."""
        digest = sha256(answer.body).hexdigest()
        with self._open() as connection:
            packed = zlib.compress(answer.body, 6)
            connection.execute("INSERT OR IGNORE INTO bodies VALUES (?, ?)", (digest, packed))
            connection.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
                (answer.url, digest, answer.content_type, answer.etag, answer.last_modified),
            )

    def record(self, urls: Mapping[str, str], taken_at: str, *, complete: bool) -> int:
        """Store what a snapshot listed, as the address of each path, and return the snapshot's number.

        After a complete crawl, answers of addresses that are not listed are forgotten.
        """
        with self._open() as connection:
            number = connection.execute("INSERT INTO snapshots (taken_at) VALUES (?)", (taken_at,)).lastrowid or 0
            connection.executemany(
                "INSERT INTO listed SELECT ?, ?, url, digest, content_type FROM answers WHERE url = ?",
                [(number, path, url) for path, url in urls.items()],
            )
            oldest = number - _KEPT_SNAPSHOTS + 1
            connection.execute("DELETE FROM listed WHERE snapshot < ?", (oldest,))
            connection.execute("DELETE FROM snapshots WHERE id < ?", (oldest,))
            if complete:
                connection.execute(
                    "DELETE FROM answers WHERE url NOT IN (SELECT url FROM listed WHERE snapshot = ?)", (number,)
                )
            connection.execute(
                "DELETE FROM bodies WHERE digest NOT IN (SELECT digest FROM answers) "
                "AND digest NOT IN (SELECT digest FROM listed)"
            )
        return number

    def listed(self, snapshot: int, path: str) -> CachedAnswer | None:
        """Return the page that a snapshot (0: the last one) listed under `path`."""
        if not self._file.is_file():
            return None
        with self._open() as connection:
            row = connection.execute(
                "SELECT url, body, content_type FROM listed JOIN bodies USING (digest) "
                "WHERE snapshot = coalesce(nullif(?, 0), (SELECT max(id) FROM snapshots)) AND path = ?",
                (snapshot, path),
            ).fetchone()
        return CachedAnswer(row[0], zlib.decompress(row[1]), row[2]) if row else None

    def knows(self, snapshot: int) -> bool:
        """Tell whether what that snapshot listed is still here."""
        if not self._file.is_file():
            return False
        with self._open() as connection:
            return bool(connection.execute("SELECT 1 FROM snapshots WHERE id = ?", (snapshot,)).fetchone())

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one step: an instance that holds no connection can be pickled, and killed."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            # A cache need not survive a power cut, and a killed process does not harm it.
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(_SCHEMA)
            with connection:
                yield connection
