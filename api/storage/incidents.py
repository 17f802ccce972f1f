"""Incidents read from the database: listed, opened, and what changed since."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.incidents.alerts import Severity
from api.incidents.incidents import SEVERITIES, IncidentState
from api.schemas.incidents import IncidentDetail, IncidentEntry, IncidentPage, IncidentSummary
from api.storage.database import Database
from api.storage.incident_book import newest_revision, no_incident
from api.storage.incident_rows import alert_view, summary_of
from api.storage.incident_tables import incident_alert_table, incident_history_table, incident_table
from api.storage.investigation_tables import investigation_table
from api.storage.investigations import plain, utc

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_MOST_ALERTS = 500


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents to list; `text` is looked for in titles and names of services."""

    state: IncidentState | None = None
    service: str = ""
    severity: Severity | None = None
    text: str = ""


class IncidentTable:
    """Read incidents; its methods raise StorageFailed where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: IncidentFilter, *, offset: int, limit: int) -> IncidentPage:
        """Return incidents: those that go on first, the worst of them first, then the newest."""
        from sqlalchemy import case, func, select

        table = incident_table()
        conditions = _conditions(wanted)
        rank = case({one.value: number for number, one in enumerate(SEVERITIES)}, value=table.c.severity)
        is_over = case((table.c.state == IncidentState.RESOLVED.value, 1), else_=0)
        order = (is_over, case((is_over == 1, 0), else_=rank), table.c.opened_at.desc(), table.c.id)
        listed = _summaries().where(*conditions).order_by(*order).offset(offset).limit(limit)
        with self._database.transaction() as connection:
            total = connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
            rows = connection.execute(listed).all()
            revision = newest_revision(connection)
        found = [summary_of(row) for row in rows]
        return IncidentPage(incidents=found, total=total, offset=offset, limit=limit, revision=revision)

    def summary(self, incident_id: str) -> IncidentSummary:
        """Return one; raises NotFound."""
        with self._database.transaction() as connection:
            return summary_of(_row(connection, incident_id))

    def detail(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts and its history; raises NotFound."""
        alerts, history = incident_alert_table(), incident_history_table()
        order = (alerts.c.status, alerts.c.severity_rank, alerts.c.started_at, alerts.c.key)
        with self._database.transaction() as connection:
            row = _row(connection, incident_id)
            wanted = alerts.select().where(alerts.c.incident_id == row.id).order_by(*order).limit(_MOST_ALERTS)
            kept = connection.execute(wanted).all()
            entries = connection.execute(
                history.select().where(history.c.incident_id == row.id).order_by(history.c.number)
            ).all()
        return IncidentDetail(
            incident=summary_of(row),
            alerts=[alert_view(one) for one in kept],
            alerts_left_out=max(0, row.alerts - len(kept)),
            history=[
                IncidentEntry(number=one.number, at=utc(one.at), moment=one.moment, text=one.text, who=one.who)
                for one in entries
            ],
            history_left_out=max(0, row.history - len(entries)),
        )

    def changes(self, after: int, *, limit: int = 200) -> list[IncidentSummary]:
        """Return the incidents that changed after a revision, in the order of their last change."""
        table = incident_table()
        wanted = _summaries().where(table.c.revision > after).order_by(table.c.revision).limit(limit)
        with self._database.transaction() as connection:
            return [summary_of(row) for row in connection.execute(wanted)]

    def revision(self) -> int:
        """Return the newest revision."""
        with self._database.transaction() as connection:
            return newest_revision(connection)


def _summaries() -> Any:
    from sqlalchemy import select

    table, runs = incident_table(), investigation_table()
    run = (
        runs.c.state.label("run_state"),
        runs.c.verdict.label("run_verdict"),
        runs.c.component.label("run_component"),
    )
    return select(table, *run).select_from(table.outerjoin(runs, runs.c.id == table.c.investigation_id))


def _row(connection: "Connection", incident_id: str) -> "Row[Any]":
    table = incident_table()
    row: Row[Any] | None = connection.execute(
        _summaries().where(table.c.id == plain(incident_id))
    ).one_or_none()  # fmt: skip
    if row is None:
        raise no_incident(incident_id)
    return row


def _conditions(wanted: IncidentFilter) -> list[Any]:
    from sqlalchemy import func, or_, select

    table, alerts = incident_table(), incident_alert_table()
    found: list[Any] = []
    if wanted.state is not None:
        found.append(table.c.state == wanted.state.value)
    if wanted.severity is not None:
        found.append(table.c.severity == wanted.severity.value)
    if wanted.service:
        name = plain(wanted.service)
        found.append(
            or_(
                table.c.service == name,
                table.c.id.in_(select(alerts.c.incident_id).where(alerts.c.service == name)),
            )
        )
    if wanted.text:
        text = plain(wanted.text).lower()
        found.append(
            or_(
                func.lower(table.c.title).contains(text, autoescape=True),
                func.lower(table.c.services).contains(text, autoescape=True),
            )
        )
    return found
