"""What happened to incidents and investigations since somebody looked, as the database shows it afterwards."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from api.incidents.alerts import Alert
from api.incidents.incidents import Incident, Moment
from api.schemas.investigation_acts import ActRequest, ActView, Came
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import InvestigationResult
from api.storage.incident_book import newest_revision
from api.storage.incident_rows import incident_of, kept_of
from api.storage.incident_tables import incident_alert_table, incident_history_table, incident_table
from api.storage.investigation_tables import act_table, investigation_table
from api.storage.investigations import utc
from api.storage.notification_tables import NOTIFICATIONS_LOCK, cursor_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

OVERLAP = timedelta(minutes=10)
"""How far back a look goes beyond the last one: clocks differ, and a transaction ends after the time it writes."""

_MOST = 100
_MOST_ALERTS = 50
_ENDED = (RunState.DONE.value, RunState.FAILED.value, RunState.INTERRUPTED.value)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a destination was told: nothing from before `since`, incidents up to `revision`."""

    destination: str
    since: datetime
    looked_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class ChangedIncident:
    """An incident with the revision of its last change, and when it opened last."""

    incident: Incident
    revision: int
    opened_last: datetime
    investigation_id: str


@dataclass(frozen=True, slots=True)
class EndedInvestigation:
    """An investigation that ended, with why where it has no result."""

    id: str
    title: str
    state: RunState
    ended_at: datetime
    error: str


def lock(connection: "Connection") -> None:
    """Let one process at a time look; SQLite holds its lock for a whole transaction anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({NOTIFICATIONS_LOCK})")


def cursors(connection: "Connection", destinations: Collection[str], now: datetime) -> dict[str, Cursor]:
    """Return the cursors of destinations; one that is new begins now, and is told nothing from before."""
    table = cursor_table()
    wanted = table.select().where(table.c.destination.in_(sorted(destinations)))
    found = {
        row.destination: Cursor(row.destination, utc(row.since), utc(row.looked_at), int(row.revision))
        for row in connection.execute(wanted)
    }
    for name in sorted(set(destinations) - found.keys()):
        found[name] = Cursor(name, now, now, newest_revision(connection))
        values = {"destination": name, "since": now, "looked_at": now, "revision": found[name].revision}
        connection.execute(table.insert().values(values))
    return found


def move(connection: "Connection", destinations: Collection[str], revision: int, now: datetime) -> None:
    """Keep how far destinations were told."""
    table = cursor_table()
    change = table.update().where(table.c.destination.in_(sorted(destinations)))
    connection.execute(change.values(looked_at=now, revision=revision))


def changed_incidents(connection: "Connection", after: int) -> list[ChangedIncident]:
    """Return the incidents that changed after a revision, at most 100, in the order of their last change."""
    from sqlalchemy import func, select

    table, history = incident_table(), incident_history_table()
    wanted = table.select().where(table.c.revision > after).order_by(table.c.revision).limit(_MOST)
    rows = connection.execute(wanted).all()
    opened = (Moment.OPENED.value, Moment.REOPENED.value)
    last = (
        select(history.c.incident_id, func.max(history.c.at).label("at"))
        .where(history.c.incident_id.in_([row.id for row in rows]), history.c.moment.in_(opened))
        .group_by(history.c.incident_id)
    )
    moments = {row.incident_id: utc(row.at) for row in connection.execute(last)} if rows else {}
    return [
        ChangedIncident(one, row.revision, moments.get(one.id, one.opened_at), row.investigation_id or "")
        for row in rows
        for one in (incident_of(row),)
    ]


def incident_of_investigation(connection: "Connection", investigation_id: str) -> Incident | None:
    """Return the incident whose investigation it is, the first where there are several; None where there is none."""
    table = incident_table()
    wanted = table.select().where(table.c.investigation_id == investigation_id).order_by(table.c.id).limit(1)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else incident_of(row)


def alerts_of(connection: "Connection", incident_id: str) -> list[Alert]:
    """Return the alerts of an incident, the worst first and of those the first; at most 50."""
    table = incident_alert_table()
    wanted = (
        table.select()
        .where(table.c.incident_id == incident_id)
        .order_by(table.c.severity_rank, table.c.first_seen, table.c.key)
        .limit(_MOST_ALERTS)
    )
    return [kept_of(row).alert for row in connection.execute(wanted)]


def ended_investigations(connection: "Connection", since: datetime) -> list[EndedInvestigation]:
    """Return the investigations that ended since, in that order."""
    from sqlalchemy import select

    table = investigation_table()
    columns = (table.c.id, table.c.title, table.c.state, table.c.ended_at, table.c.error)
    wanted = select(*columns).where(table.c.ended_at >= since, table.c.state.in_(_ENDED)).order_by(table.c.ended_at)
    return [
        EndedInvestigation(row.id, row.title, RunState(row.state), utc(row.ended_at), row.error)
        for row in connection.execute(wanted)
    ]


def title_of_investigation(connection: "Connection", investigation_id: str) -> str:
    """Return the title of an investigation; "" where it was deleted."""
    from sqlalchemy import select

    table = investigation_table()
    return connection.execute(select(table.c.title).where(table.c.id == investigation_id)).scalar() or ""


def result_of(connection: "Connection", investigation_id: str) -> InvestigationResult | None:
    """Return the result of an investigation as it stands; None where it has none that this version can read."""
    from sqlalchemy import select

    table = investigation_table()
    wanted = select(table.c.steered, table.c.result).where(table.c.id == investigation_id)
    row = connection.execute(wanted).one_or_none()
    if row is None or not (row.steered or row.result):
        return None
    try:
        return InvestigationResult.model_validate_json(row.steered or row.result)
    except ValidationError:
        return None


def acts_since(connection: "Connection", since: datetime) -> list[tuple[str, ActView]]:
    """Return what people did about investigations since, each with the investigation's id, in that order."""
    table = act_table()
    wanted = table.select().where(table.c.at >= since).order_by(table.c.at, table.c.number)
    found = []
    for row in connection.execute(wanted):
        try:
            asked, came = ActRequest.model_validate_json(row.act), Came.model_validate_json(row.came)
        except ValidationError:
            continue  # stored in a form of another version; its page says so
        found.append((row.investigation_id, ActView(number=row.number, at=utc(row.at), act=asked, came=came)))
    return found
