"""Incidents as text for a terminal."""

from api.schemas.incidents import IncidentDetail, IncidentPage, IncidentSummary
from api.terminal import Line, Tone

_TONES: dict[str, Tone] = {"open": "bad", "acknowledged": "middling", "resolved": "good"}


def incidents_text(page: IncidentPage) -> list[Line]:
    """Return incidents, two lines each."""
    if not page.incidents:
        return [Line("No incident is like that.", "middling")]
    lines = [line for one in page.incidents for line in _head(one)]
    return [*lines, Line(f"{len(page.incidents)} of {page.total} incidents", "faint")]


def incident_text(detail: IncidentDetail) -> list[Line]:
    """Return an incident with its alerts and its history."""
    lines = [*_head(detail.incident), Line(), Line("Alerts", "strong")]
    for one in detail.alerts:
        since = one.started_at.isoformat(timespec="seconds")
        lines.append(Line(f"- {one.status.value} {one.severity.value} {one.name} since {since}", hanging=2))
        if one.summary and one.summary != one.name:
            lines.append(Line(one.summary, indent=2))
        if one.runbook:
            lines.append(Line(one.runbook, "faint", indent=2))
    if detail.alerts_left_out:
        lines.append(Line(f"and {detail.alerts_left_out} more", "faint"))
    lines += [Line(), Line("History", "strong")]
    for entry in detail.history:
        who = f" ({entry.who})" if entry.who else ""
        moment = entry.at.isoformat(timespec="seconds")
        lines.append(Line(f"{moment} {entry.moment.value.replace('_', ' ')}: {entry.text}{who}", hanging=2))
    if detail.history_left_out:
        lines.append(Line(f"and {detail.history_left_out} more", "faint"))
    return lines


def _head(one: IncidentSummary) -> list[Line]:
    found = one.investigation
    verdict = f"verdict {found.verdict.value}" if found.verdict else f"investigation {found.stage.value}"
    at = f" at {found.component}" if found.verdict and found.component else ""
    opened = one.opened_at.isoformat(timespec="seconds")
    said = f"{one.id} since {opened}, {one.firing} of {one.alerts} alerts fire, {verdict.replace('_', ' ')}{at}"
    return [
        Line(f"{one.state.value} {one.severity.value}: {one.title}", _TONES[one.state.value]),
        Line(said, "faint", indent=2),
    ]
