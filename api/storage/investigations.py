"""Investigations in the database: what was asked, how far each is, its steps, and what came of it."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.errors import NotFound, UsageError
from api.investigation.verdicts import VerdictState
from api.schemas.investigation_agent import AgentNotesView
from api.schemas.investigation_runs import InvestigationPage, InvestigationSummary, RunState
from api.schemas.investigations import InvestigationResult, ObservationDetail, StepView
from api.storage.database import Database
from api.storage.investigation_tables import LARGE, act_table, investigation_table, observation_table, step_table
from ingest.errors import StorageFailed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

MAX_WAITING = 200
"""Most investigations that wait for their turn."""

_TITLE = 300  # characters
Model = TypeVar("Model", bound=BaseModel)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class InvestigationTable:
    """Keep investigations in a database; its methods raise StorageFailed where that cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, asked: InvestigationSummary, *, request_key: str | None, request_digest: str, window: str | None = None
    ) -> InvestigationSummary:
        """Keep a new one that waits for its turn, or return the one that the same request key asked for before.

        `window` is what it looks at where that is not its bundle's own. Raises UsageError where the key was used for
        another request, or where too many wait.
        """
        table = investigation_table()
        with self._database.transaction() as connection:
            if connection.dialect.name == "postgresql":  # SQLite holds its lock for the whole transaction anyway
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7236252)")
            if request_key is not None:
                known = connection.execute(table.select().where(table.c.request_key == request_key)).one_or_none()
                if known is not None:
                    return _same_request(known, request_digest)
            _check_waiting(connection)
            values = {
                "id": asked.id,
                "title": title_of(asked.title),
                "bundle": plain(asked.bundle),
                "state": RunState.QUEUED.value,
                "created_at": asked.created_at,
                "request_key": request_key,
                "request_digest": request_digest,
                "holder": "",
                "attempts": 0,
                "steps": 0,
                "error": "",
                "window": window,
                "follows": asked.follows,
            }
            connection.execute(table.insert().values(values))
        return asked

    def page(self, *, state: RunState | None, offset: int, limit: int) -> InvestigationPage:
        """Return investigations, newest first, those of one state where it is given."""
        from sqlalchemy import func, select

        table = investigation_table()
        wanted, count = select(*_summary_columns()), select(func.count()).select_from(table)
        if state is not None:
            wanted, count = wanted.where(table.c.state == state.value), count.where(table.c.state == state.value)
        newest = wanted.order_by(table.c.created_at.desc(), table.c.id).offset(offset).limit(limit)
        with self._database.transaction() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(newest).all()
        found = [summary_of(row) for row in rows]
        return InvestigationPage(investigations=found, total=total, offset=offset, limit=limit)

    def summary(self, investigation_id: str) -> InvestigationSummary:
        """Return one without its result; raises NotFound."""
        from sqlalchemy import select

        wanted = select(*_summary_columns()).where(investigation_table().c.id == _searchable(investigation_id))
        with self._database.transaction() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise _no_investigation(investigation_id)
        return summary_of(row)

    def result(self, investigation_id: str) -> InvestigationResult | None:
        """Return what came of one, as it stands after all that people did, or None where it is not done.

        Raises NotFound.
        """
        steered = self._part(InvestigationResult, "steered", investigation_id)
        return steered if steered is not None else self.original(investigation_id)

    def original(self, investigation_id: str) -> InvestigationResult | None:
        """Return what came of one before people did anything, or None where it is not done; raises NotFound."""
        return self._part(InvestigationResult, "result", investigation_id)

    def is_steered(self, investigation_id: str) -> bool:
        """Tell whether the result as it stands after people's acts is kept; raises NotFound."""
        return self._column("steered", investigation_id) is not None

    def window(self, investigation_id: str) -> str | None:
        """Return the window of one where it is not its bundle's own; raises NotFound."""
        return self._column("window", investigation_id)

    def followed_by(self, investigation_id: str) -> str | None:
        """Return the newest that goes on from one in another window; None where none does."""
        from sqlalchemy import select

        table = investigation_table()
        newest = select(table.c.id).where(table.c.follows == _searchable(investigation_id))
        with self._database.transaction() as connection:
            return connection.execute(newest.order_by(table.c.created_at.desc(), table.c.id)).scalars().first()

    def agent(self, investigation_id: str) -> AgentNotesView | None:
        """Return what an agent did beside one, or None where none did; raises NotFound."""
        return self._part(AgentNotesView, "agent", investigation_id)

    def steps(self, investigation_id: str, *, after: int) -> list[StepView]:
        """Return the steps whose number is above `after`, in order; none for an unknown investigation."""
        table = step_table()
        wanted = table.select().where(table.c.investigation_id == _searchable(investigation_id), table.c.number > after)
        with self._database.transaction() as connection:
            rows = connection.execute(wanted.order_by(table.c.number)).all()
        return [
            StepView(number=row.number, stage=row.stage, specialist=row.specialist, text=row.text, ref=row.ref)
            for row in rows
        ]

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""
        table = observation_table()
        wanted = table.select().where(
            table.c.investigation_id == _searchable(investigation_id), table.c.id == _searchable(observation_id)
        )
        with self._database.transaction() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            self.summary(investigation_id)
            raise NotFound(
                f"investigation {investigation_id!r} holds no observation {_short(observation_id)!r}; its ids are in "
                f"GET /v1/investigations/{investigation_id}"
            )
        return _read(ObservationDetail, row.detail, investigation_id)

    def observations(self, investigation_id: str) -> list[ObservationDetail]:
        """Return all observations of one in their order."""
        table = observation_table()
        wanted = table.select().where(table.c.investigation_id == investigation_id).order_by(table.c.position)
        with self._database.transaction() as connection:
            rows = connection.execute(wanted).all()
        return [_read(ObservationDetail, row.detail, investigation_id) for row in rows]

    def cancel(self, investigation_id: str, at: datetime) -> InvestigationSummary:
        """Call one off unless it has ended; its steps stay. Raises NotFound."""
        table = investigation_table()
        going_on = table.c.state.in_([RunState.QUEUED.value, RunState.RUNNING.value])
        change = table.update().where(table.c.id == _searchable(investigation_id), going_on)
        with self._database.transaction() as connection:
            connection.execute(change.values(state=RunState.CANCELLED.value, ended_at=at, holder="", held_until=None))
        return self.summary(investigation_id)

    def delete(self, investigation_id: str) -> InvestigationSummary:
        """Delete one with its steps and observations and return what it was; raises NotFound."""
        found = self.summary(investigation_id)
        table, steps, observations, acts = investigation_table(), step_table(), observation_table(), act_table()
        with self._database.transaction() as connection:
            # The row is locked first, so that a runner adds nothing in the meantime.
            connection.execute(table.select().where(table.c.id == investigation_id).with_for_update()).all()
            connection.execute(steps.delete().where(steps.c.investigation_id == investigation_id))
            connection.execute(observations.delete().where(observations.c.investigation_id == investigation_id))
            connection.execute(acts.delete().where(acts.c.investigation_id == investigation_id))
            connection.execute(table.delete().where(table.c.id == investigation_id))
        return found

    def _part(self, form: type[Model], name: str, investigation_id: str) -> Model | None:
        text = self._column(name, investigation_id)
        return None if text is None else _read(form, text, investigation_id)

    def _column(self, name: str, investigation_id: str) -> str | None:
        from sqlalchemy import select

        table = investigation_table()
        with self._database.transaction() as connection:
            wanted = select(table.c[name]).where(table.c.id == _searchable(investigation_id))
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise _no_investigation(investigation_id)
        return None if row[0] is None else str(row[0])

    def bundles(self) -> set[str]:
        """Return the references of all bundles that an investigation names."""
        from sqlalchemy import select

        with self._database.transaction() as connection:
            return set(connection.execute(select(investigation_table().c.bundle)).scalars())


