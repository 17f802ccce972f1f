"""Alerts written into incidents, many at once and by one process at a time; nothing is counted that isn't kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.errors import NotFound, UsageError
from api.incidents.alerts import Alert
from api.incidents.grouping import Grouping, Outcome
from api.incidents.incidents import Happened, Incident, IncidentState, Inquest, Moment, Rules, key_of
from api.incidents.service_graph import ServiceGraph
from api.storage.database import Database
from api.storage.incident_alerts import alerts_in, in_parts, latest_alerts
from api.storage.incident_rows import alert_key, alert_values, incident_of, incident_values
from api.storage.incident_tables import INCIDENTS_LOCK, incident_alert_table, incident_history_table, incident_table
from api.storage.investigations import plain

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_HISTORY = 500
"""Entries of one incident's history that are kept; later ones are counted."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message, and its incident where it has one."""

    outcome: Outcome
    incident_id: str | None


class IncidentBook:
    """Write incidents; its methods raise StorageFailed where the database cannot be used."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database, self._rules = database, rules
        # By id, with the revision that each was read at: in a storm most of those that are looked at do not change.
        self._read: dict[str, tuple[int, Incident]] = {}

    def take(self, alerts: Sequence[Alert], now: datetime, graph: ServiceGraph) -> list[Taken]:
        """Take messages in their order, all or none of them."""
        with self._database.transaction() as connection:
            lock(connection)
            keys = sorted({key_of(one) for one in alerts})
            latest = latest_alerts(connection, keys)
            incidents = self._candidates(connection, alerts, {one.incident_id for one in latest}, now)
            known = [*alerts_in(connection, keys, [one.id for one in incidents]), *latest]
            grouping = Grouping(incidents, known, graph, self._rules)
            taken = [Taken(*grouping.take(alert, now)) for alert in alerts]
            revisions = _write(connection, grouping, {one.id for one in incidents}, {alert_key(one) for one in known})
        self._read |= {name: (number, grouping.incidents[name]) for name, number in revisions.items()}
        return taken

    def settle(self, now: datetime) -> int:
        """End the incidents that have been quiet for long enough; return how many."""
        table = incident_table()
        wanted = table.select().where(
            table.c.state != IncidentState.RESOLVED.value, table.c.quiet_since <= now - self._rules.quiet
        )
        with self._database.transaction() as connection:
            lock(connection)
            incidents = [incident_of(row) for row in connection.execute(wanted)]
            grouping = Grouping(incidents, (), ServiceGraph(), self._rules)
            grouping.settle(now)
            _write(connection, grouping, {one.id for one in incidents}, set())
        return len(grouping.touched)

    def acknowledge(self, incident_id: str, who: str, note: str, now: datetime) -> None:
        """Say that somebody is at it. Raises NotFound, and UsageError for one that has ended."""

        def change(one: Incident) -> tuple[Incident, Moment]:
            if one.state is IncidentState.RESOLVED:
                raise UsageError(f"incident {incident_id!r} is resolved; open it again before you acknowledge it")
            return (
                replace(one, state=IncidentState.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by=who),
                Moment.ACKNOWLEDGED,
            )

        self._change(incident_id, change, who, note or "somebody is at it", now)

    def resolve(self, incident_id: str, who: str, note: str, now: datetime) -> None:
        """End an incident; alerts that fire still open it again only once they fire anew. Raises NotFound."""

        def change(one: Incident) -> tuple[Incident, Moment] | None:
            if one.state is IncidentState.RESOLVED:
                return None
            return replace(one, state=IncidentState.RESOLVED, resolved_at=now, resolved_by=who), Moment.RESOLVED

        self._change(incident_id, change, who, note or "resolved by hand", now)

    def reopen(self, incident_id: str, who: str, note: str, now: datetime) -> None:
        """Open an incident that has ended; it stays open until somebody resolves it or its alerts come and go."""

        def change(one: Incident) -> tuple[Incident, Moment] | None:
            if one.state is not IncidentState.RESOLVED:
                return None
            opened = replace(
                one,
                state=IncidentState.OPEN,
                resolved_at=None,
                resolved_by="",
                acknowledged_at=None,
                acknowledged_by="",
                quiet_since=None,
                reopened=one.reopened + 1,
            )
            return opened, Moment.REOPENED

        self._change(incident_id, change, who, note or "opened again by hand", now)

    def link(self, incident_id: str, investigation_id: str, who: str, now: datetime) -> None:
        """Say which investigation is this incident's; raises NotFound."""

        def change(one: Incident) -> tuple[Incident, Moment]:
            return replace(one, inquest=Inquest.STARTED), Moment.INVESTIGATION

        text = f"investigation {investigation_id}"
        self._change(incident_id, change, who, text, now, investigation_id=investigation_id, inquest_problem="")

    def investigated_by(self, investigation_id: str) -> list[str]:
        """Return the ids of the incidents whose investigation it is."""
        from sqlalchemy import select

        table = incident_table()
        wanted = select(table.c.id).where(table.c.investigation_id == plain(investigation_id)).order_by(table.c.id)
        with self._database.transaction() as connection:
            return list(connection.execute(wanted).scalars())

    def _change(
        self,
        incident_id: str,
        change: Callable[[Incident], tuple[Incident, Moment] | None],
        who: str,
        text: str,
        now: datetime,
        **values: Any,
    ) -> None:
        table = incident_table()
        with self._database.transaction() as connection:
            lock(connection)
            row = connection.execute(table.select().where(table.c.id == plain(incident_id))).one_or_none()
            if row is None:
                raise no_incident(incident_id)
            changed = change(incident_of(row))
            if changed is None:
                return
            happened = [Happened(row.id, now, changed[1], text, who)]
            connection.execute(
                table.update()
                .where(table.c.id == row.id)
                .values(
                    **incident_values(changed[0]),
                    **values,
                    revision=newest_revision(connection) + 1,
                    history=row.history + 1,
                )
            )
            _tell(connection, happened, {row.id: row.history})

    def _candidates(
        self, connection: "Connection", alerts: Sequence[Alert], ids: set[str], now: datetime
    ) -> list[Incident]:
        """Return the incidents that alerts may belong to: their own, and those that were active near their time."""
        from sqlalchemy import and_, or_, select

        table = incident_table()
        earliest = min(one.started_at for one in alerts) - self._rules.longest
        active = and_(table.c.state != IncidentState.RESOLVED.value, table.c.last_started >= earliest)
        near = or_(active, table.c.resolved_at >= now - self._rules.reopen)
        wanted = select(table.c.id, table.c.revision).where(near)
        revisions = {row.id: row.revision for row in connection.execute(wanted)}
        found = {
            name: self._read[name][1]
            for name, revision in revisions.items()
            if name in self._read and self._read[name][0] == revision
        }
        for part in in_parts(sorted((ids | revisions.keys()) - found.keys())):
            for row in connection.execute(table.select().where(table.c.id.in_(part))):
                found[row.id] = incident_of(row)
                revisions[row.id] = row.revision
        self._read = {name: (revisions[name], one) for name, one in found.items()}
        return [found[name] for name in sorted(found)]


