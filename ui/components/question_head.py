"""The question above its answer: what was asked, how it was understood, and the ways to ask it otherwise."""

import streamlit as st
from markupsafe import Markup

from api.schemas.answers import Answer, AskRequest
from ui.components.pills import icon
from ui.components.question_form import ask_again, edit_question
from ui.components.thread_turns import understood_markup


class QuestionHead:
    """The places of a question; that of its understanding is kept free, so that nothing moves when it arrives."""

    def __init__(self, request: AskRequest) -> None:
        self._request = request
        with st.container(key="question-head", gap=None):
            with st.container(key="asked", horizontal=True, vertical_alignment="top", gap="small"):
                st.html(Markup('<h2 class="gw-asked-question" tabindex="0">{}</h2>').format(request.question))
                st.button(
                    "Edit", type="tertiary", icon=":material/edit:", key="edit", on_click=edit_question, args=(request,)
                )
            self._line = st.empty()
        if request.conversation_id:
            self._line.html('<p class="gw-understood">&nbsp;</p>')

    def tell(self, answer: Answer, *, undo: bool) -> None:
        """Show how the question was understood; `undo` offers to have its own words searched for instead."""
        if not answer.asked_as:
            if self._request.conversation_id and answer.conversation_id:
                self._line.html(
                    Markup('<p class="gw-understood">{} Asked as written</p>').format(icon("subdirectory_arrow_right"))
                )
            return
        with self._line.container(key="understood", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(understood_markup(answer), width="content")
            if undo:
                # The API takes a question that is asked again in the same words as written.
                st.button(
                    "Ask as written",
                    type="tertiary",
                    icon=":material/undo:",
                    key="undo",
                    on_click=ask_again,
                    args=(self._request,),
                )
