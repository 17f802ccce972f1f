"""What came of an investigation: the verdict first, then all that it rests on, and what can be taken along."""

from functools import partial

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigation_runs import InvestigationDetail, InvestigationSummary
from api.schemas.investigations import InvestigationResult
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_agent import agent_markup
from ui.components.investigation_alternatives import blast_markup, ruled_out_markup
from ui.components.investigation_cause import chain_markup, evidence_markup
from ui.components.investigation_citations import Citations, citations_of
from ui.components.investigation_coverage import gaps_markup, observations_markup, sources_markup, specialists_markup
from ui.components.investigation_guidance import guidance_markup
from ui.components.investigation_hypotheses import hypotheses_markup
from ui.components.investigation_start import start_again
from ui.components.investigation_steps import steps_markup
from ui.components.investigation_verdict import deciding_markup, objections_markup, verdict_markup
from ui.components.investigation_words import name_markup, plural, window_words
from ui.components.observation_rows import show_rows
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.investigations import (
    Drafts,
    Investigations,
    TellsMore,
    drafter,
    guidance,
    investigations,
    steps_so_far,
    teller,
)
from ui.screens.investigation_board import show_board
from ui.screens.steering import show_steering
from ui.steering import steers

_UPLOADED = "upload:"


def show_result(detail: InvestigationDetail, result: InvestigationResult, view: InvestigationView) -> None:
    """Show the verdict, what it rests on, and beside it the rows that the address opens."""
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
        show_board(result, cited)
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
        drafts = drafter()
        if drafts is not None:
            st.download_button(
                "Draft postmortem",
                data=partial(_postmortem, drafts, summary.id),
                file_name=f"postmortem-{summary.id[:8]}.md",
                mime="text/markdown",
                icon=":material/edit_note:",
                help="Sentences that cite what was observed, and questions for the team; people are roles",
                on_click="ignore",
                key="postmortem",
            )
        show_again(summary)
        if summary.steps:
            st.html(
                Markup('<a class="gw-soft gw-replay" href="{}">{} Replay step by step</a>').format(
                    InvestigationView(id=summary.id, step=1).address, icon("slow_motion_video")
                )
            )


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


def _postmortem(source: Drafts, investigation_id: str) -> str:
    """Return the draft, or in its place why there is none."""
    try:
        return source.postmortem_markdown(investigation_id)
    except GroundwatchError as error:
        return f"The draft cannot be had now: {sentence(str(error))}\n"


def show_again(summary: InvestigationSummary) -> None:
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
