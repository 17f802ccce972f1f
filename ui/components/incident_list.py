"""The list of incidents: how bad each is, what it is about, and how far its cause is settled."""

from dataclasses import replace

import streamlit as st
from markupsafe import Markup

from api.schemas.incidents import IncidentPage, IncidentState, IncidentSummary, Severity
from ui.components.ages import age_markup
from ui.components.incident_address import IncidentView
from ui.components.incident_words import SEVERITIES, STATES, alerts_words, inquest_markup, services_markup
from ui.components.investigation_words import outcome_markup
from ui.components.secret_marks import data_markup
from ui.components.tables import pages_markup, row_markup, table_markup

LIST_PAGE = 25
_SEEDED = "incidents seeded from"


def show_filters(view: IncidentView) -> IncidentView:
    """Show the filters; return the view that they ask for now, and put it into the address."""
    if st.session_state.get(_SEEDED) != view or "incidents state" not in st.session_state:
        st.session_state[_SEEDED] = view
        st.session_state["incidents text"] = view.text
        st.session_state["incidents state"] = view.state
        st.session_state["incidents severity"] = view.severity
    with st.container(horizontal=True, gap="small", key="incident-filters", vertical_alignment="bottom"):
        text = st.text_input(
            "Title or service", key="incidents text", width=280, icon=":material/search:", max_chars=200
        )
        state = st.selectbox(
            "State",
            list(IncidentState),
            index=None,
            key="incidents state",
            placeholder="All",
            width=180,
            format_func=lambda one: STATES[IncidentState(one)].words,
        )
        severity = st.selectbox(
            "Severity",
            list(Severity),
            index=None,
            key="incidents severity",
            placeholder="All",
            width=160,
            format_func=lambda one: SEVERITIES[Severity(one)].words,
        )
    chosen = replace(
        view,
        text=text.strip(),
        state=IncidentState(state) if state else None,
        severity=Severity(severity) if severity else None,
    )
    if chosen != view:
        chosen = replace(chosen, page=1)
        st.session_state[_SEEDED] = chosen
        st.query_params.from_dict(chosen.parameters())
    return chosen


def incidents_markup(page: IncidentPage, view: IncidentView) -> Markup:
    """Return the incidents of a page, with links to the other pages."""
    names = ("State", "Severity", "Incident", "Alerts that fire", "Investigation", "Began")
    table = table_markup(names, [_row(one) for one in page.incidents])
    pager = pages_markup(view.page, page.total, LIST_PAGE, lambda number: replace(view, page=number).address)
    return (table if page.incidents else Markup("")) + pager


def _row(one: IncidentSummary) -> Markup:
    return row_markup(
        (
            outcome_markup(STATES[one.state]),
            outcome_markup(SEVERITIES[one.severity]),
            Markup('<a class="gw-soft" href="{}">{}</a><div class="gw-muted">{}</div>').format(
                IncidentView(id=one.id).address, data_markup(one.title), services_markup(one)
            ),
            alerts_words(one),
            inquest_markup(one.investigation),
            age_markup(one.started_at, exact=True),
        )
    )
