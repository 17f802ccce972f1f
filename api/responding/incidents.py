"""Incidents as a caller sees them: alerts taken in, incidents listed, opened, acknowledged, resolved."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

from api.incidents.alerts import Alert, Severity
from api.incidents.incidents import IncidentState, Rules
from api.responding.intake import Intake, IntakeLimits
from api.responding.known_graph import Edges, KnownGraph
from api.responding.starting import Starter, Tending
from api.schemas.incidents import IncidentAction, IncidentDetail, IncidentPage, IncidentSummary, Received
from api.storage.database import Database
from api.storage.incident_book import IncidentBook, Taken
from api.storage.incident_inquests import InquestTable, StartLimits
from api.storage.incidents import IncidentFilter, IncidentTable


def _now() -> datetime:
    return datetime.now(UTC)


class Incidents:
    """Incidents in a database that other processes of this API may share.

    `edges` gives pairs of services that depend on each other, as far as is known; it is asked once a minute. Without
    a starter nothing is investigated unasked.
    """

    def __init__(
        self,
        database: Database,
        *,
        rules: Rules | None = None,
        starter: Starter | None = None,
        limits: StartLimits | None = None,
        edges: Edges = tuple,
        intake: IntakeLimits | None = None,
        now: Callable[[], datetime] = _now,
        every: float = 1.0,
    ) -> None:
        self._database, self._table = database, IncidentTable(database)
        self._book = IncidentBook(database, rules or Rules())
        inquests = InquestTable(database, limits or StartLimits())
        self._intake: Intake[Taken] = Intake(self._write, intake)
        self._tending = Tending(self._book, inquests, starter, now=now, told=self._tell, every=every)
        self.known_graph, self._now = KnownGraph(edges), now
        self._news, self._telling = 0, threading.Lock()

    def open(self) -> None:
        """Begin to look after incidents, with those that an earlier process left."""
        self.known_graph.open()
        self._tending.open()

    def close(self) -> None:
        """Write what waits, stop, and let go of the database."""
        self.known_graph.close()
        self._intake.close()
        self._tending.close()
        self._database.close()

    def submit(self, alerts: Sequence[Alert]) -> "Future[list[Taken]]":
        """Take alerts in; the future is done once they are in the database. Raises Busy."""
        return self._intake.submit(alerts)

    def receive(self, alerts: Sequence[Alert]) -> Received:
        """Take alerts in and wait until they are in the database. Raises StorageFailed, Busy."""
        return received(self.submit(alerts).result())

    def page(self, wanted: IncidentFilter, *, offset: int, limit: int) -> IncidentPage:
        """Return incidents: those that go on first, the worst of them first, then the newest."""
        return self._table.page(wanted, offset=offset, limit=limit)

    def find(
        self,
        *,
        state: IncidentState | None = None,
        service: str = "",
        severity: Severity | None = None,
        query: str = "",
        offset: int = 0,
        limit: int = 20,
    ) -> IncidentPage:
        """Return incidents of a state, a service, a severity, with a text in their title or their services."""
        return self.page(IncidentFilter(state, service, severity, query), offset=offset, limit=limit)

    def detail(self, incident_id: str) -> IncidentDetail:
        """Return one with its alerts and its history; raises NotFound."""
        return self._table.detail(incident_id)

    def summary(self, incident_id: str) -> IncidentSummary:
        """Return one; raises NotFound."""
        return self._table.summary(incident_id)

    def acknowledge(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Say that somebody is at it; raises NotFound, and UsageError for one that has ended."""
        self._book.acknowledge(incident_id, action.who, action.note, self._now())
        return self._changed(incident_id)

    def resolve(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """End one; raises NotFound."""
        self._book.resolve(incident_id, action.who, action.note, self._now())
        return self._changed(incident_id)

    def reopen(self, incident_id: str, action: IncidentAction) -> IncidentSummary:
        """Open one again; raises NotFound."""
        self._book.reopen(incident_id, action.who, action.note, self._now())
        return self._changed(incident_id)

    def link(self, incident_id: str, investigation_id: str, who: str = "") -> IncidentSummary:
        """Say which investigation is an incident's; raises NotFound."""
        self._book.link(incident_id, investigation_id, who, self._now())
        return self._changed(incident_id)

    def go_on(self, investigation_id: str, new: str, who: str) -> None:
        """Say that an investigation goes on as a new one, which is that of its incidents from now on."""
        for incident_id in self._book.investigated_by(investigation_id):
            self.link(incident_id, new, who)

    def changes(self, after: int) -> list[IncidentSummary]:
        """Return incidents that changed after a revision, at most 200, in the order of their last change."""
        return self._table.changes(after)

    def revision(self) -> int:
        """Return the newest revision."""
        return self._table.revision()

    def news(self) -> int:
        """Return a number that changes when this process has changed an incident."""
        return self._news

    def _write(self, alerts: Sequence[Alert]) -> list[Taken]:
        taken = self._book.take(alerts, self._now(), self.known_graph.now)
        if any(one.incident_id for one in taken):
            self._tell()
            self._tending.wake()
        return taken

    def _changed(self, incident_id: str) -> IncidentSummary:
        self._tell()
        self._tending.wake()
        return self._table.summary(incident_id)

    def _tell(self) -> None:
        with self._telling:
            self._news += 1


def received(taken: Sequence[Taken], *, refused: Sequence[str] = (), ignored: str = "") -> Received:
    """Return what became of messages, as it goes on the wire."""
    ids = dict.fromkeys(one.incident_id for one in taken if one.incident_id is not None)
    counts = Counter(one.outcome for one in taken)
    return Received(incidents=sorted(ids), counts=dict(sorted(counts.items())), refused=list(refused), ignored=ignored)
