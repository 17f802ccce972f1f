"""Who works on an investigation: one process takes it, says now and then that it lives, and writes what comes of it.

A process holds an investigation until a set time and goes on putting that off. What it writes is taken only while
it holds it: one that was stopped for long and comes back finds that another has taken over, or that it was cancelled.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from api.errors import GroundwatchError
from api.schemas.investigation_agent import AgentNotesView
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import InvestigationResult, ObservationDetail, StepView
from api.storage.database import Database
from api.storage.investigation_observations import keep_observations
from api.storage.investigation_tables import LARGE, investigation_table, step_table
from api.storage.investigations import plain, title_of, utc

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_ROWS_AT_ONCE = 200  # a statement holds 5 values of each


class ClaimLost(GroundwatchError):
    """This process does not hold the investigation any more: it was cancelled, deleted or taken over."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An investigation that a process has taken; `attempts` counts this time too, `window` is as `moved` reads it."""

    investigation_id: str
    title: str
    bundle: str
    attempts: int
    window: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an investigation ended: its state with the reason, or the result, with what an agent did beside it."""

    state: RunState
    error: str = ""
    result: InvestigationResult | None = None
    observations: Sequence[ObservationDetail] = ()
    agent: AgentNotesView | None = None


class ClaimTable:
    """The investigations as the processes that work on them share them; `holder` names this process.

    `gone` tells of another holder whether its process has certainly ended. Methods raise StorageFailed where the
    database cannot be used.
    """

    def __init__(
        self, database: Database, holder: str, *, gone: Callable[[str], bool], hold: timedelta = timedelta(seconds=60)
    ) -> None:
        self._database, self._holder, self._gone, self._hold = database, holder, gone, hold

    def take(self, now: datetime, *, besides: Collection[str] = ()) -> Claim | None:
        """Take the oldest that waits, or one whose process is gone; None where there is none.

        `besides` are those that this process works on: any other that it seems to hold, it has dropped.
        """
        with self._database.transaction() as connection:
            row = self._free(connection, now, besides)
            if row is None:
                return None
            table = investigation_table()
            values = {
                "state": RunState.RUNNING.value,
                "holder": self._holder,
                "held_until": now + self._hold,
                "attempts": row.attempts + 1,
            }
            connection.execute(table.update().where(table.c.id == row.id).values(values))
        return Claim(row.id, row.title, row.bundle, row.attempts + 1, row.window)

    def keep(self, investigation_ids: Sequence[str], now: datetime) -> set[str]:
        """Go on holding investigations; return those that this process holds no more."""
        from sqlalchemy import select

        table = investigation_table()
        with self._database.transaction() as connection:
            change = table.update().where(*self._is_held(), table.c.id.in_(investigation_ids))
            connection.execute(change.values(held_until=now + self._hold))
            held = connection.execute(
                select(table.c.id).where(*self._is_held(), table.c.id.in_(investigation_ids))
            ).scalars()
            return set(investigation_ids) - set(held)

    def append(self, investigation_id: str, steps: Sequence[StepView]) -> int:
        """Keep steps after those that are there, whatever their numbers; return the last number.

        Raises ClaimLost.
        """
        table, kept = investigation_table(), step_table()
        with self._database.transaction() as connection:
            last = int(self._held_row(connection, investigation_id).steps)
            rows = [
                {
                    "investigation_id": investigation_id,
                    "number": number,
                    "stage": step.stage.value,
                    "specialist": plain(step.specialist),
                    "text": plain(step.text),
                    "ref": plain(step.ref),
                }
                for number, step in enumerate(steps, start=last + 1)
            ]
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                connection.execute(kept.insert(), rows[start : start + _ROWS_AT_ONCE])
            change = table.update().where(table.c.id == investigation_id)
            connection.execute(change.values(steps=last + len(rows)))
        return last + len(rows)

    def finish(self, investigation_id: str, outcome: Outcome, now: datetime) -> None:
        """Keep how an investigation ended, all of it or nothing. Raises ClaimLost."""
        table = investigation_table()
        with self._database.transaction() as connection:
            row = self._held_row(connection, investigation_id)
            keep_observations(connection, investigation_id, outcome.observations)
            change = table.update().where(table.c.id == investigation_id)
            connection.execute(change.values(_ending(outcome, row.title, now)))

    def release(self, investigation_id: str) -> None:
        """Put an investigation back, as if this process had not begun it; nothing where it holds it no more."""
        table = investigation_table()
        change = table.update().where(*self._is_held(), table.c.id == investigation_id)
        values: dict[str, Any] = {
            "state": RunState.QUEUED.value,
            "holder": "",
            "held_until": None,
            "attempts": table.c.attempts - 1,
        }
        with self._database.transaction() as connection:
            connection.execute(change.values(values))

    def _free(self, connection: "Connection", now: datetime, besides: Collection[str]) -> "Row[Any] | None":
        from sqlalchemy import or_

        table = investigation_table()
        columns = [column for column in table.c if column.name not in LARGE]
        wanted = (
            table.select()
            .with_only_columns(*columns)
            .where(or_(table.c.state == RunState.QUEUED.value, table.c.state == RunState.RUNNING.value))
            .order_by(table.c.created_at, table.c.id)
            .with_for_update(skip_locked=True)
        )
        for row in connection.execute(wanted):
            if row.id not in besides and (row.state == RunState.QUEUED.value or self._is_abandoned(row, now)):
                return row
        return None

    def _is_abandoned(self, row: "Row[Any]", now: datetime) -> bool:
        lapsed = row.held_until is None or utc(row.held_until) < now
        return lapsed or row.holder == self._holder or self._gone(row.holder)

    def _is_held(self) -> tuple[Any, Any]:
        table = investigation_table()
        return table.c.state == RunState.RUNNING.value, table.c.holder == self._holder

    def _held_row(self, connection: "Connection", investigation_id: str) -> "Row[Any]":
        """Lock an investigation for this transaction; raises ClaimLost."""
        table = investigation_table()
        columns = [table.c.id, table.c.title, table.c.steps]
        wanted = table.select().with_only_columns(*columns).where(table.c.id == investigation_id, *self._is_held())
        row = connection.execute(wanted.with_for_update()).one_or_none()
        if row is None:
            raise ClaimLost(f"investigation {investigation_id!r} was cancelled, deleted or taken over meanwhile")
        return row


def _ending(outcome: Outcome, title: str, now: datetime) -> dict[str, Any]:
    result = outcome.result
    cause = result.verdict.cause if result is not None else None
    return {
        "state": outcome.state.value,
        "ended_at": now,
        "holder": "",
        "held_until": None,
        "error": plain(outcome.error),
        "title": title or (title_of(result.incident.title) if result is not None else ""),
        "verdict": result.verdict.state.value if result is not None else None,
        "component": plain(cause.component) if cause is not None else None,
        "result": result.model_dump_json() if result is not None else None,
        "agent": outcome.agent.model_dump_json() if outcome.agent is not None else None,
    }
