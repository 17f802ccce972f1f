"""How states, severities and moments of incidents are told: in words, with a symbol and a colour."""

from markupsafe import Markup

from api.schemas.incidents import IncidentInquest, IncidentState, IncidentSummary, Inquest, Severity
from api.schemas.investigation_runs import RunState
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_words import RUNS, VERDICTS, Look, name_markup, outcome_markup, plural
from ui.components.secret_marks import data_markup

STATES: dict[IncidentState, Look] = {
    IncidentState.OPEN: Look("Open", "notifications_active", "failed"),
    IncidentState.ACKNOWLEDGED: Look("Acknowledged", "front_hand", "partial"),
    IncidentState.RESOLVED: Look("Resolved", "check_circle", "answered"),
}
SEVERITIES: dict[Severity, Look] = {
    Severity.CRITICAL: Look("Critical", "error", "failed"),
    Severity.ERROR: Look("Error", "report", "failed"),
    Severity.WARNING: Look("Warning", "warning", "partial"),
    Severity.INFO: Look("Info", "info", "abstained"),
    Severity.UNKNOWN: Look("Not told", "help", "abstained"),
}
_NAMED = 8
_STAGES: dict[Inquest, Look] = {
    Inquest.NOT_ASKED: Look("Not investigated", "do_not_disturb_on", "abstained"),
    Inquest.WANTED: Look("Waits for its turn", "schedule", "running"),
    Inquest.ASKING: Look("Being started", "schedule", "running"),
    Inquest.STARTED: Look("Running", "search", "running"),
    Inquest.ENDED: Look("Ended", "check_circle", "abstained"),
    Inquest.REFUSED: Look("Not started", "error", "failed"),
}


def inquest_look(inquest: IncidentInquest) -> Look:
    """Return the verdict of an investigation that has one, else how far it is."""
    if inquest.verdict is not None:
        return VERDICTS[inquest.verdict.value]
    if inquest.state is not None and inquest.state is not RunState.DONE:
        return RUNS[inquest.state]
    return _STAGES[inquest.stage]


def inquest_markup(inquest: IncidentInquest, *, why: bool = False) -> Markup:
    """Return how far the investigation of an incident is, with a link to it and the component that it names.

    With `why`, also why it was not started.
    """
    look = outcome_markup(inquest_look(inquest))
    if inquest.id:
        address = InvestigationView(id=inquest.id).address
        look = Markup('<a class="gw-soft" href="{}">{}</a>').format(address, look)
    if inquest.component:
        look += Markup(" {}").format(name_markup(inquest.component))
    if why and inquest.problem:
        look += Markup('<div class="gw-muted">{}</div>').format(data_markup(sentence(inquest.problem)))
    return look


def alerts_words(incident: IncidentSummary) -> str:
    """Return how many alerts it has and how many of them fire."""
    return f"{incident.firing:,} of {plural(incident.alerts, 'alert')}"


def services_markup(incident: IncidentSummary) -> Markup:
    """Return the services that its alerts name, the first of very many."""
    names = incident.services or ([incident.service] if incident.service else [])
    more = len(names) - _NAMED
    rest = Markup(" and {:,} more").format(more) if more > 0 else Markup("")
    return Markup(" ").join(name_markup(name) for name in names[:_NAMED]) + rest
