"""The Knowledge page: what is known, from where, what failed; and one document where the address names it."""

import streamlit as st

from api.errors import GroundwatchError
from ui.components.knowledge_tables import documents_markup, facts_markup, failures_markup, sources_markup
from ui.components.listing import PAGE_SIZE, Listing, listing_in_address, pager_markup, show_listing_filters
from ui.components.notices import show_error, show_first_ingest
from ui.connection import assistant
from ui.knowledge_facts import fresh_knowledge_status
from ui.pages.document import show_document


def show() -> None:
    """Show one document where the address names it, else the whole knowledge base."""
    document_id = st.query_params.get("document")
    try:
        if document_id:
            show_document(document_id)
        else:
            _show_overview()
    except GroundwatchError as error:
        show_error(error)


def _show_overview() -> None:
    with st.spinner("Reading the state of the knowledge base", show_time=False):
        status = fresh_knowledge_status()
    st.html('<h1 class="gw-title">Knowledge</h1>')
    if status.generation is None and not status.documents and not status.failed:
        show_first_ingest()
        return
    st.html(facts_markup(status))
    st.html(sources_markup(status.sources))
    st.html('<h2 class="gw-section" id="documents">Documents</h2>')
    listing = show_listing_filters(listing_in_address(), [source.source for source in status.sources], status.kinds)
    _show_documents(listing)


def _show_documents(listing: Listing) -> None:
    page = assistant().documents(
        source=listing.source,
        state=listing.state,
        kind=listing.kind,
        query=listing.text,
        offset=(listing.page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    if not page.documents:
        st.html('<p class="gw-empty">No document matches. Clear a filter, or search for a part of a title or path.</p>')
        return
    failed = [document for document in page.documents if document.state == "failed"]
    indexed = [document for document in page.documents if document.state == "indexed"]
    if failed:
        st.html(failures_markup(failed))
    if indexed:
        st.html(documents_markup(indexed))
    st.html(pager_markup(listing, page.total))
