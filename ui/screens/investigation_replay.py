"""The replay of a finished investigation: what was known by each step, forward and back, with a link to each."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigation_runs import InvestigationDetail
from api.schemas.investigations import InvestigationResult, StepView
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_citations import Citations, citations_of, findings_markup
from ui.components.investigation_steps import specialists_so_far, steps_markup
from ui.components.investigation_words import plural
from ui.components.observation_rows import show_rows
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.investigations import steps_so_far

_AT, _PLAYS, _SEEDED, _FRESH = "replay step", "replay plays", "replay seeded from", "replay is drawn anew"
_SECONDS = 1.0
_TICKS = 60  # a replay takes about a minute, however many steps there are
_STRONGEST = 5


def show_replay(detail: InvestigationDetail, result: InvestigationResult, view: InvestigationView) -> None:
    """Show the investigation as it stood at the step that the address names, and the control to go on."""
    try:
        steps = steps_so_far(detail.investigation)
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">The replay cannot be shown: {}</p>').format(
                sentence(str(error))
            )
        )
        return
    if not steps:
        st.html('<p class="gw-muted">No steps were kept, so there is nothing to replay.</p>')
        return
    seed = (view.id, view.step)
    if st.session_state.get(_SEEDED) != seed or _AT not in st.session_state:
        st.session_state[_SEEDED] = seed
        st.session_state[_AT] = min(view.step, len(steps))
    st.session_state[_FRESH] = True
    every = _SECONDS if st.session_state.get(_PLAYS) else None
    st.fragment(_show_step, run_every=every)(steps, result, view)


def _show_step(steps: Sequence[StepView], result: InvestigationResult, view: InvestigationView) -> None:
    total = len(steps)
    if st.session_state.pop(_FRESH, False):
        st.session_state[_AT] = min(max(1, int(st.session_state[_AT])), total)
    elif st.session_state.get(_PLAYS):
        _go(view, min(total, int(st.session_state[_AT]) + _stride(total)), total)
        if st.session_state[_AT] >= total:
            st.session_state[_PLAYS] = False
            st.rerun()
    _show_control(view, total)
    at = int(st.session_state[_AT])
    so_far = steps[:at]
    shown = citations_of(result, replace(view, step=at))
    known = _known(so_far, result)
    newest = _newest_rows(so_far, shown)
    if newest:
        shown.chips([newest])  # the first number is that of the rows beside
    st.html(_said(so_far[-1]) + specialists_so_far(so_far, result.runs))
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="replay"):
        st.html(_known_markup(known, so_far, result, shown))
        st.html(Markup('<h2 class="gw-section">Steps so far</h2>') + steps_markup(so_far, live=True, now=at))
    with right, st.container(key="evidence"):
        show_rows(shown, result.incident)


def _show_control(view: InvestigationView, total: int) -> None:
    at, plays = int(st.session_state[_AT]), bool(st.session_state.get(_PLAYS))
    st.html(
        Markup(
            '<h2 class="gw-section">Replay: step {} of {} <a class="gw-soft gw-rows-close" href="{}">{}</a></h2>'
        ).format(at, total, InvestigationView(id=view.id).address, "Show the result")
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="replay-control"):
        st.button("Previous", icon=":material/skip_previous:", key="replay previous", disabled=at <= 1,
                  on_click=_go_by_hand, args=(view, at - 1, total))  # fmt: skip
        if st.button(
            "Pause" if plays else "Play",
            icon=":material/pause:" if plays else ":material/play_arrow:",
            key="replay play",
            help=f"{plural(_stride(total), 'step')} a second",
            on_click=_play,
            args=(view, total, not plays),
        ):
            st.rerun()
        st.button("Next", icon=":material/skip_next:", key="replay next", disabled=at >= total,
                  on_click=_go_by_hand, args=(view, at + 1, total))  # fmt: skip
        if total > 1:
            st.slider("Step", 1, total, key=_AT, on_change=_moved, args=(view,))


def _play(view: InvestigationView, total: int, plays: bool) -> None:
    """Begin or hold, as often as it is told the same; from the end it begins anew."""
    st.session_state[_PLAYS] = plays
    if plays and st.session_state[_AT] >= total:
        _go(view, 1, total)


def _go_by_hand(view: InvestigationView, step: int, total: int) -> None:
    st.session_state[_PLAYS] = False
    _go(view, step, total)


def _moved(view: InvestigationView) -> None:
    st.session_state[_PLAYS] = False
    _keep(view, int(st.session_state[_AT]))


def _go(view: InvestigationView, step: int, total: int) -> None:
    st.session_state[_AT] = min(max(1, step), total)
    _keep(view, st.session_state[_AT])


def _keep(view: InvestigationView, step: int) -> None:
    """Have the address restore this step; rows that were opened by hand are closed, since others are news now."""
    st.session_state[_SEEDED] = (view.id, step)
    st.query_params.from_dict(InvestigationView(id=view.id, step=step).parameters())


def _stride(total: int) -> int:
    return max(1, -(-total // _TICKS))


def _said(step: StepView) -> Markup:
    who = step.specialist or "the whole"
    return Markup(
        '<section class="gw-verdict gw-known" role="status"><p>{} <strong>{}, {}:</strong> {}</p></section>'
    ).format(icon("step"), data_markup(who), step.stage.value, data_markup(sentence(step.text)))


def _known(so_far: Sequence[StepView], result: InvestigationResult) -> list[str]:
    """Return the ids of the findings that were told until then, the more unusual first."""
    told = {step.ref for step in so_far if step.stage.value == "finding"}
    return [one.id for one in sorted(result.findings, key=lambda one: -one.score) if one.id in told]


def _newest_rows(so_far: Sequence[StepView], shown: Citations) -> str:
    """Return the observation that was told last, or that the last finding rests on."""
    for step in reversed(so_far):
        if step.ref in shown.observations:
            return step.ref
        if step.ref in shown.findings:
            return next((name for name in shown.findings[step.ref].observations if name in shown.observations), "")
    return ""


def _known_markup(
    known: Sequence[str], so_far: Sequence[StepView], result: InvestigationResult, shown: Citations
) -> Markup:
    """Return what was known by then, and how much was not."""
    seen = {step.ref for step in so_far} & shown.observations.keys()
    open_ends = [
        plural(len(result.findings) - len(known), "finding"),
        plural(len(result.observations) - len(seen), "observation"),
    ]
    if not any(step.stage.value == "verdict" for step in so_far):
        open_ends.append("the verdict")
    strongest = findings_markup(known[:_STRONGEST], shown) if known else Markup("<p>No finding yet.</p>")
    return Markup(
        '<h2 class="gw-section">Known by then <span class="gw-count">{}</span></h2>{}'
        '<p class="gw-muted">Still to come: {}.</p>'
    ).format(plural(len(known), "finding"), strongest, ", ".join(open_ends))
