"""The sources of the knowledge base: the newest run, each source with its times and counts, and what failed."""

import streamlit as st
from markupsafe import Markup

from api.schemas.knowledge import KnowledgeStatus, SourceStatus
from ui.components.failures import show_failures
from ui.components.knowledge_tables import facts_markup
from ui.components.listing import Listing, listing_address
from ui.components.source_rows import source_markup
from ui.components.sync_panel import SyncState, show_sync_panel
from ui.components.sync_requests import ask_sync
from ui.components.tables import page_number, pages_markup
from ui.components.views import View, view_address
from ui.connection import assistant

SOURCES_PER_PAGE = 50
_SHOWN_FAILURES = 10


def show_sources(status: KnowledgeStatus) -> None:
    """Show figures, the newest run, the sources and the first failures."""
    st.html(facts_markup(status))
    st.html('<h2 class="gw-section">Newest sync</h2>')
    state = show_sync_panel(any(source.declared for source in status.sources))
    _show_rows(status.sources, state)
    if status.failed:
        _show_failed(status.failed, state)


def _show_rows(sources: list[SourceStatus], state: SyncState | None) -> None:
    st.html('<h2 class="gw-section">Sources</h2>')
    if not sources:
        st.html('<p class="gw-empty">No source was read yet. Declare one in groundwatch.yaml, then sync.</p>')
        return
    page = page_number(st.query_params.get("page"))
    first = (page - 1) * SOURCES_PER_PAGE
    with st.container(key="sources", gap=None):
        for source in sources[first : first + SOURCES_PER_PAGE]:
            with st.container(horizontal=True, key=f"source-{source.source}", vertical_alignment="top"):
                st.html(source_markup(source))
                _show_button(source, state)
    if len(sources) > SOURCES_PER_PAGE:
        st.html(
            pages_markup(
                page, len(sources), SOURCES_PER_PAGE, lambda number: view_address(View.SOURCES, {"page": str(number)})
            )
        )


def _show_button(source: SourceStatus, state: SyncState | None) -> None:
    """Show the button that reads one source; where that cannot be, it says why."""
    why = "Read this source now"
    if not source.declared:
        why = f"Not declared in groundwatch.yaml: read it with groundwatch ingest PATH --source {source.source}"
    elif state is not None and state.hindrance:
        why = state.hindrance
    st.button(
        "Sync",
        key=f"sync {source.source}",
        help=why,
        disabled=not source.declared or state is None or bool(state.hindrance),
        on_click=ask_sync,
        args=(state.number if state else 0, (source.source,)),
        width="content",
    )


def _show_failed(total: int, state: SyncState | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="failed-heading"):
        st.html(Markup('<h2 class="gw-section" id="failed">Failed documents: {}</h2>').format(f"{total:,}"))
        st.button(
            "Retry all failed",
            key="retry all",
            icon=":material/refresh:",
            disabled=state is None or bool(state.hindrance),
            help=(state.hindrance if state else "") or "Start a sync that reads all failed documents again",
            on_click=ask_sync,
            args=(state.number if state else 0, (), True),
            width="content",
        )
    page = assistant().documents(source=None, state="failed", kind=None, query="", offset=0, limit=_SHOWN_FAILURES)
    show_failures(page.documents)
    if page.total > len(page.documents):
        address = listing_address(Listing(state="failed"))
        st.html(
            Markup('<p><a class="gw-soft" href="{}">All {} failed documents</a></p>').format(address, f"{page.total:,}")
        )
