"""Which incident an alert belongs to, and what it changes there: pure, over what is known at the time."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from api.incidents.alerts import Alert, AlertStatus, Purpose, Severity
from api.incidents.incidents import (
    SEVERITIES,
    Happened,
    Incident,
    IncidentState,
    Inquest,
    KeptAlert,
    Moment,
    Rules,
    key_of,
)
from api.incidents.places import called, environment_of, place_of
from api.incidents.repeats import begins_anew, is_late, newer
from api.incidents.service_graph import ServiceGraph, canonical

_MOST_NAMES = 300


class Outcome(StrEnum):
    """What became of one message about an alert."""

    OPENED = "opened"
    JOINED = "joined"
    REOPENED = "reopened"
    FIRED_AGAIN = "fired_again"
    REPEATED = "repeated"
    RESOLVED = "resolved"
    UNKNOWN_RESOLVED = "unknown_resolved"
    HEARTBEAT = "heartbeat"
    TEST = "test"


def _new_id() -> str:
    return uuid.uuid4().hex


class Grouping:
    """The incidents and alerts that messages may belong to; it takes messages one after the other.

    Of an alert that was in several incidents, the last in `alerts` is where it is. `incidents` and `alerts` (by key_of)
    hold what is known and what came of it, `touched` and `touched_alerts` (by incident and key) what changed, and
    `happened` what is to be added to histories.
    """

    def __init__(
        self,
        incidents: Iterable[Incident],
        alerts: Iterable[KeptAlert],
        graph: ServiceGraph,
        rules: Rules,
        *,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        self.incidents = {one.id: one for one in incidents}
        kept = list(alerts)
        self.alerts = {key_of(one.alert): one for one in kept}
        self._everywhere = {(one.incident_id, key_of(one.alert)): one for one in kept}
        self.touched: dict[str, None] = {}
        self.touched_alerts: dict[tuple[str, str], KeptAlert] = {}
        self.happened: list[Happened] = []
        self._graph, self._rules, self._new_id = graph, rules, new_id
        self._by_service: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_name: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for one in self.incidents.values():
            self._index(one)

    def take(self, alert: Alert, now: datetime) -> tuple[Outcome, str | None]:
        """Take one message; return what became of it and the id of its incident, if it has one."""
        if alert.purpose is not Purpose.REAL:
            return (Outcome.HEARTBEAT if alert.purpose is Purpose.HEARTBEAT else Outcome.TEST), None
        known = self.alerts.get(key_of(alert))
        incident = self.incidents.get(known.incident_id) if known is not None else None
        if known is None or incident is None:
            return (Outcome.UNKNOWN_RESOLVED, None) if alert.status is AlertStatus.RESOLVED else self._new(alert, now)
        if is_late(known, alert):
            return self._counted(known, incident, now)
        if alert.status is AlertStatus.RESOLVED:
            return self._resolved(alert, known, incident, now)
        if known.fires:
            if not begins_anew(known, alert, self._rules.silence):
                return self._repeated(alert, known, incident, now)
            self._forget(known, incident, now)
        elif incident.state is not IncidentState.RESOLVED or self._may_reopen(incident, now):
            return self._fired_again(alert, known, incident, now)
        return self._new(alert, now)

    def settle(self, now: datetime) -> None:
        """End the incidents that have been quiet for long enough."""
        for one in list(self.incidents.values()):
            quiet = one.state is not IncidentState.RESOLVED and one.firing_alerts == 0 and one.quiet_since is not None
            if quiet and one.quiet_since is not None and one.quiet_since + self._rules.quiet <= now:
                minutes = self._rules.quiet.total_seconds() / 60
                self._keep(replace(one, state=IncidentState.RESOLVED, resolved_at=now, resolved_by=""))
                self._tell(one.id, now, Moment.RESOLVED, f"no alert has fired for {minutes:g} minutes")

    def _resolved(
        self, alert: Alert, known: KeptAlert, incident: Incident, now: datetime
    ) -> tuple[Outcome, str | None]:
        if not known.fires:
            return self._counted(known, incident, now)
        ended = replace(known.alert, status=AlertStatus.RESOLVED, ended_at=alert.ended_at or now, told_at=alert.told_at)
        self._keep_alert(replace(known, alert=ended, last_seen=now, messages=known.messages + 1))
        quieter = self._without(known, incident, now, f"{alert.name} resolved")
        self._keep(replace(quieter, messages=incident.messages + 1))
        return Outcome.RESOLVED, incident.id

    def _counted(self, known: KeptAlert, incident: Incident, now: datetime) -> tuple[Outcome, str | None]:
        """Take a message that tells nothing new."""
        self._keep_alert(replace(known, last_seen=now, messages=known.messages + 1))
        self._keep(replace(incident, messages=incident.messages + 1))
        return Outcome.REPEATED, incident.id

    def _forget(self, known: KeptAlert, incident: Incident, now: datetime) -> None:
        """Take an alert as over whose end was never told; it was heard of last when it was."""
        ended = replace(known.alert, status=AlertStatus.RESOLVED, ended_at=known.last_seen)
        self._keep_alert(replace(known, alert=ended))
        self._keep(self._without(known, incident, now, f"the end of {known.alert.name} was never told"))

    def _without(self, known: KeptAlert, incident: Incident, now: datetime, why: str) -> Incident:
        """Return an incident one of whose alerts has ceased to fire."""
        firing = _with(incident.firing, known.alert.severity, -1)
        changed = replace(incident, firing=firing, severity=_worst(firing, incident.severity))
        if changed.firing_alerts == 0:
            changed = replace(changed, quiet_since=now)
            self._tell(incident.id, now, Moment.QUIET, f"{why}; no alert fires any more")
        return changed

    def _repeated(
        self, alert: Alert, known: KeptAlert, incident: Incident, now: datetime
    ) -> tuple[Outcome, str | None]:
        self._keep_alert(replace(known, alert=newer(known.alert, alert), last_seen=now, messages=known.messages + 1))
        firing = _with(_with(incident.firing, known.alert.severity, -1), alert.severity, 1)
        severity = _worst(firing, incident.severity)
        incident = self._due(incident, severity)
        self._keep(replace(incident, firing=firing, severity=severity, messages=incident.messages + 1))
        return Outcome.REPEATED, incident.id

    def _due(self, incident: Incident, severity: Severity) -> Incident:
        """Return an incident that is to be investigated now if it is bad enough."""
        due = incident.inquest is Inquest.NOT_ASKED and self._rules.wants_investigation(severity)
        return replace(incident, inquest=Inquest.WANTED) if due else incident

    def _fired_again(
        self, alert: Alert, known: KeptAlert, incident: Incident, now: datetime
    ) -> tuple[Outcome, str | None]:
        again = replace(newer(known.alert, alert), started_at=alert.started_at, ended_at=None)
        self._keep_alert(replace(known, alert=again, last_seen=now, messages=known.messages + 1, flaps=known.flaps + 1))
        reopens = incident.state is IncidentState.RESOLVED
        self._tell(incident.id, now, Moment.FIRED_AGAIN, f"{alert.name} fired again")
        self._fires(replace(incident, flaps=incident.flaps + 1), alert, now)
        return Outcome.REOPENED if reopens else Outcome.FIRED_AGAIN, incident.id

    def _new(self, alert: Alert, now: datetime) -> tuple[Outcome, str | None]:
        incident = self._incident_for(alert, now)
        opens = incident is None
        if incident is not None and (known := self._everywhere.get((incident.id, key_of(alert)))) is not None:
            return self._fired_again(alert, known, incident, now)
        if incident is None:
            incident = self._opened(alert, now)
        reopens = incident.state is IncidentState.RESOLVED
        self._keep_alert(KeptAlert(incident.id, alert, first_seen=now, last_seen=now))
        if not opens:
            self._tell(incident.id, now, Moment.JOINED, called(alert))
        self._fires(replace(incident, alerts=incident.alerts + 1), alert, now)
        return (Outcome.OPENED if opens else Outcome.REOPENED if reopens else Outcome.JOINED), incident.id

    def _opened(self, alert: Alert, now: datetime) -> Incident:
        opened = Incident(
            id=self._new_id(),
            title=called(alert),
            service=alert.service,
            severity=alert.severity,
            opened_at=now,
            first_started=alert.started_at,
            last_started=alert.started_at,
            environment=environment_of(alert),
        )
        self._tell(opened.id, now, Moment.OPENED, f"by {called(alert)}")
        return opened

    def _fires(self, incident: Incident, alert: Alert, now: datetime) -> None:
        """Keep an incident one of whose alerts has begun to fire."""
        if incident.state is IncidentState.RESOLVED:
            incident = replace(
                incident,
                state=IncidentState.OPEN,
                resolved_at=None,
                resolved_by="",
                acknowledged_at=None,
                acknowledged_by="",
                reopened=incident.reopened + 1,
            )
            self._tell(incident.id, now, Moment.REOPENED, f"by {called(alert)}")
        firing = _with(incident.firing, alert.severity, 1)
        severity = _worst(firing, incident.severity)
        if alert.service:
            self._by_service[canonical(alert.service)][incident.id] = None
        else:
            self._by_name[place_of(alert)][incident.id] = None
        self._keep(
            replace(
                self._due(incident, severity),
                service=incident.service or alert.service,
                firing=firing,
                severity=severity,
                quiet_since=None,
                first_started=min(incident.first_started, alert.started_at),
                last_started=max(incident.last_started, alert.started_at),
                environment=incident.environment or environment_of(alert),
                services=_added(incident.services, alert.service),
                names=_added(incident.names, alert.name),
                unplaced=incident.unplaced if alert.service else _added(incident.unplaced, place_of(alert)),
                messages=incident.messages + 1,
            )
        )

    def _incident_for(self, alert: Alert, now: datetime) -> Incident | None:
        """Return the incident that a new alert belongs to: the nearest, of these the one that was active last."""
        near = self._graph.near(alert.service, self._rules.hops) if alert.service else {}
        ids = {one: steps for name, steps in reversed(near.items()) for one in self._by_service.get(name, ())}
        if not alert.service:
            ids = dict.fromkeys(self._by_name.get(place_of(alert), ()), 0)
        found = [
            (steps, self.incidents[one])
            for one, steps in ids.items()
            if self._belongs(alert, self.incidents[one], steps, now)
        ]
        # Those that go on before those that would be opened again; ids break ties.
        found.sort(key=lambda pair: (pair[1].state is IncidentState.RESOLVED, pair[0], -_stamp(pair[1]), pair[1].id))
        return found[0][1] if found else None

    def _belongs(self, alert: Alert, incident: Incident, steps: int, now: datetime) -> bool:
        environment = environment_of(alert)
        if environment and incident.environment and environment != incident.environment:
            return False
        if incident.state is IncidentState.RESOLVED:
            return steps == 0 and alert.name in incident.names and self._may_reopen(incident, now)
        within = self._rules.same_service if steps == 0 else self._rules.neighbours
        return incident.first_started - within <= alert.started_at <= incident.last_started + within

    def _may_reopen(self, incident: Incident, now: datetime) -> bool:
        return incident.resolved_at is not None and now - incident.resolved_at <= self._rules.reopen

    def _keep(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident
        self.touched[incident.id] = None

    def _keep_alert(self, kept: KeptAlert) -> None:
        key = key_of(kept.alert)
        self.alerts[key] = kept
        self._everywhere[kept.incident_id, key] = kept
        self.touched_alerts[kept.incident_id, key] = kept

    def _index(self, incident: Incident) -> None:
        for service in incident.services:
            self._by_service[canonical(service)][incident.id] = None
        for place in incident.unplaced:
            self._by_name[place][incident.id] = None

    def _tell(self, incident_id: str, now: datetime, moment: Moment, text: str) -> None:
        self.happened.append(Happened(incident_id, now, moment, text))


def _worst(firing: tuple[int, ...], otherwise: Severity) -> Severity:
    """Return the worst that fires; an incident that is quiet keeps what it had."""
    return next((severity for severity, count in zip(SEVERITIES, firing, strict=True) if count), otherwise)


def _with(firing: tuple[int, ...], severity: Severity, change: int) -> tuple[int, ...]:
    at = SEVERITIES.index(severity)
    return (*firing[:at], max(0, firing[at] + change), *firing[at + 1 :])


def _added(known: tuple[str, ...], one: str | None) -> tuple[str, ...]:
    return known if not one or one in known or len(known) >= _MOST_NAMES else (*known, one)


def _stamp(incident: Incident) -> float:
    return incident.last_started.timestamp()
