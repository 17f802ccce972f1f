"""The newest run, live, with the buttons that start and cancel syncs."""

from dataclasses import dataclass

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.upkeep import RunPage, RunSummary
from ui.components.inline import sentence
from ui.components.pills import icon
from ui.components.run_diff import diff_markup
from ui.components.run_report import checks_markup, held_markup, run_address, run_markup, stages_markup
from ui.components.sync_requests import Asked, ask_cancel, ask_sync, asked_of, overdue
from ui.connection import assistant

RELEASE = "groundwatch sync --release"
_BUSY_SECONDS = 1.5
_QUIET_SECONDS = 20.0
_SHOWN_CHANGES = 8


@dataclass(frozen=True, slots=True)
class SyncState:
    """The newest run, whether one is at work or about to be, and why runs wait ("" where they don't)."""

    newest: RunSummary | None
    busy: bool
    held: str = ""

    @property
    def number(self) -> int:
        """Return the number of the newest run, 0 before the first."""
        return self.newest.id if self.newest else 0

    @property
    def hindrance(self) -> str:
        """Say why no sync can be started now; "" where one can."""
        if self.held:
            return f"Syncs are held: release them with {RELEASE}"
        return "A run is at work" if self.busy else ""


def show_sync_panel(declared: bool) -> SyncState | None:
    """Show the newest run and keep it current; return its state, None where the API cannot tell."""
    try:
        runs = assistant().runs(source=None, limit=1)
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">The runs cannot be shown: {}</p>').format(
                sentence(str(error))
            )
        )
        return None
    state = _state(runs)
    every = _BUSY_SECONDS if state.busy else _QUIET_SECONDS
    st.fragment(_show_live, run_every=every)(state.number, state.busy, declared)
    return state


def _show_live(number: int, busy: bool, declared: bool) -> None:
    """Show the newest run as it is now; once a run starts or ends, have the whole page shown anew."""
    try:
        runs = assistant().runs(source=None, limit=1)
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">{} The run goes on without this page.</p>').format(
                sentence(str(error))
            )
        )
        return
    state = _state(runs)
    if (state.number, state.busy) != (number, busy):
        st.rerun()
    _show_held(runs.held)
    _show_buttons(state, declared)
    _show_asked(asked_of(state.newest))
    if state.newest is None:
        st.html('<p class="gw-empty">No sync ran yet.</p>')
        return
    st.html(run_markup(state.newest, heading="Newest run"))
    _show_details(state.newest)


def _state(runs: RunPage) -> SyncState:
    newest = runs.runs[0] if runs.runs else None
    asked = asked_of(newest)
    running = newest is not None and newest.outcome.value == "running"
    return SyncState(newest, running or (asked is not None and asked.waits and not overdue(asked)), runs.held)


def _show_held(held: str) -> None:
    if held:
        st.html(held_markup(held))
        st.code(RELEASE, language="bash")


def _show_buttons(state: SyncState, declared: bool) -> None:
    running = state.newest is not None and state.newest.outcome.value == "running"
    asked = asked_of(state.newest)
    hindrance = state.hindrance or ("" if declared else "Declare sources in groundwatch.yaml first")
    with st.container(horizontal=True, gap="small", key="sync-buttons", vertical_alignment="center"):
        st.button(
            "Sync now",
            key="sync all",
            type="primary",
            icon=":material/sync:",
            disabled=bool(hindrance),
            help=hindrance or "Read all declared sources",
            on_click=ask_sync,
            args=(state.number,),
        )
        if running:
            st.button(
                "Cancel",
                key="sync cancel",
                icon=":material/cancel:",
                disabled=asked is not None and asked.cancels,
                help="Stop the run before it promotes; what is served stays as it is",
                on_click=ask_cancel,
                args=(state.number,),
            )


def _show_asked(asked: Asked | None) -> None:
    """Show what came of the last button: refused, on its way, or too late by now."""
    if asked is None:
        return
    if asked.failed:
        st.html(Markup('<p class="gw-form-error" role="alert">{}</p>').format(asked.words))
    elif overdue(asked):
        st.html(
            '<p class="gw-form-error" role="alert">The run that was asked for has not appeared. '
            "See the log of the API, or run <code>groundwatch sync</code> to see its reason.</p>"
        )
    else:
        more = " It appears here within seconds." if asked.waits else ""
        st.html(Markup('<p class="gw-asked" role="status">{} {}{}</p>').format(icon("schedule"), asked.words, more))


def _show_details(run: RunSummary) -> None:
    """Show why a run was refused, and the first lines of its diff."""
    if any(not check.passed for check in run.checks):
        st.html(checks_markup([check for check in run.checks if not check.passed]))
    if run.outcome.value == "running" or not any(run.counts.values()):
        return
    try:
        detail = assistant().run(run.id, offset=0, limit=_SHOWN_CHANGES)
    except GroundwatchError as error:
        st.html(Markup('<p class="gw-muted">The changes cannot be shown: {}</p>').format(sentence(str(error))))
        return
    more = Markup('<p class="gw-muted"><a class="gw-soft" href="{}">All {} changes, times and checks of run {}</a></p>')
    st.html(
        Markup('<details class="gw-fold"><summary>What changed</summary>{}{}{}</details>').format(
            diff_markup(detail.changes),
            more.format(run_address(run.id), f"{detail.total:,}", run.id),
            stages_markup(run.stages),
        )
    )
