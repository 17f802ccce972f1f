"""One investigation: while it runs its steps, once it is done the verdict first and then all that it rests on."""

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigation_runs import InvestigationDetail, InvestigationSummary, RunState
from ui.components.ages import age_markup
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_list import title_of, took
from ui.components.investigation_start import show_refusal
from ui.components.investigation_steps import steps_markup
from ui.components.investigation_words import RUNS, name_markup
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.investigations import investigation, steps_so_far
from ui.screens.investigation_live import show_live
from ui.screens.investigation_replay import show_replay
from ui.screens.investigation_result import show_again, show_result
from ui.screens.steering import show_steering

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
        show_live(summary.id)
        show_steering(detail, None, view)
    elif detail.result is None:
        _show_ended(summary)
    elif view.step:
        show_replay(detail, detail.result, view)
    else:
        show_result(detail, detail.result, view)


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
    show_again(summary)
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
