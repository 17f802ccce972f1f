"""What the Ask page shows before the first question: what this is, and questions that the documents can answer."""

import re

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.knowledge import DocumentSummary, KnowledgeStatus
from ui.components.inline import plain_label
from ui.components.question_form import ask_this
from ui.connection import assistant

# One example of each kind where there is one, in the order in which people on call need them.
_EXAMPLE_KINDS = ("runbook", "postmortem", "architecture", "reference")
EXAMPLES = 3
_CLAUSE = re.compile(r"\b(?:is|are|has|have|was|were|fails?|not|cannot|does)\b", re.IGNORECASE)
_ALERT = re.compile(r"^[A-Z][a-z]+(?:[A-Z][A-Za-z0-9]*)+$")
_ALERT_IN_TITLE = re.compile(r"\(([A-Z][a-z]+(?:[A-Z][A-Za-z0-9]*)+)\)")
_LEADING_NAME = re.compile(r"^(?:post-?mortem|runbook|incident(?: report)?|architecture)\s*[:–-]\s*", re.IGNORECASE)


def show_start(status: KnowledgeStatus) -> None:
    """Show what the page does and three questions made from the documents that are there."""
    documents = "document" if status.documents == 1 else "documents"
    st.html(
        Markup(
            '<section class="gw-start"><p>Answers come from your {} {}, word for word, each sentence with a number '
            "that opens the lines it was taken from. Where the documents do not say, the answer says so.</p></section>"
        ).format(f"{status.documents:,}", documents)
    )
    questions = example_questions(_example_documents())
    if not questions:
        return
    with st.container(key="examples", gap="small"):
        st.html('<div class="gw-label">Questions these documents can answer</div>')
        for number, question in enumerate(questions):
            st.button(plain_label(question), key=f"example {number}", on_click=ask_this, args=(question,))


def example_questions(documents: list[DocumentSummary]) -> list[str]:
    """Return one question for each document, worded for its kind."""
    return [_question(document) for document in documents[:EXAMPLES]]


def _question(document: DocumentSummary) -> str:
    title = _LEADING_NAME.sub("", document.title).strip().rstrip(".?") or document.path
    kind = document.kind.value if document.kind else ""
    if kind == "postmortem":
        return f"What caused “{title}”?"
    named = _ALERT_IN_TITLE.search(title)
    if kind == "runbook" and named:
        return f"What do I do when {named[1]} fires?"
    if kind == "runbook" and _ALERT.match(title):
        return f"What do I do when {title} fires?"
    if kind == "runbook" and _CLAUSE.search(title):
        return f"What do I do when {title}?"
    if kind == "runbook":
        return f"Which steps are there for “{title}”?"
    return f"What should I know about “{title}”?"


def _example_documents() -> list[DocumentSummary]:
    """Return current documents, runbooks first; none where the API cannot list them now."""
    by_kind: list[list[DocumentSummary]] = []
    for kind in _EXAMPLE_KINDS:
        try:
            page = assistant().documents(source=None, state="indexed", kind=kind, query="", offset=0, limit=20)
        except GroundwatchError:
            return []
        by_kind.append([d for d in page.documents if d.status is None or d.status.value == "current"])
    firsts = [documents[0] for documents in by_kind if documents]
    others = [document for documents in by_kind for document in documents[1:]]
    return [*firsts, *others][:EXAMPLES]
