"""A search box whose words live in the address, above a paged list."""

from dataclasses import dataclass

import streamlit as st

from ui.components.tables import page_number
from ui.components.views import View, view_address

LIST_PAGE = 50
_FLAG = "only"


@dataclass(frozen=True, slots=True)
class ListSearch:
    """What a list of `view` is narrowed to; `only` is its one switch, pages count from 1."""

    view: View
    text: str = ""
    only: bool = False
    page: int = 1

    @property
    def offset(self) -> int:
        """How many entries stand on the pages before."""
        return (self.page - 1) * LIST_PAGE

    def parameters(self, page: int = 1) -> dict[str, str]:
        """Return what stands in the address beside the view."""
        return {"text": self.text, _FLAG: "1" if self.only else "", "page": str(page) if page > 1 else ""}

    def address(self, page: int) -> str:
        """Return the address of another page of the same list."""
        return view_address(self.view, self.parameters(page))


def show_list_search(view: View, label: str, *, switch: str = "") -> ListSearch:
    """Show the box and, where it has words, a switch; return what the list is narrowed to now."""
    read = st.query_params.get
    page = page_number(read("page"))
    there = ListSearch(view, read("text", "").strip(), bool(switch) and read(_FLAG) == "1", page)
    _seed(there)
    with st.container(horizontal=True, gap="small", key=f"{view}-search", vertical_alignment="bottom"):
        text = st.text_input(label, key=f"{view} text", width=300, icon=":material/search:", max_chars=200).strip()
        only = st.toggle(switch, key=f"{view} only") if switch else False
    chosen = ListSearch(view, text, only, page)
    if (text, only) != (there.text, there.only):
        chosen = ListSearch(view, text, only)
        st.session_state[f"{view} seeded from"] = chosen
        shown = {name: value for name, value in chosen.parameters().items() if value}
        st.query_params.from_dict({"view": view.value, **shown})
    return chosen


def _seed(there: ListSearch) -> None:
    """Fill the box when the address has changed by a link or by the browser's way back."""
    key = f"{there.view} seeded from"
    if st.session_state.get(key) == there and f"{there.view} text" in st.session_state:
        return
    st.session_state[key] = there
    st.session_state[f"{there.view} text"] = there.text
    st.session_state[f"{there.view} only"] = there.only
