"""One incident: how far its cause is settled, what fires, what happened to it, and what a person does about it."""

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.incidents import IncidentAction, IncidentDetail, IncidentState, IncidentSummary
from ui.components.ages import age_markup
from ui.components.incident_address import IncidentView
from ui.components.incident_alerts import alerts_markup, history_markup
from ui.components.incident_words import SEVERITIES, STATES, alerts_words, inquest_look, inquest_markup, services_markup
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_citations import citations_of
from ui.components.investigation_coverage import gaps_markup
from ui.components.investigation_steps import specialists_so_far, steps_markup
from ui.components.investigation_verdict import deciding_markup, objections_markup, verdict_markup
from ui.components.investigation_words import outcome_markup
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.incidents import incidents
from ui.investigations import investigation_as_it_stands, steps_so_far

_LIVE_SECONDS = 1.0
_SAID = "said of incident"
_WHO = "who acts"


def show_incident(view: IncidentView) -> None:
    """Show the incident that the address names; raises NotFound."""
    detail = incidents().incident(view.id)
    st.html(
        Markup(
            '<a class="gw-soft gw-back" href="{}">{} All incidents</a><h1 class="gw-title gw-incident">{}</h1>'
        ).format(IncidentView().address, icon("arrow_back"), data_markup(detail.incident.title))
    )
    _show_actions(detail.incident)
    st.fragment(_show_live, run_every=_LIVE_SECONDS)(view.id)


def _show_live(incident_id: str) -> None:
    """Show the incident as it is now; what a person reads stays where it is."""
    try:
        detail = incidents().incident(incident_id)
    except GroundwatchError as error:
        st.html(Markup('<p class="gw-form-error" role="alert">{}</p>').format(sentence(str(error))))
        return
    st.html(_facts(detail.incident))
    _show_inquest(detail)
    st.html(alerts_markup(detail) + history_markup(detail.history, detail.history_left_out))


def _facts(one: IncidentSummary) -> Markup:
    told = [
        outcome_markup(STATES[one.state]),
        outcome_markup(SEVERITIES[one.severity]),
        Markup("<span>{}</span>").format(services_markup(one)),
        Markup("<span>Began {}</span>").format(age_markup(one.started_at, exact=True)),
        Markup("<span>{} fire</span>").format(alerts_words(one)),
    ]
    if one.acknowledged_by:
        told.append(Markup("<span>{} is at it</span>").format(data_markup(one.acknowledged_by)))
    if one.flaps:
        told.append(Markup("<span>fired again {} times</span>").format(one.flaps))
    return Markup('<div class="gw-facts">{}</div>').format(Markup(" ").join(told))


def _show_inquest(detail: IncidentDetail) -> None:
    """Show the verdict once there is one, until then what is being done."""
    inquest = detail.incident.investigation
    if not inquest.id:
        look = inquest_look(inquest)
        st.html(
            Markup(
                '<section class="gw-verdict gw-{}" role="status"><div class="gw-verdict-line">{}</div></section>'
            ).format(look.tone, inquest_markup(inquest, why=True))
        )
        return
    try:
        found = investigation_as_it_stands(inquest.id)
        if found.result is None:
            steps = steps_so_far(found.investigation)
            st.html(inquest_markup(inquest) + specialists_so_far(steps) + steps_markup(steps, live=True))
            return
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">The investigation cannot be shown: {}</p>').format(
                sentence(str(error))
            )
        )
        return
    view = InvestigationView(id=inquest.id)
    cited = citations_of(found.result, view)
    st.html(verdict_markup(found.result, cited))
    st.html(
        Markup('<p><a class="gw-soft" href="{}">{} Evidence, alternatives and rows</a></p>').format(
            view.address, icon("troubleshoot")
        )
    )
    st.html(
        objections_markup(found.result.verdict, cited)
        + deciding_markup(found.result.verdict, cited)
        + gaps_markup(found.result.gaps)
    )


def _show_actions(one: IncidentSummary) -> None:
    """Offer what a person can do with it now; what was done is in the timeline, with the name."""
    with st.container(horizontal=True, gap="small", key="incident-actions", vertical_alignment="bottom"):
        st.text_input("Your name", key=_WHO, width=200, max_chars=200, placeholder="for the timeline")
        if one.state is IncidentState.RESOLVED:
            st.button("Reopen", icon=":material/replay:", on_click=_act, args=("reopen", one.id))
        else:
            if one.state is IncidentState.OPEN:
                st.button("Acknowledge", icon=":material/front_hand:", on_click=_act, args=("acknowledge", one.id))
            st.button("Resolve", icon=":material/check_circle:", on_click=_act, args=("resolve", one.id))
    said = st.session_state.pop(_SAID, "")
    if said:
        st.html(Markup('<p class="gw-form-error" role="alert">{}</p>').format(said))


def _act(what: str, incident_id: str) -> None:
    source = incidents()
    acts = {
        "acknowledge": source.acknowledge_incident,
        "resolve": source.resolve_incident,
        "reopen": source.reopen_incident,
    }
    try:
        acts[what](incident_id, IncidentAction(who=st.session_state.get(_WHO, "").strip()))
    except GroundwatchError as error:
        st.session_state[_SAID] = sentence(str(error))
