"""What a reader thinks of an answer: a thumb, a comment, and a link to the question."""

from typing import Literal
from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.answers import Answer
from api.schemas.feedback import FeedbackRequest
from ui.components.ages import age_markup
from ui.components.thread_address import full_address, turn_parameters
from ui.connection import assistant

MAX_COMMENT = 4_000
GAP_COMMENT = "Gap: the documents should answer this."
Rating = Literal["up", "down"]


def show_feedback(answer: Answer) -> None:
    """Show thumbs and, once one is chosen, a comment; each is stored by the API at once."""
    with st.container(key="feedback", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html('<span class="gw-label">Was this right?</span>', width="content")
            thumb = st.feedback("thumbs", key=f"thumb {answer.id}")
            st.html(_provenance(answer), width="content")
            _show_link(answer)
            gap = answer.outcome == "abstained" and st.button(
                "Record this gap", icon=":material/playlist_add:", key=f"gap {answer.id}"
            )
        if gap:
            # A rating given later replaces this record.
            _store_once(answer, "down", GAP_COMMENT)
            return
        if thumb is None:
            return
        rating: Rating = "up" if thumb else "down"
        comment = _comment(answer, rating)
        _store_once(answer, rating, comment)


def _comment(answer: Answer, rating: Rating) -> str:
    """Return the comment as last sent."""
    label = "What was good?" if rating == "up" else "What is wrong, or missing?"
    with st.form(f"comment {answer.id}", border=False):
        text = st.text_area(f"{label} (optional)", key=f"comment text {answer.id}", height=72, max_chars=MAX_COMMENT)
        st.form_submit_button("Send comment")
    return text.strip()


def _store_once(answer: Answer, rating: Rating, comment: str) -> None:
    """Store what has changed since the last time, and say so."""
    key = f"stored {answer.id}"
    if st.session_state.get(key) != (rating, comment):
        request = FeedbackRequest(
            answer_id=answer.id,
            question=answer.question,
            outcome=answer.outcome,
            rating=rating,
            comment=comment,
        )
        try:
            stored = assistant().send_feedback(request)
        except GroundwatchError as error:
            st.html(Markup('<p class="gw-form-error" role="alert">Not stored: {}</p>').format(str(error)))
            st.button("Send again")
            return
        st.session_state[key] = (rating, comment)
        st.session_state[f"{key} at"] = stored.stored_at
    words = "Rating and comment stored" if comment else "Rating stored"
    when = age_markup(st.session_state[f"{key} at"], exact=True)
    st.html(Markup('<p class="gw-stored" role="status">{}, {}.</p>').format(words, when))


def _provenance(answer: Answer) -> Markup:
    return Markup('<span class="gw-muted">Generation {}, {} ms</span>').format(answer.generation, round(answer.took_ms))


def _show_link(answer: Answer) -> None:
    """Offer the addresses that bring this answer back, or, where it is not kept, that of its question."""
    if not st.context.url:
        return
    with st.popover("Copy link", icon=":material/link:", key=f"link {answer.id}"):
        if answer.conversation_id:
            _show_address("This answer in its conversation", turn_parameters(answer.conversation_id, answer.id))
            _show_address("This answer by itself", {"answer": answer.id})
        else:
            given = {name: st.query_params.get_all(name) for name in st.query_params}
            st.html('<div class="gw-label">The question, which is then asked again</div>')
            st.code(f"{full_address({})}{urlencode(given, doseq=True)}", language=None, wrap_lines=True)


def _show_address(label: str, parameters: dict[str, str]) -> None:
    st.html(Markup('<div class="gw-label">{}</div>').format(label))
    st.code(full_address(parameters), language=None, wrap_lines=True)
