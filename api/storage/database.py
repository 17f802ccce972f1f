"""The database of the API: opened on first use, brought up to date by migrations."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import StorageFailed, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_MIGRATIONS = Path(__file__).with_name("migrations")
_MIGRATING = threading.Lock()  # alembic keeps what it works on in globals of its package


class Database:
    """A database by SQLAlchemy URL, SQLite or PostgreSQL; nothing is opened before the first transaction."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._opening = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator["Connection"]:
        """Yield a connection whose work is kept if the block ends well.

        Raises StorageFailed where the database cannot be reached or written, UsageError for a wrong URL.
        """
        # The package before its parts, here as everywhere: two threads that begin with different ones lock each
        # other out, and Python then hands one of them a package that is half imported.
        from sqlalchemy import exc

        engine = self._open()
        try:
            with engine.begin() as connection:
                yield connection
        except (exc.SQLAlchemyError, OSError) as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Let go of all connections."""
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _open(self) -> "Engine":
        from sqlalchemy import exc

        with self._opening:
            if self._engine is None:
                engine = _engine(self._url)
                try:
                    with _MIGRATING:
                        _migrate(engine)
                except (exc.SQLAlchemyError, OSError) as error:
                    engine.dispose()
                    raise self._failed(error) from error
                self._engine = engine
            return self._engine

    def _failed(self, error: Exception) -> StorageFailed:
        from sqlalchemy import make_url

        place = make_url(self._url).render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return StorageFailed(
            f"cannot use the database {place!r}: {reason}; check GROUNDWATCH_DATABASE_URL, free space and "
            "permissions (answers do not need it)"
        )


def _engine(url: str) -> "Engine":
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise UsageError(
                f"GROUNDWATCH_DATABASE_URL names {parsed.get_backend_name()!r}; use sqlite:///FILE or "
                "postgresql+psycopg://USER:PASSWORD@HOST/NAME"
            )
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(
            "GROUNDWATCH_DATABASE_URL is not a database URL; use sqlite:///FILE or "
            "postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error
    except OSError as error:
        raise StorageFailed(f"cannot make the folder of {url!r}: {error}; check permissions") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_immediately)
    return engine


def _migrate(engine: "Engine") -> None:
    """Bring the tables up to date; of several processes at once, one does it and the others wait."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7236251)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _leave_transactions_to_us(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=10000")
    connection.create_function("lower", 1, _lowered, deterministic=True)  # its own knows the letters of ASCII only


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _begin_immediately(connection: "Connection") -> None:
    """Take SQLite's write lock at once, so that a transaction never has to wait in its middle."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
