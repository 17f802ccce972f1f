"""The question with its filters, in a form and in the address of the page."""

from collections.abc import Iterable, Sequence

import streamlit as st
from pydantic import ValidationError

from api.schemas.answers import AskRequest
from api.schemas.knowledge import KnowledgeStatus
from api.schemas.places import Filters

MAX_QUESTION = 8_000  # what the API stores with feedback
_SEEDED = "question seeded from"
_FILTER_PARAMETERS = {"sources": "source", "kinds": "kind", "services": "service"}


def requested_in_address() -> AskRequest | None:
    """Return the question that the address holds, None where it holds none."""
    question = st.query_params.get("q", "").strip()
    if not question:
        return None
    chosen = {field: st.query_params.get_all(name) for field, name in _FILTER_PARAMETERS.items()}
    return _request(question, chosen["sources"], chosen["kinds"], chosen["services"])


def write_address(request: AskRequest) -> None:
    """Put `request` into the address, so that it can be shared and restored; the form shows it already."""
    st.session_state[_SEEDED] = request
    chosen = {"sources": request.filters.sources, "services": request.filters.services}
    values: dict[str, str | list[str]] = {"q": request.question}
    values |= {_FILTER_PARAMETERS[field]: list(names) for field, names in chosen.items() if names}
    if request.filters.kinds:
        values["kind"] = [kind.value for kind in request.filters.kinds]
    st.query_params.from_dict(values)


def ask_this(question: str) -> None:
    """Ask `question` without filters; for buttons that offer a question."""
    st.query_params.from_dict({"q": question})


def show_question_form(asked: AskRequest | None, status: KnowledgeStatus) -> AskRequest | None:
    """Show the form, filled with what the address asks; return what was just submitted."""
    _seed(asked)
    with st.form("ask", border=False, enter_to_submit=True):
        question = st.text_area(
            "Question",
            key="question",
            height=72,
            max_chars=MAX_QUESTION,
            placeholder="An alert name, an error message, or a question in plain words",
        )
        with st.container(horizontal=True, vertical_alignment="center", key="ask-row"):
            pressed = st.form_submit_button("Ask", type="primary", icon=":material/search:")
            with st.popover(_filters_label(asked), icon=":material/filter_list:"):
                sources, kinds, services = _show_filters(status)
            st.html('<span class="gw-muted gw-keys">Ctrl + Enter asks</span>', width="content")
    if not pressed:
        return None
    if not question.strip():
        st.html('<p class="gw-form-error" role="alert">Type a question, or paste an alert, then ask.</p>')
        return None
    return _request(question.strip(), sources, kinds, services)


def _seed(asked: AskRequest | None) -> None:
    """Fill the form when the address has changed: first visit, a link, or the browser's way back."""
    if st.session_state.get(_SEEDED, "nothing") == asked and "question" in st.session_state:
        return
    st.session_state[_SEEDED] = asked
    st.session_state["question"] = asked.question if asked else ""
    filters = asked.filters if asked else Filters()
    st.session_state["filter sources"] = list(filters.sources)
    st.session_state["filter kinds"] = [kind.value for kind in filters.kinds]
    st.session_state["filter services"] = list(filters.services)


def _show_filters(status: KnowledgeStatus) -> tuple[list[str], list[str], list[str]]:
    """Show what narrows the search; a change takes effect with the next Ask."""
    sources = _choice("Source", "sources", (source.source for source in status.sources), "All sources")
    kinds = _choice("Kind", "kinds", status.kinds, "All kinds")
    services = _choice("Service", "services", (), "Any service: type its name", open_ended=True)
    return sources, kinds, services


def _choice(label: str, field: str, options: Iterable[str], placeholder: str, *, open_ended: bool = False) -> list[str]:
    key = f"filter {field}"
    chosen: Sequence[str] = st.session_state.get(key, [])
    known = sorted({*options, *chosen})
    return st.multiselect(label, known, key=key, placeholder=placeholder, accept_new_options=open_ended)


def _filters_label(asked: AskRequest | None) -> str:
    if asked is None:
        return "Filters"
    count = sum(map(bool, (asked.filters.sources, asked.filters.kinds, asked.filters.services)))
    return f"Filters ({count} set)" if count else "Filters"


def _request(question: str, sources: Sequence[str], kinds: Sequence[str], services: Sequence[str]) -> AskRequest:
    """Build a request; where a kind does not exist (a mistyped address), none is asked for."""
    values = {"sources": list(sources), "kinds": list(kinds), "services": list(services)}
    try:
        filters = Filters.model_validate(values)
    except ValidationError:
        filters = Filters.model_validate(values | {"kinds": []})
    return AskRequest(question=question[:MAX_QUESTION], filters=filters)
