"""The Incidents page: one incident where the address names it, else the list, live."""

from pathlib import Path

import streamlit as st

from api.errors import GroundwatchError, NotFound
from api.schemas.incidents import IncidentPage
from ui.components.incident_address import IncidentView, incident_view_in
from ui.components.incident_list import LIST_PAGE, incidents_markup, show_filters
from ui.components.notices import show_error, show_notice
from ui.incidents import incidents
from ui.screens.incident import show_incident

_STYLE = Path(__file__).parents[1] / "investigation.css"
_LIVE_SECONDS = 2.0
_FIRST = (
    '<section class="gw-start"><p>Incidents open by themselves when alerts come in: alerts of one failure are one '
    "incident, and each is investigated once. Point a sender at this API, for example Alertmanager:</p></section>"
)
_ALERTMANAGER = """receivers:
  - name: groundwatch
    webhook_configs:
      - url: http://127.0.0.1:8080/webhooks/alertmanager
        send_resolved: true"""


def show() -> None:
    """Show what the address names; an error says what to do."""
    st.html(_STYLE)
    view = incident_view_in(st.query_params.to_dict())
    try:
        if view.id:
            show_incident(view)
        else:
            _show_list(view)
    except NotFound:
        show_notice(
            "Incident not found",
            "It was deleted, or the link is incomplete. Choose another one from the list.",
            symbol="search_off",
        )
        st.html(f'<p><a class="gw-soft" href="{IncidentView().address}">All incidents</a></p>')
    except GroundwatchError as error:
        show_error(error, kept="Alerts go on coming in without this page.")


def _show_list(view: IncidentView) -> None:
    page = _page(view)
    st.html('<h1 class="gw-title">Incidents</h1>')
    if not page.total and not view.narrowed:
        st.html(_FIRST)
        st.code(_ALERTMANAGER, language="yaml")
        st.fragment(_wait_for_first, run_every=_LIVE_SECONDS)(view)
        return
    st.fragment(_show_rows, run_every=_LIVE_SECONDS)(show_filters(view))


def _wait_for_first(view: IncidentView) -> None:
    """Show the list as soon as there is an incident."""
    try:
        if _page(view).total:
            st.rerun()
    except GroundwatchError as error:
        show_error(error)


def _show_rows(view: IncidentView) -> None:
    try:
        page = _page(view)
    except GroundwatchError as error:
        show_error(error)
        return
    if page.total:
        st.html(incidents_markup(page, view))
    else:
        st.html('<p class="gw-empty">No incident fits. Clear the filters to see all.</p>')


def _page(view: IncidentView) -> IncidentPage:
    return incidents().incidents(
        state=view.state,
        service="",
        severity=view.severity,
        query=view.text,
        offset=(view.page - 1) * LIST_PAGE,
        limit=LIST_PAGE,
    )
