"""Which incident is to be investigated next, asked for by one process at a time and not more often than is set."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from api.incidents.facts import IncidentFacts
from api.incidents.incidents import SEVERITIES, IncidentState, Inquest
from api.schemas.investigation_runs import RunState
from api.storage.database import Database
from api.storage.incident_book import lock, newest_revision
from api.storage.incident_rows import incident_of, kept_of
from api.storage.incident_tables import incident_alert_table, incident_table
from api.storage.investigation_tables import investigation_table
from api.storage.investigations import plain

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LEFT = timedelta(seconds=120)  # after which a process that asked and never said what came of it is taken to be gone
_AGAIN = timedelta(seconds=60)
_MOST_ATTEMPTS = 5
_GOING_ON = (RunState.QUEUED.value, RunState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class StartLimits:
    """How many investigations that alerts ask for may go on at once, and may be asked for within an hour."""

    at_once: int = 4
    per_hour: int = 20


class InquestTable:
    """The incidents as those who start investigations share them."""

    def __init__(self, database: Database, limits: StartLimits) -> None:
        self._database, self._limits = database, limits

    def claim(self, now: datetime) -> IncidentFacts | None:
        """Take the worst incident that waits, the oldest of these; None where none does or no more may be started."""
        from sqlalchemy import case, or_

        table = incident_table()
        waits = or_(table.c.inquest == Inquest.WANTED.value, self._is_left(now))
        ready = or_(table.c.inquest_at.is_(None), table.c.inquest_at <= now - _AGAIN)
        rank = case({one.value: number for number, one in enumerate(SEVERITIES)}, value=table.c.severity)
        goes_on = table.c.state != IncidentState.RESOLVED.value
        wanted = table.select().where(waits, ready, goes_on).order_by(rank, table.c.opened_at, table.c.id).limit(1)
        with self._database.transaction() as connection:
            lock(connection)
            if not self._may_start(connection, now):
                return None
            row = connection.execute(wanted).one_or_none()
            if row is None:
                return None
            asking = {"inquest": Inquest.ASKING.value, "inquest_at": now, "inquest_attempts": row.inquest_attempts + 1}
            # With a revision of its own: whoever holds a copy of the incident must see that it is taken.
            revision = newest_revision(connection) + 1
            connection.execute(table.update().where(table.c.id == row.id).values(**asking, revision=revision))
            return _facts(connection, row)

    def not_started(self, incident_id: str, problem: str, now: datetime) -> None:
        """Put an incident back, to be tried again in a minute; refused for good after several times."""
        table = incident_table()
        with self._database.transaction() as connection:
            lock(connection)
            asked = (table.c.id == incident_id, table.c.inquest == Inquest.ASKING.value)
            row = connection.execute(table.select().where(*asked)).one_or_none()
            if row is None:
                return
            stage = Inquest.REFUSED if row.inquest_attempts >= _MOST_ATTEMPTS else Inquest.WANTED
            values = {"inquest": stage.value, "inquest_at": now, "inquest_problem": plain(problem)[:2000]}
            revision = newest_revision(connection) + 1
            connection.execute(table.update().where(table.c.id == row.id).values(**values, revision=revision))

    def note_ended(self) -> int:
        """Note of the incidents whose investigation has ended, or was deleted, that it has; return how many."""
        from sqlalchemy import or_, select

        table, runs = incident_table(), investigation_table()
        joined = table.outerjoin(runs, runs.c.id == table.c.investigation_id)
        over = or_(runs.c.id.is_(None), runs.c.state.not_in(_GOING_ON))
        wanted = select(table.c.id).select_from(joined).where(table.c.inquest == Inquest.STARTED.value, over)
        with self._database.transaction() as connection:
            lock(connection)
            ids = list(connection.execute(wanted.order_by(table.c.id)).scalars())
            if ids:
                number = newest_revision(connection)
                for revision, name in enumerate(ids, start=number + 1):
                    change = table.update().where(table.c.id == name)
                    connection.execute(change.values(inquest=Inquest.ENDED.value, revision=revision))
        return len(ids)

    def _may_start(self, connection: "Connection", now: datetime) -> bool:
        from sqlalchemy import and_, func, or_, select

        table, runs = incident_table(), investigation_table()
        joined = table.outerjoin(runs, runs.c.id == table.c.investigation_id)
        going_on = or_(
            and_(table.c.inquest == Inquest.ASKING.value, ~self._is_left(now)),
            and_(table.c.inquest == Inquest.STARTED.value, runs.c.state.in_(_GOING_ON)),
        )
        at_once = connection.execute(select(func.count()).select_from(joined).where(going_on)).scalar_one()
        begun = table.c.inquest.in_([Inquest.ASKING.value, Inquest.STARTED.value, Inquest.ENDED.value])
        recent = select(func.count()).select_from(table).where(begun, table.c.inquest_at > now - timedelta(hours=1))
        within_hour = connection.execute(recent).scalar_one()
        return bool(at_once < self._limits.at_once and within_hour < self._limits.per_hour)

    def _is_left(self, now: datetime) -> Any:
        from sqlalchemy import and_

        table = incident_table()
        return and_(table.c.inquest == Inquest.ASKING.value, table.c.inquest_at <= now - _LEFT)


def _facts(connection: "Connection", row: Any) -> IncidentFacts:
    """Return what is known of an incident, by the worst alert of those that fire."""
    incident, table = incident_of(row), incident_alert_table()
    order = (table.c.status, table.c.severity_rank, table.c.started_at, table.c.key)  # "firing" before "resolved"
    wanted = table.select().where(table.c.incident_id == row.id).order_by(*order).limit(1)
    alert = kept_of(connection.execute(wanted).one()).alert
    return IncidentFacts(
        id=incident.id,
        title=incident.title,
        severity=incident.severity,
        service=alert.service or incident.service,
        services=incident.services,
        alert=alert.name,
        summary=alert.summary,
        labels=alert.labels,
        started_at=incident.first_started,
        attempt=row.inquest_attempts + 1,
    )
