"""The Investigations page: one investigation where the address names it, else their list and how to start one."""

from pathlib import Path

import streamlit as st

from api.errors import GroundwatchError, NotFound
from ui.components.investigation_address import InvestigationView, investigation_view_in
from ui.components.investigation_list import LIST_PAGE, list_markup, show_state_filter, unfinished
from ui.components.investigation_start import refused, show_start
from ui.components.notices import show_error, show_notice
from ui.investigations import investigations
from ui.screens.investigation import show_investigation

_STYLE = Path(__file__).parents[1] / "investigation.css"
_LIVE_SECONDS = 2.0
_FIRST = (
    '<section class="gw-start"><p>An investigation reads the metrics, traces, logs and changes that were recorded '
    "around an incident, and says what broke, how far that is settled, and on which rows it rests. It needs a bundle: "
    "a folder with these recordings. Name one that the API finds below <code>GROUNDWATCH_BUNDLES_DIR</code>, and start."
    "</p></section>"
)


def show() -> None:
    """Show what the address names; an error says what to do."""
    st.html(_STYLE)
    view = investigation_view_in(st.query_params.to_dict())
    try:
        if view.id:
            show_investigation(view)
        else:
            _show_list(view)
    except NotFound:
        show_notice(
            "Investigation not found",
            "It was deleted, or the link is incomplete. Choose another one from the list, or start it again.",
            symbol="search_off",
        )
        st.html(f'<p><a class="gw-soft" href="{InvestigationView().address}">All investigations</a></p>')
    except GroundwatchError as error:
        show_error(error, kept="The link stays in the address of this page; an investigation goes on without it.")


def _show_list(view: InvestigationView) -> None:
    page = investigations().investigations(state=view.state, offset=(view.page - 1) * LIST_PAGE, limit=LIST_PAGE)
    st.html('<h1 class="gw-title">Investigations</h1>')
    if not page.total and view.state is None:
        st.html(_FIRST)
        show_start()
        return
    with st.expander("Start an investigation", icon=":material/add:", expanded=refused()):
        show_start()
    chosen = show_state_filter(view)
    every = _LIVE_SECONDS if unfinished(page.investigations) else None
    st.fragment(_show_rows, run_every=every)(chosen)


def _show_rows(view: InvestigationView) -> None:
    """Show the list as it is now; once all have ended it stays as it is."""
    try:
        page = investigations().investigations(state=view.state, offset=(view.page - 1) * LIST_PAGE, limit=LIST_PAGE)
    except GroundwatchError as error:
        show_error(error)
        return
    if page.total:
        st.html(list_markup(page, view))
    else:
        st.html('<p class="gw-empty">No investigation is in this state. Clear the filter to see all.</p>')
