"""What stands above a conversation: its title, other conversations, a new one, the file of it, and its end."""

from collections.abc import Mapping
from functools import partial

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.conversations import ConversationSummary, ExportFormat
from ui.components.ages import age_markup
from ui.components.thread_address import turn_address
from ui.connection import Assistant, assistant
from ui.conversation_facts import forget_conversations, recent_conversations

_PAGE = 15  # conversations added to the list at a time
_LISTED = "conversations listed"
_SAID = "said of conversations"
_FORMS: Mapping[ExportFormat, tuple[str, str, str]] = {
    "markdown": ("Markdown", "md", "text/markdown"),
    "html": ("Web page", "html", "text/html"),
    "json": ("JSON", "json", "application/json"),
}


def show_thread_bar(conversation: ConversationSummary | None) -> None:
    """Show the bar; without a conversation only the way to earlier ones."""
    said = st.session_state.pop(_SAID, "")
    if said:
        st.html(Markup('<p class="gw-muted" role="status">{}</p>').format(said))
    with st.container(key="thread-bar", horizontal=True, vertical_alignment="center", gap="small"):
        if conversation is not None:
            st.html(_title(conversation))
            st.button(
                "New conversation",
                icon=":material/add_comment:",
                type="tertiary",
                on_click=st.query_params.clear,
                key="new",
            )
        _show_list(conversation)
        if conversation is not None:
            _show_export(conversation)
            _show_deletion(conversation)


def _title(conversation: ConversationSummary) -> Markup:
    count = "1 question" if conversation.turns == 1 else f"{conversation.turns} questions"
    return Markup('<div class="gw-thread-title"><h2>{}</h2><span class="gw-muted">{}, {}</span></div>').format(
        conversation.title, count, age_markup(conversation.updated_at)
    )


def _show_list(shown: ConversationSummary | None) -> None:
    with st.popover("Conversations", icon=":material/forum:", type="tertiary"):
        count = int(st.session_state.get(_LISTED, _PAGE))
        try:
            page = recent_conversations(count)
        except GroundwatchError as error:
            st.html(Markup('<p class="gw-form-error">The list cannot be read now: {}</p>').format(str(error)))
            return
        if not page.conversations:
            st.html('<p class="gw-muted">None yet. Each question starts one, and a follow-up goes on with it.</p>')
            return
        rows = Markup("").join(_row(one, shown) for one in page.conversations)
        st.html(Markup('<ul class="gw-conversations">{}</ul>').format(rows))
        if page.total > len(page.conversations):
            more = min(_PAGE, page.total - len(page.conversations))
            st.button(
                f"Show {more} more of {page.total:,}", key="more conversations", on_click=_list, args=(count + _PAGE,)
            )


def _list(count: int) -> None:
    st.session_state[_LISTED] = count


def _row(conversation: ConversationSummary, shown: ConversationSummary | None) -> Markup:
    here = Markup(' aria-current="page"') if shown is not None and shown.id == conversation.id else ""
    count = "1 question" if conversation.turns == 1 else f"{conversation.turns} questions"
    return Markup('<li><a class="gw-soft" href="{}"{}>{}</a><span class="gw-muted">{}, {}</span></li>').format(
        turn_address(conversation.id), here, conversation.title, count, age_markup(conversation.updated_at)
    )


def _show_export(conversation: ConversationSummary) -> None:
    with st.popover("Export", icon=":material/download:", type="tertiary"):
        for form, (label, suffix, media_type) in _FORMS.items():
            st.download_button(
                label,
                data=partial(_file, assistant(), conversation.id, form),
                file_name=f"conversation-{conversation.id[:8]}.{suffix}",
                mime=media_type,
                on_click="ignore",
                key=f"export {form}",
                width="stretch",
            )


def _file(source: Assistant, conversation_id: str, form: ExportFormat) -> str:
    return source.export_conversation(conversation_id, form).text


def _show_deletion(conversation: ConversationSummary) -> None:
    with st.popover("Delete", icon=":material/delete:", type="tertiary"):
        count = "its answer" if conversation.turns == 1 else f"its {conversation.turns} answers"
        st.html(Markup("<p>Deletes this conversation and {} for everybody. There is no undo.</p>").format(count))
        st.button("Delete conversation", key="delete", on_click=_delete, args=(conversation.id,))


def _delete(conversation_id: str) -> None:
    try:
        assistant().delete_conversation(conversation_id)
    except GroundwatchError as error:
        st.session_state[_SAID] = f"Not deleted: {error}"
        return
    forget_conversations()
    st.query_params.clear()
    st.session_state[_SAID] = "The conversation is deleted."
