"""The list of investigations: what each found, where, and when; narrowed to one state by the address."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from markupsafe import Markup

from api.schemas.investigation_runs import InvestigationPage, InvestigationSummary, RunState
from ui.components.ages import age_markup, duration
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_words import RUNS, name_markup, outcome_markup, run_look
from ui.components.secret_marks import data_markup
from ui.components.tables import pages_markup, row_markup, table_markup

LIST_PAGE = 20
_SEEDED = "investigations seeded from"


def show_state_filter(view: InvestigationView) -> InvestigationView:
    """Show the filter; return the view that it asks for now, and put it into the address."""
    if st.session_state.get(_SEEDED) != view or "investigations state" not in st.session_state:
        st.session_state[_SEEDED] = view
        st.session_state["investigations state"] = view.state
    state = st.selectbox(
        "State",
        list(RunState),
        index=None,
        key="investigations state",
        placeholder="All",
        width=200,
        format_func=lambda one: RUNS[RunState(one)].words,
    )
    chosen = replace(view, state=RunState(state) if state else None)
    if chosen != view:
        chosen = replace(chosen, page=1)
        st.session_state[_SEEDED] = chosen
        st.query_params.from_dict(chosen.parameters())
    return chosen


def list_markup(page: InvestigationPage, view: InvestigationView) -> Markup:
    """Return the investigations of a page, with links to the other pages."""
    table = table_markup(
        ("Outcome", "Investigation", "Component", "Started", "Took"), [_row(one) for one in page.investigations]
    )
    pager = pages_markup(view.page, page.total, LIST_PAGE, lambda number: replace(view, page=number).address)
    return (table if page.investigations else Markup("")) + pager


def title_of(summary: InvestigationSummary) -> str:
    """Return the title; the name of the bundle until there is one."""
    return summary.title.strip() or summary.bundle or "Investigation"


def took(summary: InvestigationSummary) -> str:
    """Return how long it took, waiting included; empty before its end."""
    if summary.ended_at is None:
        return ""
    return duration(max(0.0, (summary.ended_at - summary.created_at).total_seconds()))


def unfinished(summaries: Sequence[InvestigationSummary]) -> bool:
    """Tell whether any of these goes on."""
    return any(not one.state.ended for one in summaries)


def _row(one: InvestigationSummary) -> Markup:
    return row_markup(
        (
            outcome_markup(run_look(one)),
            Markup('<a class="gw-soft" href="{}">{}</a><div class="gw-muted">{}</div>').format(
                InvestigationView(id=one.id).address, data_markup(title_of(one)), data_markup(one.bundle)
            ),
            name_markup(one.component) if one.component else "",
            age_markup(one.created_at, exact=True),
            Markup('<span class="gw-nowrap">{}</span>').format(took(one)),
        )
    )
