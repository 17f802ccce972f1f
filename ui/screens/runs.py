"""The runs that kept the knowledge base, newest first; and one run with its diff, times and checks."""

import streamlit as st
from markupsafe import Markup

from api.errors import NotFound
from api.schemas.knowledge import KnowledgeStatus
from ui.components.pills import icon
from ui.components.run_diff import diff_markup, runs_markup
from ui.components.run_report import checks_markup, held_markup, run_address, run_markup, stages_markup
from ui.components.sync_panel import RELEASE
from ui.components.tables import page_number, pages_markup
from ui.components.views import View, view_address
from ui.connection import assistant

MOST_RUNS = 50
CHANGES_PER_PAGE = 100


def show_runs(status: KnowledgeStatus) -> None:
    """Show one run where the address names it, else all that are kept."""
    named = st.query_params.get("run")
    if named is None:
        _show_list(status)
    elif named.isascii() and named.isdigit() and len(named) < 10:
        _show_run(int(named))
    else:
        raise NotFound(f"{named!r} is not the number of a run; choose one from the list of runs")


def _show_list(status: KnowledgeStatus) -> None:
    source = st.query_params.get("source") or None
    names = [one.source for one in status.sources]
    if source and source not in names:
        names.append(source)
    if st.session_state.get("runs of seeded from", "") != source:
        st.session_state["runs of seeded from"] = st.session_state["runs of"] = source
    chosen = st.selectbox("Source", names, index=None, key="runs of", placeholder="All", width=240)
    if chosen != source:
        st.session_state["runs of seeded from"] = chosen
        st.query_params.from_dict({"view": View.RUNS.value, **({"source": chosen} if chosen else {})})
    runs = assistant().runs(source=chosen, limit=MOST_RUNS)
    if runs.held:
        st.html(held_markup(runs.held))
        st.code(RELEASE, language="bash")
    st.html(runs_markup(runs.runs) or '<p class="gw-empty">No run yet. Start one on the Sources view.</p>')


def _show_run(number: int) -> None:
    st.html(f'<a class="gw-soft gw-back" href="{view_address(View.RUNS)}">{icon("arrow_back")} All runs</a>')
    page = page_number(st.query_params.get("page"))
    detail = assistant().run(number, offset=(page - 1) * CHANGES_PER_PAGE, limit=CHANGES_PER_PAGE)
    st.html(run_markup(detail.run))
    if detail.run.checks:
        st.html(
            Markup('<h2 class="gw-section">Checks before promotion</h2>{}').format(checks_markup(detail.run.checks))
        )
    st.html('<h2 class="gw-section">What changed</h2>')
    st.html(diff_markup(detail.changes) or '<p class="gw-empty">This run changed no document.</p>')
    if detail.total > CHANGES_PER_PAGE:
        st.html(pages_markup(page, detail.total, CHANGES_PER_PAGE, lambda other: run_address(number, other)))
    if detail.run.stages:
        st.html(Markup('<h2 class="gw-section">Times</h2>{}').format(stages_markup(detail.run.stages)))
