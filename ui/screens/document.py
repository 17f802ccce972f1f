"""One document of the knowledge base: facts, outline, and its text with what a link marks."""

from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup

from api.schemas.knowledge import DocumentDetail, DocumentSummary
from ui.components.ages import age_markup
from ui.components.correction import show_correction
from ui.components.document_text import (
    WINDOW_LINES,
    Window,
    document_markup,
    linked_highlights,
    linked_range,
    outline_markup,
    window_around,
)
from ui.components.extracted import extracted_markup
from ui.components.hostile_text import WORDS, flagged_lines
from ui.components.inline import sentence
from ui.components.knowledge_tables import care_pills, state_pill
from ui.components.pills import icon, kind_pill, overdue_pill
from ui.components.places import DOCUMENT_PAGE, document_address, source_link_markup
from ui.components.scripts import scroll_to_mark
from ui.components.views import View, view_address
from ui.knowledge_facts import document_detail


def show_document(document_id: str) -> None:
    """Show a document; raises NotFound where there is none of this id."""
    st.html(f'<a class="gw-soft gw-back" href="{view_address(View.DOCUMENTS)}">{icon("arrow_back")} All documents</a>')
    with st.spinner("Reading the document", show_time=False):
        detail = document_detail(document_id)
    st.html(_heading(detail.document))
    with st.container(key="document-grid"):
        beside, main = st.columns([1, 3], gap="large")
    lines = linked_range(st.query_params.get("line"))
    characters = linked_range(st.query_params.get("chars"))
    highlights = linked_highlights(detail.text, lines=lines, characters=characters)
    window = window_around(detail.text, first=_first_line(), highlights=highlights)
    with beside:
        st.html(_facts(detail.document, len(detail.passages)))
        show_correction(detail.document)
        outline = outline_markup(detail.sections, window)
        if outline:
            st.html(outline)
    with main:
        if (lines or characters) and not highlights:
            st.html('<p class="gw-form-error">The linked lines are not in this revision of the document.</p>')
        extracted = extracted_markup(document_id, detail.structure)
        if extracted:
            st.html(extracted)
        if detail.text:
            pages = _window_pages(detail, window)
            flagged = flagged_lines(detail.passages)
            st.html(pages + document_markup(detail.text, window, highlights, flagged) + pages)
        else:
            st.html('<p class="gw-empty">No version of this document was indexed, so there is no text to show.</p>')
    if highlights:
        scroll_to_mark(f"{document_id} {detail.document.revision} {highlights[0].start}")


def _first_line() -> int | None:
    first = linked_range(st.query_params.get("from"))
    return first[0] if first else None


def _heading(document: DocumentSummary) -> Markup:
    shown = Markup("").join(Markup("<p>{} {}</p>").format(icon("warning"), note) for note in _notes(document))
    return Markup('<h1 class="gw-title">{} {}{}{}</h1><div class="gw-notes">{}</div>').format(
        document.title or document.path,
        kind_pill(document.kind.value) if document.kind else "",
        state_pill(document),
        care_pills(document),
        shown,
    )


def _notes(document: DocumentSummary) -> list[str]:
    """Return what a reader must know before following the document, the worst first."""
    state, reason = document.state.value, sentence(document.reason) if document.reason else ""
    notes = list(document.warnings)
    if document.hostile:
        notes.insert(0, WORDS.replace("This passage addresses", "A passage below addresses"))
    if document.superseded_by:
        notes.insert(0, f"Superseded by {document.superseded_by}.")
    if state == "failed":
        kept = "This is the version before." if document.revision else "No version of it is served."
        notes.insert(0, f"The last sync failed: {reason} {kept}")
    elif state == "tombstoned":
        notes.insert(0, f"Gone from its source, out of search, kept for a while. {reason}".strip())
    elif state == "ignored":
        notes.insert(0, f"Left out: {reason}" if reason else "Left out.")
    return notes


def _facts(document: DocumentSummary, passages: int) -> Markup:
    facts: list[tuple[str, Markup | str]] = [
        ("Source", document.source),
        ("Path", Markup('<code class="gw-path">{}</code>').format(document.path)),
        ("Kind", f"{document.kind.value}: {document.kind_reason}" if document.kind else "unknown"),
        ("Status", document.status.value if document.status else "unknown"),
        ("Services", ", ".join(document.services)),
        ("Owners", ", ".join(document.owners)),
        ("Updated", age_markup(document.updated_at)),
        ("Review by", _review(document)),
        ("Labels", ", ".join(document.labels)),
        ("Revision", Markup("<code>{}</code>").format(document.revision or "none")),
        ("Format", document.format),
        ("Size", f"{document.size:,} bytes"),
        ("Passages", f"{passages:,}"),
        ("Secrets", f"{document.secrets:,} replaced by marks" if document.secrets else ""),
        ("Nearly repeats", _leader(document)),
        ("Original", source_link_markup(document.url)),
    ]
    rows = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in facts if value
    )
    return Markup('<dl class="gw-document-facts">{}</dl>').format(rows)


def _review(document: DocumentSummary) -> Markup | str:
    if document.review_by is None:
        return ""
    return overdue_pill(document.review_by) or document.review_by.isoformat()


def _leader(document: DocumentSummary) -> Markup | str:
    if document.duplicate_of is None:
        return ""
    address = document_address(document.duplicate_of)
    return Markup('<a class="gw-soft" href="{}">the document that leads in search</a>').format(address)


def _window_pages(detail: DocumentDetail, window: Window) -> Markup:
    """Return links to the lines before and after `window`; nothing for a document that fits."""
    if window.whole:
        return Markup("")
    before = _window_link(detail, max(1, window.first - WINDOW_LINES), "Earlier lines") if window.first > 1 else ""
    after = _window_link(detail, window.last + 1, "Later lines") if window.last < window.total else ""
    return Markup('<nav class="gw-pager" aria-label="Lines"><span>Lines {} to {} of {}</span>{}{}</nav>').format(
        f"{window.first:,}", f"{window.last:,}", f"{window.total:,}", before, after
    )


def _window_link(detail: DocumentDetail, first: int, words: str) -> Markup:
    query = urlencode({"document": detail.document.id, "from": first})
    return Markup('<a class="gw-soft" href="{}?{}">{}</a>').format(DOCUMENT_PAGE, query, words)