def summary_of(row: "Row[Any]") -> InvestigationSummary:
    """Return a row of the table of investigations as it goes on the wire."""
    return InvestigationSummary(
        id=row.id,
        title=row.title,
        state=RunState(row.state),
        bundle=row.bundle,
        created_at=utc(row.created_at),
        ended_at=utc(row.ended_at) if row.ended_at is not None else None,
        steps=row.steps,
        attempts=row.attempts,
        verdict=VerdictState(row.verdict) if row.verdict is not None else None,
        component=row.component,
        error=row.error,
        follows=row.follows,
    )


def title_of(text: str) -> str:
    """Return a title on one line, shortened."""
    words = " ".join(plain(text).split())
    return words if len(words) <= _TITLE else f"{words[: _TITLE - 1].rstrip()}…"


def plain(text: str) -> str:
    """Return a text as every database takes it."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()  # PostgreSQL keeps no NUL in text


def utc(moment: datetime) -> datetime:
    """Return a moment with the zone that SQLite does not keep."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _summary_columns() -> list[Any]:
    """Return the columns of a summary: a list does not read results, which may be large."""
    return [column for column in investigation_table().c if column.name not in LARGE]


def _check_waiting(connection: "Connection") -> None:
    from sqlalchemy import func, select

    table = investigation_table()
    waiting = select(func.count()).select_from(table).where(table.c.state == RunState.QUEUED.value)
    if connection.execute(waiting).scalar_one() >= MAX_WAITING:
        raise UsageError(
            f"{MAX_WAITING} investigations wait already, which is the most; cancel some, or ask again "
            "once they are done"
        )


def _same_request(row: "Row[Any]", request_digest: str) -> InvestigationSummary:
    if row.request_digest != request_digest:
        raise UsageError(
            f"the Idempotency-Key {row.request_key!r} was used for another request, that of investigation {row.id!r}; "
            "send a new key"
        )
    return summary_of(row)


def _read(form: type[Model], text: str, investigation_id: str) -> Model:
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        raise StorageFailed(
            f"investigation {investigation_id!r} was stored in a form that this version can't read "
            f"({error.error_count()} fields); start it again"
        ) from error


def _searchable(name: str) -> str:
    """Return an id as one can look for it; "" stands for what cannot be one, such as half a character."""
    return name if _ID.fullmatch(name) else ""


def _short(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:80]}…"


def _no_investigation(investigation_id: str) -> NotFound:
    return NotFound(
        f"no investigation has the id {_short(investigation_id)!r}: it was deleted or never asked for; list them with "
        "GET /v1/investigations"
    )
