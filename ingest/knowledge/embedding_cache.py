"""Vectors on disk by model and text, so that no text is embedded twice, even after a kill."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.errors import KnowledgeError, StorageFailed
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import Vector

_CHUNK = 500  # keys per look-up, below SQLite's limit of bound variables


class EmbeddingCache:
    """A SQLite file of unit vectors; one writer at a time, each batch durable when `embed` returns.

    `embedded` and `reused` count texts since opening.
    """

    def __init__(self, file: Path) -> None:
        self.embedded = 0
        self.reused = 0
        self._file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=30, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )
            self._connection.commit()
        except (OSError, sqlite3.Error) as error:
            raise self._failure(error) from error

    def embed(self, embedder: Embedder, texts: Sequence[str]) -> None:
        """Make sure that every text has a vector, embedding only those never seen with this model."""
        missing = self.missing(embedder.model, texts)
        if missing:
            self.keep(embedder.model, missing, embedder.embed_passages(missing))
        self.reused += len(texts) - len(missing)

    def missing(self, model: str, texts: Sequence[str]) -> list[str]:
        """Return the texts that have no vector of this model, each once, in the order given."""
        unknown = self._unknown(model, texts)
        return [text for text in dict.fromkeys(texts) if text in unknown]

    def keep(self, model: str, texts: Sequence[str], vectors: Vector) -> None:
        """Store vectors that were made elsewhere, of shape (len(texts), dimension) and unit length.

        They count as embedded. Raises KnowledgeError where their number or values cannot be those of the texts.
        """
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise KnowledgeError(
                f"model {model!r} gave vectors of shape {vectors.shape} for {len(texts)} texts, or values that are "
                "no numbers; check the model and the memory of the workers, then run the same command again"
            )
        self._save({_key(model, text): row for text, row in zip(texts, vectors, strict=True)})
        self.embedded += len(texts)

    def vectors(self, embedder: Embedder, texts: Sequence[str]) -> list[Vector]:
        """Return the vector of each text, of shape (dimension,); a text without one is embedded first."""
        keys = [_key(embedder.model, text) for text in texts]
        known = self._load(keys)
        if len(known) < len(set(keys)):
            self.embed(embedder, [text for text, key in zip(texts, keys, strict=True) if key not in known])
            known = self._load(keys)
        return [known[key] for key in keys]

    def prune(self, model: str, texts: Sequence[str]) -> int:
        """Drop every vector but those of these texts with this model, give the room back; return how many went."""
        keys = {(_key(model, text),) for text in texts}
        try:
            with self._connection:
                self._connection.execute("CREATE TEMP TABLE wanted (key BLOB PRIMARY KEY) WITHOUT ROWID")
                self._connection.executemany("INSERT INTO wanted VALUES (?)", keys)
                gone = self._connection.execute(
                    "DELETE FROM vectors WHERE key NOT IN (SELECT key FROM wanted)"
                ).rowcount
                self._connection.execute("DROP TABLE wanted")
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return gone

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _unknown(self, model: str, texts: Sequence[str]) -> set[str]:
        keys = {_key(model, text): text for text in texts}
        return {keys[key] for key in keys.keys() - self._load(list(keys)).keys()}

    def _load(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        found: dict[bytes, Vector] = {}
        try:
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"
                for key, blob in self._connection.execute(query, chunk):
                    found[key] = np.frombuffer(blob, dtype=np.float32)
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return found

    def _save(self, rows: dict[bytes, Vector]) -> None:
        try:
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                    [(key, np.ascontiguousarray(row, dtype=np.float32).tobytes()) for key, row in rows.items()],
                )
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> StorageFailed:
        return StorageFailed(
            f"cannot use the embedding cache {str(self._file)!r}: {error}; check free space and permissions, "
            "then run the same command again (nothing already embedded is lost)"
        )


def _key(model: str, text: str) -> bytes:
    return hashlib.sha256(f"{model}\n{text}".encode("utf-8", "surrogatepass")).digest()
