"""The documents of the knowledge base in all their states, filtered and paged."""

import streamlit as st

from api.schemas.knowledge import KnowledgeStatus
from ui.components.failures import show_failures
from ui.components.knowledge_tables import documents_markup
from ui.components.listing import PAGE_SIZE, listing_in_address, pager_markup, show_listing_filters
from ui.connection import assistant

_EMPTY = '<p class="gw-empty">No document matches. Clear a filter, or search for a part of a title or path.</p>'


def show_documents(status: KnowledgeStatus) -> None:
    """Show the filters and one page of what they leave."""
    listing = show_listing_filters(listing_in_address(), [source.source for source in status.sources], status.kinds)
    page = assistant().documents(
        source=listing.source,
        state=listing.state,
        kind=listing.kind,
        query=listing.text,
        offset=(listing.page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    if not page.documents:
        st.html(_EMPTY)
        return
    failed = [document for document in page.documents if document.state.value == "failed"]
    others = [document for document in page.documents if document.state.value != "failed"]
    if failed:
        show_failures(failed)
    if others:
        st.html(documents_markup(others))
    st.html(pager_markup(listing, page.total))
