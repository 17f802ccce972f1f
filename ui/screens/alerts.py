"""The alerts that rules define or runbooks treat, and which of them have no runbook."""

import streamlit as st

from ui.components.alerts import alerts_markup
from ui.components.list_search import LIST_PAGE, show_list_search
from ui.components.tables import pages_markup
from ui.components.views import View
from ui.connection import assistant

_NONE = (
    '<p class="gw-empty">No alert is known yet. Declare the folder of your Prometheus rule files as a source, '
    "then sync.</p>"
)
_NO_MATCH = '<p class="gw-empty">No alert matches. Search for a part of its name.</p>'
_ALL_COVERED = '<p class="gw-empty">Every alert has a runbook.</p>'


def show_alerts() -> None:
    """Show the search, and one page of alerts."""
    search = show_list_search(View.ALERTS, "Name holds", switch="Only without a runbook")
    page = assistant().alerts(query=search.text, without_runbook=search.only, offset=search.offset, limit=LIST_PAGE)
    empty = _NO_MATCH if search.text else _ALL_COVERED if search.only else _NONE
    st.html(alerts_markup(page.alerts) + pages_markup(search.page, page.total, LIST_PAGE, search.address) or empty)
