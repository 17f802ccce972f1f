"""Filters and pages of the list of documents, kept in the address."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import streamlit as st
from markupsafe import Markup

from ui.components.tables import page_number, pages_markup
from ui.components.views import View, view_address

PAGE_SIZE = 50
STATE_WORDS = {
    "indexed": "Indexed",
    "failed": "Failed",
    "ignored": "Left out",
    "tombstoned": "Removed",
    "discovered": "In hand: listed",
    "fetched": "In hand: fetched",
    "parsed": "In hand: parsed",
}


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
    state = read("state")
    return Listing(
        source=read("source") or None,
        state=state if state in STATE_WORDS else None,
        kind=read("kind") or None,
        text=read("text", "").strip(),
        page=page_number(read("page")),
    )


def show_listing_filters(listing: Listing, sources: Iterable[str], kinds: Iterable[str]) -> Listing:
    """Show the filters; return the listing that they now ask for, and put it into the address."""
    _seed(listing)
    with st.container(horizontal=True, gap="small", key="listing-filters", vertical_alignment="bottom"):
        text = st.text_input("Title or path holds", key="listing text", width=280, icon=":material/search:")
        source = _choice("Source", "listing source", sources, listing.source)
        kind = _choice("Kind", "listing kind", kinds, listing.kind)
        state = _choice("State", "listing state", STATE_WORDS, listing.state)
    chosen = Listing(source, state, kind, text.strip(), listing.page)
    if replace(chosen, page=1) != replace(listing, page=1):
        chosen = replace(chosen, page=1)
    if chosen != listing:
        st.session_state["listing seeded from"] = chosen
        st.query_params.from_dict({"view": View.DOCUMENTS.value, **chosen.parameters()})
    return chosen


def pager_markup(listing: Listing, total: int) -> Markup:
    """Return where in the list this page is, with links to those before and after it."""
    return pages_markup(listing.page, total, PAGE_SIZE, lambda number: listing_address(replace(listing, page=number)))


def listing_address(listing: Listing) -> str:
    """Return the address that shows `listing`."""
    return view_address(View.DOCUMENTS, listing.parameters())


def _seed(listing: Listing) -> None:
    """Fill the filters when the address has changed by a link or by the browser's way back."""
    if st.session_state.get("listing seeded from") == listing and "listing text" in st.session_state:
        return
    st.session_state["listing seeded from"] = listing
    st.session_state["listing text"] = listing.text
    for field in ("source", "kind", "state"):
        st.session_state[f"listing {field}"] = getattr(listing, field)


def _choice(label: str, key: str, options: Iterable[str], chosen: str | None) -> str | None:
    known = [*options]
    if chosen and chosen not in known:
        known.append(chosen)
    return st.selectbox(
        label,
        known,
        index=None,
        key=key,
        placeholder="All",
        width=180,
        format_func=lambda name: STATE_WORDS.get(name, name),
    )
