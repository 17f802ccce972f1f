"""Put right what ingest took a document for: its kind and its services."""

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.corrections import DocumentCorrection
from api.schemas.knowledge import DocumentSummary
from ui.components.inline import inline_markup
from ui.connection import assistant

KINDS = ("runbook", "architecture", "postmortem", "reference", "alert")
_ADVICE = (
    "What is stored here wins over what was detected. Where you can, say it in the file instead: `kind:`, `services:` "
    "and `status:` (current, draft, deprecated, superseded) in its front matter; or for a whole source with "
    "`groundwatch ingest PATH --source {source} --kind KIND`."
)


def show_correction(document: DocumentSummary) -> None:
    """Show a form with the kind and services as they are; what is changed is stored by the API."""
    with st.expander("Wrong kind or services?", icon=":material/edit:"):
        with st.form(f"correct {document.id}", border=False):
            current = document.kind.value if document.kind else None
            kind = st.selectbox("Kind", KINDS, index=KINDS.index(current) if current in KINDS else None)
            services = st.text_input("Services, separated by commas", value=", ".join(document.services))
            pressed = st.form_submit_button("Store correction")
        if pressed:
            _store(document, kind, services)
        st.html(Markup('<p class="gw-muted">{}</p>').format(inline_markup(_ADVICE.format(source=document.source))))


def changes(document: DocumentSummary, kind: str | None, services: str) -> DocumentCorrection | None:
    """Return what differs from `document`, or None where nothing does."""
    names = list(dict.fromkeys(name.strip() for name in services.split(",") if name.strip()))
    told: dict[str, object] = {}
    if kind is not None and (document.kind is None or kind != document.kind.value):
        told["kind"] = kind
    if names != document.services:
        told["services"] = names
    return DocumentCorrection.model_validate(told) if told else None


def _store(document: DocumentSummary, kind: str | None, services: str) -> None:
    correction = changes(document, kind, services)
    if correction is None:
        st.html('<p class="gw-muted" role="status">Nothing was changed, so nothing was stored.</p>')
        return
    try:
        stored = assistant().correct(document.id, correction)
    except GroundwatchError as error:
        st.html(Markup('<p class="gw-form-error" role="alert">Not stored: {}</p>').format(str(error)))
        return
    st.html(Markup('<p class="gw-stored" role="status">Correction stored. {}</p>').format(stored.effect))
