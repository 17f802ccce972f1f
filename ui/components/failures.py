"""Documents that could not be read: why, how far each came, what is still served of it, and a way to try again."""

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.knowledge import DocumentSummary
from api.schemas.upkeep import RetryRequest
from ui.components.inline import sentence
from ui.components.pills import failed_pill
from ui.components.places import document_address
from ui.connection import assistant

_ASKED = "retries asked for"
_REFUSED = "Not stored: "
_WORDS = (
    "Correct the file where it comes from, or leave it out, then sync again: only what changed is read. "
    "The other documents are not affected."
)
_REACHED = {"discovered": "listed", "fetched": "fetched, not parsed", "parsed": "parsed, not indexed"}


def show_failures(documents: Sequence[DocumentSummary]) -> None:
    """Show failed documents, each with a button that has the next run read it again."""
    with st.container(key="failures", gap=None):
        st.html(Markup('<p class="gw-failures-words">{} {}</p>').format(failed_pill(), _WORDS))
        for document in documents:
            said = _said().get(_attempt(document), "")
            with st.container(horizontal=True, key=f"failure-{document.id}", vertical_alignment="top"):
                st.html(failure_markup(document, said))
                st.button(
                    "Retry",
                    key=f"retry document {document.id}",
                    on_click=_retry,
                    args=(document.id, _attempt(document)),
                    icon=":material/refresh:",
                    disabled=bool(said) and not said.startswith(_REFUSED),
                    help="Read it again with the next sync",
                    width="content",
                )


def failure_markup(document: DocumentSummary, said: str = "") -> Markup:
    """Return one failed document; `said` is what came of asking to read it again."""
    facts = Markup("").join(Markup("<span>{}</span>").format(fact) for fact in _facts(document))
    answer = Markup('<p class="{}" role="status">{}</p>').format(
        "gw-form-error" if said.startswith(_REFUSED) else "gw-stored", said
    )
    return Markup(
        '<div class="gw-failure"><a class="gw-soft" href="{}"><code class="gw-path">{}/{}</code></a><p>{}</p>'
        '<div class="gw-facts">{}</div>{}</div>'
    ).format(
        document_address(document.id),
        document.source,
        document.path,
        sentence(document.reason) if document.reason else "No reason was recorded.",
        facts,
        answer if said else "",
    )


def _facts(document: DocumentSummary) -> list[str]:
    tries = "tried once" if document.attempts == 1 else f"tried {document.attempts} times"
    facts = [tries] if document.attempts else []
    if document.reached:
        facts.append(f"came as far as: {_REACHED.get(document.reached, document.reached)}")
    facts.append(
        "the next sync tries it again by itself"
        if document.transient
        else "tried again once the file changes, or on Retry"
    )
    if document.revision:
        facts.append(f"revision {document.revision} is still served")
    else:
        facts.append("no version of it is served")
    return facts


def _said() -> dict[str, str]:
    said: dict[str, str] = st.session_state.setdefault(_ASKED, {})
    return said


def _attempt(document: DocumentSummary) -> str:
    """Name this failure: once the document was tried again, what was said of it is over."""
    return f"{document.id} {document.attempts}"


def _retry(document_id: str, attempt: str) -> None:
    try:
        stored = assistant().retry(RetryRequest(document_ids=[document_id]))
    except GroundwatchError as error:
        _said()[attempt] = f"{_REFUSED}{error}"
    else:
        _said()[attempt] = sentence(stored.effect)
