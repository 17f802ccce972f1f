"""Events made of what happened: in our words what it is, in lines what was found, and what was not seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from api.incidents.alerts import Severity
from api.incidents.incidents import Incident, IncidentState
from api.investigation.verdicts import VerdictState
from api.notifications.events import Event, EventKind, Part, Reference
from api.notifications.wording import one_line
from api.schemas.investigation_acts import ActView, ToldVerdict
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import Hypothesis, InvestigationResult
from api.storage.happenings import ChangedIncident, EndedInvestigation

MOST_LINES = 3
"""Lines of evidence, of gaps and of objections in a message; more are counted, and the page shows them."""

VERDICTS = {
    VerdictState.CONFIRMED: "cause confirmed",
    VerdictState.LIKELY: "likely cause, not confirmed",
    VerdictState.INCONCLUSIVE: "no cause settled",
    VerdictState.NOTHING_WRONG: "nothing wrong found",
}
_SETTLED = (VerdictState.CONFIRMED, VerdictState.LIKELY)
_CAUSE = {
    VerdictState.CONFIRMED: "Cause",
    VerdictState.LIKELY: "Likely cause",
    VerdictState.INCONCLUSIVE: "Considered first, not settled",
    VerdictState.NOTHING_WRONG: "Considered first",
}


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about beside itself: the incident where there is one, its alerts, the URL of the app.

    `said` is what its alerts say, the worst first.
    """

    incident: Incident | None = None
    references: tuple[Reference, ...] = ()
    public_url: str = ""
    said: tuple[str, ...] = ()

    def link(self, page: str, identity: str) -> str:
        """Return the address of a page; "" where no URL of the app is set."""
        return f"{self.public_url.rstrip('/')}/{page}?id={quote(identity, safe='')}" if self.public_url else ""


def opened(changed: ChangedIncident, about: About) -> Event:
    """Return the event of an incident that opened, or opened again."""
    one = changed.incident
    words = "Incident opened again" if one.reopened else "Incident opened"
    alerts = f"{one.alerts:,} alert{'s' if one.alerts != 1 else ''}, {one.firing_alerts:,} firing"
    lines = [f"since {_moment(one.first_started)}", alerts]
    if len(one.services) > 1:
        lines.append(f"services: {_listed(one.services)}")
    parts = (Part("What is known", _lines(lines)), *_listing("Alerts", about.said or one.names))
    key = f"incident-{one.id}-opened-{one.reopened}"
    return _of_incident(key, EventKind.INCIDENT_OPENED, changed.opened_last, words, changed, about, parts)


def resolved(changed: ChangedIncident, about: About) -> Event | None:
    """Return the event of an incident that was resolved; None where it is not."""
    one = changed.incident
    if one.state is not IncidentState.RESOLVED or one.resolved_at is None:
        return None
    by = f"by {one.resolved_by}" if one.resolved_by else "by itself: its alerts have been quiet"
    minutes = max(0, round((one.resolved_at - changed.opened_last).total_seconds() / 60))
    parts = (Part("How it ended", _lines([by, f"{minutes:,} min after it opened"])),)
    key = f"incident-{one.id}-resolved-{one.reopened}"
    return _of_incident(key, EventKind.INCIDENT_RESOLVED, one.resolved_at, "Incident resolved", changed, about, parts)


def ended(found: EndedInvestigation, result: InvestigationResult | None, about: About) -> Event:
    """Return the event of an investigation that ended, with its result where it has one."""
    if result is None:
        parts = (Part("Why", _lines([found.error or "its result can't be read"])),)
        kind, words = EventKind.INVESTIGATION_FAILED, f"Investigation {found.state.value}: there is no verdict"
        return _of_investigation(f"investigation-{found.id}-ended", kind, found, words, about, parts)
    verdict = result.verdict
    by = " by a person" if verdict.decided_by else ""
    words = f"Investigation: {VERDICTS[verdict.state]}{by}"
    return _of_investigation(
        f"investigation-{found.id}-ended",
        EventKind.INVESTIGATION_CONCLUDED,
        found,
        words,
        about,
        tuple(_parts(result)),
        verdict=VERDICTS[verdict.state] + by,
        component=verdict.cause.component if verdict.cause is not None and verdict.state in _SETTLED else "",
    )


