"""What the pages keep for some seconds of what the API says about its knowledge."""

import streamlit as st

from api.errors import GroundwatchError
from api.schemas.knowledge import DocumentDetail, KnowledgeStatus
from api.schemas.upkeep import KnowledgeHealth
from ui.connection import Assistant, assistant


def knowledge_status() -> KnowledgeStatus:
    """Return the state of the knowledge base, at most some seconds old."""
    return _status(assistant())


def fresh_knowledge_status() -> KnowledgeStatus:
    """Return the state of the knowledge base as it is now."""
    return assistant().status()


def knowledge_health() -> KnowledgeHealth:
    """Return what is wrong with the documents, at most half a minute old, since finding it reads them all."""
    return _health(assistant())


def document_detail(document_id: str) -> DocumentDetail:
    """Return a document with its text as it is now; raises NotFound."""
    return assistant().document(document_id)


def document_text(document_id: str, revision: str) -> str | None:
    """Return the text of a document, or None where the API cannot give it now."""
    try:
        return _text(assistant(), (document_id, revision))
    except GroundwatchError:
        return None


@st.cache_data(ttl=10, show_spinner=False)
def _status(_assistant: Assistant) -> KnowledgeStatus:
    return _assistant.status()


@st.cache_data(ttl=30, show_spinner=False)
def _health(_assistant: Assistant) -> KnowledgeHealth:
    return _assistant.health()


@st.cache_data(ttl=300, max_entries=200, show_spinner=False)
def _text(_assistant: Assistant, version: tuple[str, str]) -> str:
    """Keep texts by id and revision, since a revision never changes."""
    document_id, _ = version
    return _assistant.document(document_id).text
