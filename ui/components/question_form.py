"""The question with its filters: a form that asks, and what of it stands in the address of the page."""

from collections.abc import Iterable, Sequence

import streamlit as st
from pydantic import ValidationError

from api.schemas.answers import AskRequest
from api.schemas.knowledge import KnowledgeStatus
from api.schemas.places import Filters
from ui.components.results import forget_result
from ui.components.thread_address import thread_in_address

MAX_QUESTION = 8_000  # what the API stores with feedback
_SEEDED = "filters seeded from"
_EMPTY = "asked nothing"
_FILTER_PARAMETERS = {"sources": "source", "kinds": "kind", "services": "service"}


def requested_in_address() -> AskRequest | None:
    """Return the question that the address asks, None where it asks none."""
    question = st.query_params.get("q", "").strip()
    if not question:
        return None
    chosen = {field: st.query_params.get_all(name) for field, name in _FILTER_PARAMETERS.items()}
    conversation = thread_in_address().conversation or None
    return _request(question, chosen["sources"], chosen["kinds"], chosen["services"], conversation)


def write_address(request: AskRequest) -> None:
    """Put `request` into the address, where it is asked, and can be shared and restored."""
    chosen = {"sources": request.filters.sources, "services": request.filters.services}
    values: dict[str, str | list[str]] = {"q": request.question}
    if request.conversation_id:
        values["conversation"] = request.conversation_id
    values |= {_FILTER_PARAMETERS[field]: list(names) for field, names in chosen.items() if names}
    if request.filters.kinds:
        values["kind"] = [kind.value for kind in request.filters.kinds]
    st.query_params.from_dict(values)


def ask_this(question: str) -> None:
    """Ask `question` without filters, in a new conversation; for buttons that offer a question."""
    st.query_params.from_dict({"q": question})


def ask_again(request: AskRequest) -> None:
    """Ask `request` anew, whatever is kept of it."""
    forget_result(request)
    write_address(request)


def edit_question(request: AskRequest) -> None:
    """Put the question of `request` into the form, to be changed and asked."""
    st.session_state["question"] = request.question


def show_question_form(status: KnowledgeStatus, filters: Filters, *, conversation_id: str | None, first: bool) -> None:
    """Show the form; what is submitted is put into the address, and the page then asks it.

    `filters` are those of what the page shows; `first` says that nothing was asked yet.
    """
    _seed(filters)
    asked_nothing = bool(st.session_state.pop(_EMPTY, False))
    with st.container(key="composer" if first else "composer-follow-up", gap="xsmall"):
        with st.form("ask", border=False, enter_to_submit=True):
            with st.container(horizontal=True, vertical_alignment="bottom", key="ask-row", gap="small"):
                st.text_area(
                    "Question" if first else "Next question",
                    key="question",
                    height=72,
                    max_chars=MAX_QUESTION,
                    placeholder=_placeholder(first, conversation_id),
                    label_visibility="visible" if first else "collapsed",
                )
                with st.popover(_filters_label(filters), icon=":material/filter_list:"):
                    _show_filters(status)
                st.form_submit_button(
                    "Ask", type="primary", icon=":material/search:", on_click=_submit, args=(conversation_id, first)
                )
            if first:
                st.html('<span class="gw-muted gw-keys">Ctrl + Enter asks</span>')
        if asked_nothing:
            st.html('<p class="gw-form-error" role="alert">Type a question, or paste an alert, then ask.</p>')


def _placeholder(first: bool, conversation_id: str | None) -> str:
    if first:
        return "An alert name, an error message, or a question in plain words"
    words = "Ask a follow-up, or something else" if conversation_id else "Ask something else"
    return f"{words} (Ctrl + Enter)"


def _submit(conversation_id: str | None, first: bool) -> None:
    """Take what the form holds, before the page is shown anew, and empty the question.

    The address knows better than the form which conversation goes on: it may have begun after the form was shown.
    """
    question = str(st.session_state.get("question") or "").strip()
    if not question:
        st.session_state[_EMPTY] = True
        return
    names = (list(st.session_state.get(f"filter {field}") or []) for field in _FILTER_PARAMETERS)
    sources, kinds, services = names
    st.session_state["question"] = ""
    going_on = None if first else thread_in_address().conversation or conversation_id
    ask_again(_request(question, sources, kinds, services, going_on))


def _seed(filters: Filters) -> None:
    """Fill in the filters when the page shows something else: a first visit, a link, or the browser's way back."""
    if st.session_state.get(_SEEDED) == filters and "filter sources" in st.session_state:
        return
    st.session_state[_SEEDED] = filters
    st.session_state["filter sources"] = list(filters.sources)
    st.session_state["filter kinds"] = [kind.value for kind in filters.kinds]
    st.session_state["filter services"] = list(filters.services)


def _show_filters(status: KnowledgeStatus) -> None:
    """Show what narrows the search; a change takes effect with the next Ask."""
    _choice("Source", "sources", (source.source for source in status.sources), "All sources")
    _choice("Kind", "kinds", status.kinds, "All kinds")
    _choice("Service", "services", (), "Any service: type its name", open_ended=True)


def _choice(label: str, field: str, options: Iterable[str], placeholder: str, *, open_ended: bool = False) -> None:
    key = f"filter {field}"
    chosen: Sequence[str] = st.session_state.get(key, [])
    known = sorted({*options, *chosen})
    st.multiselect(label, known, key=key, placeholder=placeholder, accept_new_options=open_ended)


def _filters_label(filters: Filters) -> str:
    count = sum(map(bool, (filters.sources, filters.kinds, filters.services)))
    return f"Filters ({count} set)" if count else "Filters"


def _request(
    question: str, sources: Sequence[str], kinds: Sequence[str], services: Sequence[str], conversation_id: str | None
) -> AskRequest:
    """Build a request; where a kind does not exist (a mistyped address), none is asked for."""
    values = {"sources": list(sources), "kinds": list(kinds), "services": list(services)}
    try:
        filters = Filters.model_validate(values)
    except ValidationError:
        filters = Filters.model_validate(values | {"kinds": []})
    return AskRequest(
        question=question[:MAX_QUESTION], filters=filters, conversation_id=conversation_id, investigations="auto"
    )
