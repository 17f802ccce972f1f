"""What the Ask page keeps for some seconds of the conversations of the API."""

import streamlit as st

from api.schemas.conversations import Conversation, ConversationPage
from ui.connection import Assistant, assistant

MOST_TURNS = 200
"""As many as a conversation can have."""


def recent_conversations(count: int) -> ConversationPage:
    """Return the conversations that were added to last, at most some seconds old."""
    return _recent(assistant(), (count, _changes()))


def whole_conversation(conversation_id: str) -> Conversation:
    """Return a conversation with all its turns, at most some seconds old; raises NotFound."""
    return _conversation(assistant(), (conversation_id, _changes()))


def forget_conversations() -> None:
    """Have conversations read anew: this session asked something, or deleted something."""
    st.session_state["conversation changes"] = _changes() + 1


def _changes() -> int:
    return int(st.session_state.get("conversation changes", 0))


@st.cache_data(ttl=10, show_spinner=False, scope="session")
def _recent(_assistant: Assistant, wanted: tuple[int, int]) -> ConversationPage:
    count, _ = wanted
    return _assistant.conversations(offset=0, limit=count)


@st.cache_data(ttl=10, max_entries=20, show_spinner=False, scope="session")
def _conversation(_assistant: Assistant, wanted: tuple[str, int]) -> Conversation:
    conversation_id, _ = wanted
    return _assistant.conversation(conversation_id, offset=0, limit=MOST_TURNS)
