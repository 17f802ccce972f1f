"""The tables of the manifest, and how an older file is brought up to them."""

import sqlite3

_DOCUMENT_COLUMNS = {
    "source": "TEXT NOT NULL",
    "path": "TEXT NOT NULL",
    "document_id": "TEXT NOT NULL",
    "state": "TEXT NOT NULL",
    "fingerprint": "TEXT NOT NULL",
    "recipe": "TEXT NOT NULL",
    "revision": "TEXT NOT NULL",
    "kind": "TEXT NOT NULL",
    "kind_reason": "TEXT NOT NULL",
    "title": "TEXT NOT NULL",
    "passages": "INTEGER NOT NULL",
    "size": "INTEGER NOT NULL",
    "reason": "TEXT NOT NULL",
    "attempts": "INTEGER NOT NULL",
    "warnings": "TEXT NOT NULL",
    "seen_at": "TEXT NOT NULL",
    "origin": "TEXT NOT NULL DEFAULT ''",
    "format": "TEXT NOT NULL DEFAULT ''",
    "reached": "TEXT NOT NULL DEFAULT ''",
    "transient": "INTEGER NOT NULL DEFAULT 0",
    "secrets": "INTEGER NOT NULL DEFAULT 0",
    "hostile": "INTEGER NOT NULL DEFAULT 0",
    "held": "INTEGER NOT NULL DEFAULT 0",
    "access": "TEXT NOT NULL DEFAULT '[]'",
}
_SYNC_COLUMNS = {
    "source": "TEXT PRIMARY KEY",
    "location": "TEXT NOT NULL",
    "url_prefix": "TEXT",
    "finished_at": "TEXT NOT NULL",
    "seconds": "REAL NOT NULL",
    "complete": "INTEGER NOT NULL",
    "problems": "TEXT NOT NULL",
    "type": "TEXT NOT NULL DEFAULT 'folder'",
    "declared": "INTEGER NOT NULL DEFAULT 0",
    "revision": "TEXT NOT NULL DEFAULT ''",
}
DOCUMENT_COLUMNS = tuple(_DOCUMENT_COLUMNS)
SYNC_COLUMNS = tuple(_SYNC_COLUMNS)


def _columns(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


_SCHEMA = f"""
    CREATE TABLE IF NOT EXISTS documents ({_columns(_DOCUMENT_COLUMNS)}, PRIMARY KEY (source, path));
    CREATE TABLE IF NOT EXISTS staged (generation INTEGER NOT NULL, removed INTEGER NOT NULL, row TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS syncs ({_columns(_SYNC_COLUMNS)});
    CREATE TABLE IF NOT EXISTS terms (source TEXT PRIMARY KEY, kind TEXT, excludes TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS corrections (
        source TEXT NOT NULL, path TEXT NOT NULL, kind TEXT, services TEXT, PRIMARY KEY (source, path)
    );
    CREATE TABLE IF NOT EXISTS bodies (document_id TEXT PRIMARY KEY, removed_at TEXT NOT NULL, body BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS signatures (
        document_id TEXT PRIMARY KEY, revision TEXT NOT NULL, signature BLOB NOT NULL
    );
    CREATE TABLE IF NOT EXISTS history (
        generation INTEGER NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, before TEXT,
        PRIMARY KEY (generation, source, path)
    );
    CREATE TABLE IF NOT EXISTS promotions (
        generation INTEGER PRIMARY KEY, promoted_at TEXT NOT NULL, documents INTEGER NOT NULL,
        passages INTEGER NOT NULL, checks TEXT NOT NULL, rolled_back_at TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, sources TEXT NOT NULL, started_at TEXT NOT NULL,
        heartbeat_at TEXT NOT NULL, finished_at TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL,
        stage TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
        generation INTEGER, reason TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
        stages TEXT NOT NULL DEFAULT '[]', checks TEXT NOT NULL DEFAULT '[]', cancel INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE IF NOT EXISTS run_changes (
        run INTEGER NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, change TEXT NOT NULL, detail TEXT NOT NULL,
        access TEXT NOT NULL DEFAULT '[]'
    );
    CREATE INDEX IF NOT EXISTS run_changes_of_run ON run_changes (run);
    CREATE TABLE IF NOT EXISTS inflight (
        source TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (source, path)
    );
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make missing tables, and add the columns that a file of an earlier version lacks."""
    connection.executescript(_SCHEMA)
    added = {"access": "TEXT NOT NULL DEFAULT '[]'"}
    for table, columns in (("documents", _DOCUMENT_COLUMNS), ("syncs", _SYNC_COLUMNS), ("run_changes", added)):
        held = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for name in columns.keys() - held:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {columns[name]}")
    connection.commit()
