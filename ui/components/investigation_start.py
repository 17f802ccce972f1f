"""The forms that start an investigation: of a bundle in the folder of the API, or of an archive that is sent."""

from collections.abc import Callable

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigation_runs import InvestigationRequest, InvestigationSummary
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.investigations import archive_taker, investigations

_SAID = "said of starting"
_LONGEST_PATH, _LONGEST_TITLE = 1_000, 300
_KINDS = {".zip": "application/zip", ".tar.gz": "application/gzip", ".tgz": "application/gzip"}


def show_start() -> None:
    """Show the forms; a refusal is said below them and leaves what was typed."""
    taker = archive_taker()
    names = ["A folder that the API knows", "An archive"] if taker else []
    how = st.segmented_control("Bundle", names, default=names[0], key="start how", required=True) if names else None
    if taker is not None and how == names[-1]:
        _show_upload_form()
    else:
        _show_folder_form()
    show_refusal()


def refused() -> bool:
    """Tell whether the last start was refused, and that is not said yet."""
    return _SAID in st.session_state


def start_again(bundle: str, title: str) -> None:
    """Start an investigation of a bundle, and open it."""
    _start(
        lambda: investigations().start_investigation(InvestigationRequest(bundle=bundle, title=title[:_LONGEST_TITLE]))
    )


def show_refusal() -> None:
    """Show why the last start was refused; nothing where it was not."""
    said = st.session_state.pop(_SAID, "")
    if said:
        st.html(Markup('<p class="gw-form-error" role="alert">Not started: {}</p>').format(said))


def media_type_of(name: str) -> str:
    """Return the media type of an archive by its name; empty for what is none."""
    return next((kind for ending, kind in _KINDS.items() if name.lower().endswith(ending)), "")


def _show_folder_form() -> None:
    row = st.form("start from folder", border=False).container(
        horizontal=True, gap="small", vertical_alignment="bottom"
    )
    with row:
        st.text_input(
            "Path inside GROUNDWATCH_BUNDLES_DIR",
            key="start bundle",
            placeholder="2026-09-22/checkout-errors",
            max_chars=_LONGEST_PATH,
            width=420,
        )
        st.text_input("Title (optional)", key="start title", max_chars=_LONGEST_TITLE, width=300)
        st.form_submit_button(
            "Start investigation", type="primary", icon=":material/troubleshoot:", on_click=_start_from_folder
        )


def _show_upload_form() -> None:
    with st.form("start from archive", border=False):
        st.file_uploader(
            "Archive of a bundle's folder: .zip or .tar.gz", key="start archive", type=["zip", "gz", "tgz"]
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.text_input("Title (optional)", key="start archive title", max_chars=_LONGEST_TITLE, width=300)
            st.form_submit_button(
                "Start investigation", type="primary", icon=":material/troubleshoot:", on_click=_start_from_archive
            )


def _start_from_folder() -> None:
    bundle = str(st.session_state.get("start bundle", "")).strip()
    if not bundle:
        st.session_state[_SAID] = "Name a bundle: the path of its folder inside GROUNDWATCH_BUNDLES_DIR."
        return
    start_again(bundle, str(st.session_state.get("start title", "")).strip())


def _start_from_archive() -> None:
    taker, sent = archive_taker(), st.session_state.get("start archive")
    if taker is None or sent is None:
        st.session_state[_SAID] = "Choose an archive first."
        return
    kind = media_type_of(sent.name)
    if not kind:
        st.session_state[_SAID] = (
            f"{sent.name!r} is no .zip, .tar.gz or .tgz; pack the bundle's folder as one of these."
        )
        return
    title = str(st.session_state.get("start archive title", "")).strip()
    _start(lambda: taker.upload_investigation(sent.getvalue(), media_type=kind, title=title))


def _start(ask: Callable[[], InvestigationSummary]) -> None:
    try:
        started = ask()
    except GroundwatchError as error:
        st.session_state[_SAID] = sentence(str(error))
    else:
        st.query_params.from_dict(InvestigationView(id=started.id).parameters())
