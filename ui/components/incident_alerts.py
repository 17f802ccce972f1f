"""The alerts of an incident, and what happened to it, in order."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from markupsafe import Markup

from api.schemas.incidents import AlertStatus, IncidentAlert, IncidentDetail, IncidentEntry, Moment
from ui.components.ages import age_markup
from ui.components.incident_words import SEVERITIES
from ui.components.investigation_words import Look, name_markup, outcome_markup, plural
from ui.components.secret_marks import data_markup
from ui.components.tables import row_markup, table_markup

_STATUS = {
    AlertStatus.FIRING: Look("Fires", "local_fire_department", "failed"),
    AlertStatus.RESOLVED: Look("Resolved", "check_circle", "answered"),
}
_MOMENTS = {
    Moment.OPENED: "Opened",
    Moment.JOINED: "Another alert",
    Moment.FIRED_AGAIN: "Fired again",
    Moment.QUIET: "Quiet",
    Moment.RESOLVED: "Resolved",
    Moment.REOPENED: "Opened again",
    Moment.ACKNOWLEDGED: "Acknowledged",
    Moment.INVESTIGATION: "Investigated",
}


def alerts_markup(detail: IncidentDetail) -> Markup:
    """Return the alerts as their last messages left them; those that are left out are counted."""
    rows = [_alert(one) for one in detail.alerts]
    table = table_markup(("Status", "Severity", "Alert", "Service", "Since", "Messages"), rows, figures=(5,))
    more = detail.alerts_left_out
    rest = Markup('<p class="gw-muted">{} more are not shown.</p>').format(f"{more:,}") if more else ""
    return Markup('<h2 class="gw-section">Alerts</h2>{}{}').format(table, rest)


def history_markup(entries: Sequence[IncidentEntry], left_out: int) -> Markup:
    """Return what happened, the newest last."""
    items = Markup("").join(
        Markup("<li><span>{}</span><span>{}</span><span>{}: {}</span></li>").format(
            age_markup(one.at, exact=True),
            data_markup(one.who or "alerts"),
            _MOMENTS[one.moment],
            data_markup(one.text),
        )
        for one in entries
    )
    before = Markup('<p class="gw-muted">{} earlier are not shown.</p>').format(plural(left_out, "entry", "entries"))
    return Markup('<h2 class="gw-section">Timeline</h2>{}<ol class="gw-timeline">{}</ol>').format(
        before if left_out else "", items
    )


def _is_web_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in ("http", "https")
    except ValueError:  # as brackets that hold no address
        return False


def _alert(one: IncidentAlert) -> Markup:
    links = Markup(" ").join(
        Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(address, words)
        for address, words in ((one.link, "at its source"), (one.runbook, "runbook"))
        if _is_web_address(address)
    )
    return row_markup(
        (
            outcome_markup(_STATUS[one.status]),
            outcome_markup(SEVERITIES[one.severity]),
            Markup('<strong>{}</strong><div>{}</div><div class="gw-muted">{}, {}</div>').format(
                data_markup(one.name), data_markup(one.summary), data_markup(one.sender), links
            ),
            name_markup(one.service) if one.service else "",
            age_markup(one.started_at, exact=True),
            f"{one.messages:,}",
        ),
        figures=(5,),
    )
