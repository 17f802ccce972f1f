"""Filters and pages of the list of documents, kept in the address."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup

from ui.components.places import DOCUMENT_PAGE

PAGE_SIZE = 50
_STATES = ("indexed", "failed")


@dataclass(frozen=True, slots=True)
class Listing:
    """Which documents are listed; None and "" do not restrict, pages count from 1."""

    source: str | None = None
    state: str | None = None
    kind: str | None = None
    text: str = ""
    page: int = 1

    def parameters(self) -> dict[str, str]:
        """Return what stands in the address; defaults are left out."""
        page = str(self.page) if self.page > 1 else ""
        values = {"source": self.source, "state": self.state, "kind": self.kind, "text": self.text, "page": page}
        return {name: value for name, value in values.items() if value}


def listing_in_address() -> Listing:
    """Return what the address asks for."""
    read = st.query_params.get
    state, page = read("state"), read("page", "1")
    return Listing(
        source=read("source") or None,
        state=state if state in _STATES else None,
        kind=read("kind") or None,
        text=read("text", "").strip(),
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def show_listing_filters(listing: Listing, sources: Iterable[str], kinds: Iterable[str]) -> Listing:
    """Show the filters; return the listing that they now ask for, and put it into the address."""
    _seed(listing)
    with st.container(horizontal=True, gap="small", key="listing-filters", vertical_alignment="bottom"):
        text = st.text_input("Title or path holds", key="listing text", width=280, icon=":material/search:")
        source = _choice("Source", "listing source", sources, listing.source)
        kind = _choice("Kind", "listing kind", kinds, listing.kind)
        state = _choice("State", "listing state", _STATES, listing.state)
    chosen = Listing(source, state, kind, text.strip(), listing.page)
    if replace(chosen, page=1) != replace(listing, page=1):
        chosen = replace(chosen, page=1)
    if chosen != listing:
        st.session_state["listing seeded from"] = chosen
        st.query_params.from_dict(chosen.parameters())
    return chosen


def pager_markup(listing: Listing, total: int) -> Markup:
    """Return where in the list this page is, with links to those before and after it."""
    pages = max(1, -(-total // PAGE_SIZE))
    first = (listing.page - 1) * PAGE_SIZE + 1
    last = min(total, listing.page * PAGE_SIZE)
    before = _page_link(replace(listing, page=listing.page - 1), "Previous") if listing.page > 1 else ""
    after = _page_link(replace(listing, page=listing.page + 1), "Next") if listing.page < pages else ""
    return Markup('<nav class="gw-pager" aria-label="Pages"><span>{} to {} of {}</span>{}{}</nav>').format(
        f"{first:,}", f"{last:,}", f"{total:,}", before, after
    )


def listing_address(listing: Listing) -> str:
    """Return the address that shows `listing`."""
    query = urlencode(listing.parameters())
    return f"{DOCUMENT_PAGE}?{query}" if query else DOCUMENT_PAGE


def _page_link(listing: Listing, words: str) -> Markup:
    return Markup('<a class="gw-soft" href="{}">{}</a>').format(listing_address(listing), words)


def _seed(listing: Listing) -> None:
    """Fill the filters when the address has changed by a link or by the browser's way back."""
    if st.session_state.get("listing seeded from") == listing and "listing text" in st.session_state:
        return
    st.session_state["listing seeded from"] = listing
    st.session_state["listing text"] = listing.text
    for field in ("source", "kind", "state"):
        st.session_state[f"listing {field}"] = getattr(listing, field)


def _choice(label: str, key: str, options: Iterable[str], chosen: str | None) -> str | None:
    known = sorted({*options, *([chosen] if chosen else [])})
    return st.selectbox(label, known, index=None, key=key, placeholder="All", width=180)
