"""Alerts as a test needs them, and incidents over a real database with a clock of the test's own."""

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from api.incidents.alerts import Alert, AlertStatus, Purpose, Severity
from api.incidents.facts import IncidentFacts
from api.incidents.incidents import Rules
from api.responding.incidents import Incidents
from api.responding.intake import IntakeLimits
from api.responding.starting import Starter
from api.storage.database import Database
from api.storage.incident_inquests import StartLimits

MOMENT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def alert(
    name: str = "HighErrorRate",
    *,
    service: str | None = "checkout",
    fingerprint: str = "",
    resolved: bool = False,
    severity: Severity = Severity.ERROR,
    at: float = 0.0,
    purpose: Purpose = Purpose.REAL,
    **labels: str,
) -> Alert:
    """Return an alert that began so many minutes after MOMENT."""
    return Alert(
        sender="alertmanager",
        fingerprint=fingerprint or f"{name} {service} {sorted(labels.items())}",
        name=name,
        status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
        severity=severity,
        service=service,
        summary=f"{name} of {service}",
        started_at=MOMENT + minutes(at),
        ended_at=MOMENT + minutes(at) if resolved else None,
        labels=tuple(sorted(labels.items())),
        purpose=purpose,
    )


@dataclass
class Clock:
    """A clock that a test turns."""

    now: datetime = MOMENT

    def __call__(self) -> datetime:
        return self.now

    def after(self, count: float) -> None:
        self.now += minutes(count)


@dataclass
class FakeStarter:
    """Starts nothing and remembers what it was asked for; `refuses` says why it will not."""

    asked: list[IncidentFacts] = field(default_factory=list)
    refuses: Callable[[IncidentFacts], str | None] = lambda facts: f"investigation-of-{facts.id}"[:60]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, facts: IncidentFacts) -> str | None:
        with self.lock:
            self.asked.append(facts)
        return self.refuses(facts)


def open_incidents(
    folder: Path,
    clock: Clock,
    *,
    starter: Starter | None = None,
    limits: StartLimits | None = None,
    edges: Iterable[tuple[str, str]] = (),
    rules: Rules | None = None,
    intake: IntakeLimits | None = None,
    url: str = "",
) -> Incidents:
    """Return incidents over a database in a folder; they are looked after only once they are opened."""
    pairs = tuple(edges)
    found = Incidents(
        Database(url or migrated(folder)),
        rules=rules,
        starter=starter,
        limits=limits,
        edges=lambda: pairs,
        intake=intake,
        now=clock,
        every=0.02,
    )
    found.known_graph.refresh()
    return found


def migrated(folder: Path) -> str:
    """Return the URL of a database in a folder that is up to date: bringing it there takes longer than most tests."""
    file = folder / "groundwatch.sqlite"
    if not file.exists():
        file.write_bytes(_newest())
    return f"sqlite:///{file}"


@cache
def _newest() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "groundwatch.sqlite"
        with closing(Database(f"sqlite:///{file}")) as database, database.transaction():
            pass
        return file.read_bytes()


def ids() -> Callable[[], str]:
    """Return what gives the ids one, two, three and so on as i-1, i-2, i-3."""
    numbers = itertools.count(1)
    return lambda: f"i-{next(numbers)}"
