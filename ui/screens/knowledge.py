"""The Knowledge page: its views, each at an address of its own; and one document where the address names it."""

from collections.abc import Callable, Mapping

import streamlit as st

from api.errors import GroundwatchError
from api.schemas.knowledge import KnowledgeStatus
from ui.components.notices import show_error, show_first_ingest
from ui.components.views import View, tabs_markup, view_of
from ui.knowledge_facts import fresh_knowledge_status
from ui.screens.alerts import show_alerts
from ui.screens.document import show_document
from ui.screens.documents import show_documents
from ui.screens.health import show_health
from ui.screens.runs import show_runs
from ui.screens.services import show_services
from ui.screens.sources import show_sources

_VIEWS: Mapping[View, Callable[[KnowledgeStatus], None]] = {
    View.SOURCES: show_sources,
    View.DOCUMENTS: show_documents,
    View.HEALTH: lambda _status: show_health(),
    View.SERVICES: lambda _status: show_services(),
    View.ALERTS: lambda _status: show_alerts(),
    View.RUNS: show_runs,
}


def show() -> None:
    """Show one document where the address names it, else the view that it names."""
    document_id = st.query_params.get("document")
    try:
        if document_id:
            show_document(document_id)
        else:
            _show_view()
    except GroundwatchError as error:
        show_error(error)


def _show_view() -> None:
    with st.spinner("Reading the state of the knowledge base", show_time=False):
        status = fresh_knowledge_status()
    st.html('<h1 class="gw-title">Knowledge</h1>')
    view = view_of(st.query_params.to_dict())
    empty = status.generation is None and not status.documents and not status.failed
    if empty and not status.sources:
        show_first_ingest()
        return
    st.html(tabs_markup(view))
    _VIEWS[view](status)
