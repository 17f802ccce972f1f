"""What happened found in the database and put into the outbox: nothing that was kept is missed, whatever crashed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from api.incidents.incidents import Incident
from api.notifications.events import Event, Reference
from api.notifications.opening import Opened
from api.notifying.telling import About, ended, opened, resolved, verdict_changed
from api.schemas.investigation_acts import ActView
from api.storage.database import Database
from api.storage.happenings import (
    OVERLAP,
    ChangedIncident,
    Cursor,
    EndedInvestigation,
    acts_since,
    alerts_of,
    changed_incidents,
    cursors,
    ended_investigations,
    incident_of_investigation,
    lock,
    move,
    result_of,
    title_of_investigation,
)
from api.storage.notifications import known_keys, put, told_since

if TYPE_CHECKING:
    from sqlalchemy import Connection

OLDEST = timedelta(hours=24)
"""What happened longer ago is told no more: a destination that was away for long is not flooded with the past."""

SETTLING = timedelta(seconds=2)
"""How long an investigation has ended before it is told: what people did meanwhile is counted in by then."""

_MOVE_EVERY = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_KNOWN_SENDERS = ("pagerduty", "opsgenie")
_MOST_REFERENCES = 20
_MOST_SEEN = 10_000


@dataclass(frozen=True, slots=True)
class _Maybe:
    """An event that may be new: when it happened, its key, and what makes it."""

    at: datetime
    key: str
    make: Callable[[], Event | None]


class Gatherer:
    """Look for what happened, for all destinations at once; methods raise StorageFailed.

    Incidents are found by their revision, investigations and acts by their time. The outbox takes each event once for
    each destination, so that looking twice at the same time does no harm.
    """

    def __init__(self, database: Database, destinations: Sequence[Opened], *, public_url: str = "") -> None:
        self._database, self._url = database, public_url
        self._destinations = {one.name: one for one in destinations}
        self._seen: set[str] = set()  # so that what nobody wants is not made again at each look

    def begin(self, now: datetime) -> None:
        """Note the time from which new destinations are told."""
        with self._database.transaction() as connection:
            lock(connection)
            cursors(connection, self._destinations, now)

    def gather(self, now: datetime) -> int:
        """Put what is new into the outbox; return how many messages."""
        with self._database.transaction() as connection:
            lock(connection)
            at = cursors(connection, self._destinations, now)
            changed = changed_incidents(connection, min(one.revision for one in at.values()))
            revision = changed[-1].revision if changed else max(one.revision for one in at.values())
            since = max(min(one.looked_at for one in at.values()) - OVERLAP, now - OLDEST)
            maybe = [*self._of_incidents(connection, changed), *self._of_investigations(connection, since, now)]
            fresh = [one for one in maybe if one.at >= now - OLDEST and one.key not in self._seen]
            count = self._put(connection, sorted(fresh, key=lambda one: (one.at, one.key)), at, now)
            if changed or any(now - one.looked_at >= _MOVE_EVERY for one in at.values()):
                move(connection, self._destinations, revision, now)
        self._seen = (self._seen if len(self._seen) < _MOST_SEEN else set()) | {one.key for one in fresh}
        return count

    def _put(self, connection: "Connection", fresh: Sequence[_Maybe], at: dict[str, Cursor], now: datetime) -> int:
        """Put into the outbox what is wanted and not there yet, in the order in which it happened."""
        known = known_keys(connection, [one.key for one in fresh])
        count = 0
        for maybe in fresh:
            new_to = [
                one
                for name, one in self._destinations.items()
                if (maybe.key, name) not in known and maybe.at >= at[name].since
            ]
            event = maybe.make() if new_to else None
            for one in new_to:
                if event is not None and one.wants(event):
                    put(connection, event, one.name, now, leave_out=_too_many(connection, one, now))
                    count += 1
        return count

    def _of_incidents(self, connection: "Connection", changed: Sequence[ChangedIncident]) -> Iterator[_Maybe]:
        for one in changed:
            of = f"incident-{one.incident.id}"
            about = partial(self._about, connection, one.incident)
            yield _Maybe(one.opened_last, f"{of}-opened-{one.incident.reopened}", partial(_made, opened, one, about))
            if one.incident.resolved_at is not None:
                key = f"{of}-resolved-{one.incident.reopened}"
                yield _Maybe(one.incident.resolved_at, key, partial(_made, resolved, one, about))

    def _of_investigations(self, connection: "Connection", since: datetime, now: datetime) -> Iterator[_Maybe]:
        for one in ended_investigations(connection, since):
            if one.ended_at <= now - SETTLING:
                yield _Maybe(one.ended_at, f"investigation-{one.id}-ended", partial(self._ended, connection, one))
        for investigation_id, act in acts_since(connection, since):
            key = f"investigation-{investigation_id}-verdict-{act.number}"
            yield _Maybe(act.at, key, partial(self._verdict, connection, investigation_id, act))

    def _ended(self, connection: "Connection", one: EndedInvestigation) -> Event:
        about = self._about(connection, incident_of_investigation(connection, one.id))
        return ended(one, result_of(connection, one.id), about)

    def _verdict(self, connection: "Connection", investigation_id: str, act: ActView) -> Event | None:
        about = self._about(connection, incident_of_investigation(connection, investigation_id))
        return verdict_changed(investigation_id, title_of_investigation(connection, investigation_id), act, about)

    def _about(self, connection: "Connection", incident: Incident | None) -> About:
        if incident is None:
            return About(public_url=self._url)
        alerts = alerts_of(connection, incident.id)
        known = [one for one in alerts if one.sender in _KNOWN_SENDERS][:_MOST_REFERENCES]
        references = tuple(Reference(one.sender, one.fingerprint, one.link) for one in known)
        said = tuple(dict.fromkeys(one.summary or one.name for one in alerts))
        return About(incident, references, self._url, said)


def _made(
    make: Callable[[ChangedIncident, About], Event | None], changed: ChangedIncident, about: Callable[[], About]
) -> Event | None:
    return make(changed, about())


def _too_many(connection: "Connection", one: Opened, now: datetime) -> str:
    """Return why a message is left out, in a storm; "" where it isn't."""
    if told_since(connection, one.name, now - _HOUR) < one.per_hour:
        return ""
    return f"left out: {one.per_hour:,} messages went to this destination within an hour; raise its per_hour"