def verdict_changed(investigation_id: str, title: str, act: ActView, about: About) -> Event | None:
    """Return the event of an act that changed a verdict; None where it did not."""
    before, after = act.came.before, act.came.after
    if before is None or after is None or _settled(before) == _settled(after):
        return None
    lines = [f"before: {_told(before)}", f"now: {_told(after)}"]
    who = f"{act.act.who or 'somebody'}: {act.act.kind.value.replace('_', ' ')}"
    why = [who, *([act.act.text] if act.act.text else []), act.came.text]
    parts = (Part("Verdict", _lines(lines)), Part("Who and why", _lines(why)))
    found = EndedInvestigation(investigation_id, title, RunState.DONE, act.at, "")
    return _of_investigation(
        f"investigation-{investigation_id}-verdict-{act.number}",
        EventKind.VERDICT_CHANGED,
        found,
        "Verdict changed by a person",
        about,
        parts,
        verdict=VERDICTS[after.state],
        component=(after.component or "") if after.state in _SETTLED else "",
    )


def trial(destination: str, at: datetime, key: str) -> Event:
    """Return the event of a test by hand."""
    told = "Sent by hand, to see whether messages arrive; nothing happened."
    parts = (Part("About this message", _lines([f"destination {destination}", told])),)
    return Event(key, EventKind.TEST, at, key, "Test message", "Test of Groundwatch", parts=parts)


def _of_incident(
    key: str,
    kind: EventKind,
    at: datetime,
    headline: str,
    changed: ChangedIncident,
    about: About,
    parts: tuple[Part, ...],
) -> Event:
    one = changed.incident
    return Event(
        key=key,
        kind=kind,
        at=at,
        subject=one.id,
        title=one_line(one.title, 600),
        headline=headline,
        severity=one.severity,
        service=one_line(one.service or "", 300),
        environment=one_line(one.environment, 100),
        incident_id=one.id,
        investigation_id=changed.investigation_id,
        parts=parts,
        link=about.link("incidents", one.id),
        references=about.references,
    )


def _of_investigation(
    key: str,
    kind: EventKind,
    found: EndedInvestigation,
    headline: str,
    about: About,
    parts: tuple[Part, ...],
    *,
    verdict: str = "",
    component: str = "",
) -> Event:
    one = about.incident
    return Event(
        key=key,
        kind=kind,
        at=found.ended_at,
        subject=one.id if one is not None else found.id,
        title=one_line(found.title or (one.title if one is not None else ""), 600) or "An investigation",
        headline=headline,
        severity=one.severity if one is not None else Severity.UNKNOWN,
        service=one_line((one.service or "") if one is not None else "", 300),
        environment=one_line(one.environment if one is not None else "", 100),
        verdict=verdict,
        component=one_line(component, 300),
        incident_id=one.id if one is not None else "",
        investigation_id=found.id,
        parts=parts,
        link=about.link("investigations", found.id),
        references=about.references,
    )


def _parts(result: InvestigationResult) -> Iterator[Part]:
    """Yield what was found, what was not seen, why not more, and what would settle it."""
    verdict = result.verdict
    if verdict.cause is not None:
        yield Part(_CAUSE[verdict.state], _lines([_mechanism(verdict.cause)]))
        yield from _listing("Evidence", _evidence(verdict.cause, result))
    yield from _listing("Why not more", [one.reason for one in verdict.objections])
    yield from _listing("Not seen", [one.detail for one in result.gaps])
    if verdict.deciding is not None:
        yield Part("What would settle it", _lines([verdict.deciding.text]))


def _mechanism(cause: Hypothesis) -> str:
    named = cause.mechanism.startswith(cause.component)
    return cause.mechanism if named else f"{cause.component}: {cause.mechanism}"


def _evidence(cause: Hypothesis, result: InvestigationResult) -> list[str]:
    claims = {one.id: f"{one.claim} ({one.source.value})" for one in result.findings}
    return [claims[name] for name in cause.support if name in claims]


def _listing(title: str, lines: Sequence[str]) -> Iterator[Part]:
    if lines:
        yield Part(title, _few(list(dict.fromkeys(lines))))


def _few(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - MOST_LINES
    return (*_lines(lines[:MOST_LINES]), *([f"and {more:,} more"] if more > 0 else []))


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(told for line in lines if (told := one_line(line)))


def _listed(names: Sequence[str]) -> str:
    return one_line(", ".join(names), 300)


def _settled(verdict: ToldVerdict) -> tuple[VerdictState, str | None, bool]:
    return verdict.state, verdict.component, bool(verdict.decided_by)


def _told(verdict: ToldVerdict) -> str:
    of = f" ({verdict.component})" if verdict.component else ""
    return f"{VERDICTS[verdict.state]}{of}" + (f", decided by {verdict.decided_by}" if verdict.decided_by else "")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