def lock(connection: "Connection") -> None:
    """Let one transaction at a time change incidents; SQLite holds its lock for a whole transaction anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({INCIDENTS_LOCK})")


def newest_revision(connection: "Connection") -> int:
    """Return the highest revision of all incidents."""
    from sqlalchemy import func, select

    return int(connection.execute(select(func.coalesce(func.max(incident_table().c.revision), 0))).scalar_one())


def no_incident(incident_id: str) -> NotFound:
    """Return the error that tells of an unknown id."""
    shown = incident_id if len(incident_id) <= 80 else f"{incident_id[:80]}…"
    return NotFound(f"no incident has the id {shown!r}; list them with GET /v1/incidents")


def _write(
    connection: "Connection", grouping: Grouping, known_ids: set[str], known_alerts: set[tuple[str, str]]
) -> dict[str, int]:
    """Write what changed and return the new revisions, by incident."""
    from sqlalchemy import bindparam

    table, alerts = incident_table(), incident_alert_table()
    counts = _told(connection, [name for name in grouping.touched if name in known_ids])
    told = _counted(grouping.happened)
    number = newest_revision(connection)
    added, changed = [], []
    for revision, name in enumerate(grouping.touched, start=number + 1):
        values = incident_values(grouping.incidents[name])
        values |= {"revision": revision, "history": counts.get(name, 0) + told.get(name, 0)}
        if name in known_ids:
            changed.append({"which": name, **values})
        else:
            fresh = {"id": name, "inquest_attempts": 0, "inquest_problem": "", "investigation_id": None}
            added.append({**fresh, "inquest_at": None, **values})
    if added:
        connection.execute(table.insert(), added)
    if changed:
        connection.execute(table.update().where(table.c.id == bindparam("which")), changed)
    _tell(connection, grouping.happened, counts)
    fresh_alerts, known = [], []
    for (which, key), kept in grouping.touched_alerts.items():
        if (which, key) in known_alerts:
            known.append({"which": which, "of": key, **alert_values(kept)})
        else:
            fresh_alerts.append({"incident_id": which, "key": key, **alert_values(kept)})
    if fresh_alerts:
        connection.execute(alerts.insert(), fresh_alerts)
    if known:
        place = (alerts.c.incident_id == bindparam("which"), alerts.c.key == bindparam("of"))
        connection.execute(alerts.update().where(*place), known)
    return {name: revision for revision, name in enumerate(grouping.touched, start=number + 1)}


def _tell(connection: "Connection", happened: Sequence[Happened], counts: dict[str, int]) -> None:
    """Add to histories what there is room for."""
    numbers = dict(counts)
    rows = []
    for one in happened:
        numbers[one.incident_id] = numbers.get(one.incident_id, 0) + 1
        if numbers[one.incident_id] <= MAX_HISTORY:
            rows.append(
                {
                    "incident_id": one.incident_id,
                    "number": numbers[one.incident_id],
                    "at": one.at,
                    "moment": one.moment.value,
                    "text": plain(one.text)[:2000],
                    "who": plain(one.who)[:200],
                }
            )
    if rows:
        connection.execute(incident_history_table().insert(), rows)


def _told(connection: "Connection", ids: Sequence[str]) -> dict[str, int]:
    from sqlalchemy import select

    table = incident_table()
    found: dict[str, int] = {}
    for part in in_parts(ids):
        found |= {row.id: row.history for row in connection.execute(
            select(table.c.id, table.c.history).where(table.c.id.in_(part))
        )}  # fmt: skip
    return found


def _counted(happened: Iterable[Happened]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in happened:
        found[one.incident_id] = found.get(one.incident_id, 0) + 1
    return found
