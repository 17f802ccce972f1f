"""One investigation: while it runs its steps, once it is done the verdict first and then all that it rests on."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigation_runs import InvestigationDetail, InvestigationSummary, RunState
from api.schemas.investigations import InvestigationResult, StepView
from ui.components.ages import age_markup
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_agent import agent_markup
from ui.components.investigation_alternatives import blast_markup, hypotheses_markup, ruled_out_markup
from ui.components.investigation_cause import chain_markup, evidence_markup
from ui.components.investigation_citations import Citations, citations_of
from ui.components.investigation_coverage import gaps_markup, observations_markup, sources_markup, specialists_markup
from ui.components.investigation_guidance import guidance_markup
from ui.components.investigation_list import title_of, took
from ui.components.investigation_start import show_refusal, start_again
from ui.components.investigation_steps import specialists_so_far, steps_markup
from ui.components.investigation_verdict import deciding_markup, objections_markup, verdict_markup
from ui.components.investigation_words import RUNS, name_markup, plural, window_words
from ui.components.observation_rows import show_rows
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.investigations import Investigations, TellsMore, guidance, investigation, investigations, steps_so_far, teller
from ui.screens.steering import show_steering
from ui.steering import steers

_LIVE_SECONDS = 1.0
_UPLOADED = "upload:"
_NEXT = {
    RunState.FAILED: "What was seen until then is below. Mend what it names, then start it again.",
    RunState.INTERRUPTED: "Its process ended half-way. What was seen until then is below. Start it again.",
    RunState.CANCELLED: "It was called off before it came to a verdict. What was seen until then is below.",
    RunState.DONE: "It is done, and its result is not there. Start it again.",
}


def show_investigation(view: InvestigationView) -> None:
    """Show the investigation that the address names; raises NotFound."""
    detail = investigation(view.id)
    summary = detail.investigation
    _show_head(detail)
    show_refusal()
    if not summary.state.ended:
        st.fragment(_show_live, run_every=_LIVE_SECONDS)(summary.id)
        show_steering(detail, None, view)
    elif detail.result is None:
        _show_ended(summary)
    else:
        _show_result(detail, detail.result, view)


def _show_head(detail: InvestigationDetail) -> None:
    summary = detail.investigation
    st.html(
        Markup(
            '<a class="gw-soft gw-back" href="{}">{} All investigations</a><h1 class="gw-title gw-incident">{}</h1>'
            '<div class="gw-facts"><span>Bundle {}</span><span>Started {}</span>{}</div>'
        ).format(
            InvestigationView().address,
            icon("arrow_back"),
            data_markup(title_of(summary)),
            name_markup(summary.bundle),
            age_markup(summary.created_at, exact=True),
            Markup("<span>Took {}</span>").format(took(summary)) if summary.ended_at else "",
        )
    )
    for words, other in (("Goes on from", summary.follows), ("Goes on in another window:", detail.followed_by)):
        if other:
            address = InvestigationView(id=other).address
            st.html(
                Markup(
                    '<p class="gw-facts"><span>{} {} <a class="gw-soft" href="{}">investigation {}</a></span></p>'
                ).format(icon("date_range"), words, address, other[:8])
            )


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
    st.html(
        Markup(
            '<section class="gw-verdict gw-running" role="status"><div class="gw-verdict-line">'
            '<span class="gw-badge">{} {}</span></div><p>{}{}</p></section>'
        ).format(icon(look.symbol), look.words, words, again)
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
    _show_told_verdict(steps)
    if steps:
        st.html(
            specialists_so_far(steps) + Markup('<h2 class="gw-section">Steps</h2>') + steps_markup(steps, live=True)
        )


def _show_told_verdict(steps: Sequence[StepView]) -> None:
    """Show the verdict where it is settled already and an agent still looks on."""
    told = next((step.text for step in reversed(steps) if step.stage.value == "verdict"), "")
    if told:
        words = Markup(
            "<p><strong>The verdict is settled:</strong> {} "
            '<span class="gw-muted">What a language model still adds changes nothing about it.</span></p>'
        )
        st.html(words.format(data_markup(sentence(told))))


def _show_ended(summary: InvestigationSummary) -> None:
    """Show why there is no result, what to do next, and the steps until then."""
    look = RUNS[summary.state]
    reason = sentence(summary.error) if summary.error else ""
    st.html(
        Markup(
            '<section class="gw-verdict gw-{}" role="status"><div class="gw-verdict-line"><span class="gw-badge">{} {}'
            "</span></div><p>{}</p><p>{}</p></section>"
        ).format(look.tone, icon(look.symbol), look.words, data_markup(reason), _NEXT.get(summary.state, ""))
    )
    _show_again(summary)
    if not summary.steps:
        st.html('<p class="gw-muted">It ended before its first step.</p>')
        return
    try:
        steps = steps_so_far(summary)
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">The steps cannot be shown: {}</p>').format(
                sentence(str(error))
            )
        )
        return
    st.html(Markup('<h2 class="gw-section">Steps</h2>') + steps_markup(steps))


def _show_result(detail: InvestigationDetail, result: InvestigationResult, view: InvestigationView) -> None:
    summary, agent = detail.investigation, detail.agent
    cited = citations_of(result, view, steerable=steers() is not None)
    with st.container(key="answer-grid"):
        left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="investigation"):
        # Numbers are given in the order of reading, so the parts are made in that order.
        st.html(verdict_markup(result, cited))
        st.html(_incident(result))
        _show_actions(summary)
        open_ends = objections_markup(result.verdict, cited) + deciding_markup(result.verdict, cited)
        if open_ends:
            st.html(open_ends)
        show_steering(detail, cited, view)
        if result.verdict.cause is not None:
            cause = result.verdict.cause
            st.html(chain_markup(cause, result, cited) + evidence_markup(cause, cited))
        st.html(hypotheses_markup(result, cited) + ruled_out_markup(result.ruled_out, cited))
        st.html(gaps_markup(result.gaps) + blast_markup(result))
        if agent is not None:
            st.html(agent_markup(agent, cited))
        st.html(specialists_markup(result.runs) + sources_markup(result.coverage) + observations_markup(result, cited))
        _show_guidance(summary, cited)
        _show_all_steps(summary)
    with right, st.container(key="evidence"):
        show_rows(cited, result.incident)


def _incident(result: InvestigationResult) -> Markup:
    symptom = result.incident.symptom
    where = Markup(" at {}").format(name_markup(symptom.component)) if symptom.component else ""
    raised = [f"alert {symptom.alert}"] if symptom.alert else []
    raised += [f"severity {symptom.severity}"] if symptom.severity else []
    healthy = window_words(result.incident.baseline) if result.incident.baseline else "none"
    return Markup(
        '<dl class="gw-outcomes gw-noticed"><div><dt>Noticed</dt><dd>{}{}</dd></div>'
        "<div><dt>Trouble</dt><dd>{}</dd></div><div><dt>Compared with</dt><dd>{}</dd></div></dl>"
    ).format(
        data_markup(symptom.text),
        where + data_markup("".join(f", {words}" for words in raised)),
        window_words(result.incident.window),
        healthy,
    )


def _show_actions(summary: InvestigationSummary) -> None:
    with st.container(horizontal=True, gap="small", key="investigation-actions"):
        st.download_button(
            "Download report",
            data=partial(_report, investigations(), summary.id),
            file_name=f"investigation-{summary.id[:8]}.md",
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key="report",
        )
        more = teller()
        if more is not None:
            st.download_button(
                "Download bundle",
                data=partial(_bundle, more, summary.id),
                file_name=f"investigation-{summary.id[:8]}.tar.gz",
                mime="application/gzip",
                icon=":material/folder_zip:",
                help="The telemetry, the result, the report and every row, to open elsewhere",
                on_click="ignore",
                key="bundle",
            )
        _show_again(summary)


def _report(source: Investigations, investigation_id: str) -> str:
    """Return the report, or in its place why there is none: a download has no page to say it on."""
    try:
        return source.investigation_report(investigation_id)
    except GroundwatchError as error:
        return f"The report cannot be had now: {sentence(str(error))}\n"


def _bundle(source: TellsMore, investigation_id: str) -> bytes:
    """Return the bundle, or in its place why there is none."""
    try:
        return source.investigation_bundle(investigation_id)
    except GroundwatchError as error:
        return f"The bundle cannot be had now: {sentence(str(error))}\n".encode()


def _show_again(summary: InvestigationSummary) -> None:
    """Offer to start it again, where its bundle lies in a folder that has a name."""
    if summary.bundle.startswith(_UPLOADED):
        return
    st.button(
        "Start it again",
        key="again",
        icon=":material/replay:",
        help="Starts a new investigation of the same bundle; this one stays",
        on_click=start_again,
        args=(summary.bundle, summary.title),
    )


def _show_guidance(summary: InvestigationSummary, cited: Citations) -> None:
    """Show what documents advise once it is asked for, apart from all that is evidence."""
    more = teller()
    label = "Show what documents advise"
    if more is None or not st.toggle(label, key=f"guidance for {summary.id}", help="Guidance, no evidence"):
        return
    try:
        st.html(guidance_markup(guidance(more, summary.id), cited))
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">What documents advise cannot be shown: {}</p>').format(
                sentence(str(error))
            )
        )


def _show_all_steps(summary: InvestigationSummary) -> None:
    if not st.toggle(f"Show {plural(summary.steps, 'step')}", key=f"steps of {summary.id}"):
        return
    try:
        st.html(steps_markup(steps_so_far(summary)))
    except GroundwatchError as error:
        st.html(Markup('<p class="gw-form-error" role="alert">{}</p>').format(sentence(str(error))))


def _cancel(investigation_id: str) -> None:
    try:
        investigations().cancel_investigation(investigation_id)
    except GroundwatchError as error:
        st.session_state["said of calling off"] = sentence(str(error))


def _show_said() -> None:
    said = st.session_state.pop("said of calling off", "")
    if said:
        st.html(Markup('<p class="gw-form-error" role="alert">Not called off: {}</p>').format(said))
