"""One investigation while it runs: how far it is, and what each specialist does."""

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import StepView
from ui.components.inline import sentence
from ui.components.investigation_steps import specialists_so_far, steps_markup
from ui.components.investigation_words import RUNS, plural
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.investigations import investigation, investigations, steps_so_far

_LIVE_SECONDS = 1.0


def show_live(investigation_id: str) -> None:
    """Show one that runs, and go on showing it until it has ended."""
    st.fragment(_show_live, run_every=_LIVE_SECONDS)(investigation_id)


def _show_live(investigation_id: str) -> None:
    """Show how far it is now; once it has ended, have the whole page shown anew."""
    try:
        summary = investigation(investigation_id).investigation
        steps = steps_so_far(summary)
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">{} The investigation goes on without this page.</p>').format(
                sentence(str(error))
            )
        )
        return
    if summary.state.ended:
        st.rerun()
    look = RUNS[summary.state]
    words = "It waits for its turn." if summary.state is RunState.QUEUED else f"{plural(len(steps), 'step')} so far."
    again = f" Attempt {summary.attempts}: its process ended before." if summary.attempts > 1 else ""
    # The settled verdict has its place in this box, so that nothing below moves when it comes.
    st.html(
        Markup(
            '<section class="gw-verdict gw-running gw-live" role="status"><div class="gw-verdict-line">'
            '<span class="gw-badge">{} {}</span></div><p>{}{}</p>{}</section>'
        ).format(icon(look.symbol), look.words, words, again, _told_verdict(steps))
    )
    st.button(
        "Call it off",
        key="cancel investigation",
        icon=":material/cancel:",
        help="Ends it; the steps so far stay",
        on_click=_cancel,
        args=(investigation_id,),
    )
    _show_said()
    if steps:
        st.html(
            specialists_so_far(steps) + Markup('<h2 class="gw-section">Steps</h2>') + steps_markup(steps, live=True)
        )


def _told_verdict(steps: Sequence[StepView]) -> Markup:
    """Return the verdict where it is settled already and an agent still looks on."""
    told = next((step.text for step in reversed(steps) if step.stage.value == "verdict"), "")
    words = Markup(
        "<p><strong>The verdict is settled:</strong> {} "
        '<span class="gw-muted">What a language model still adds changes nothing about it.</span></p>'
    )
    return words.format(data_markup(sentence(told))) if told else Markup("")


def _cancel(investigation_id: str) -> None:
    try:
        investigations().cancel_investigation(investigation_id)
    except GroundwatchError as error:
        st.session_state["said of calling off"] = sentence(str(error))


def _show_said() -> None:
    said = st.session_state.pop("said of calling off", "")
    if said:
        st.html(Markup('<p class="gw-form-error" role="alert">Not called off: {}</p>').format(said))
