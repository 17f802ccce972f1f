"""The Quality page: how good answers were found to be, run by run, and every case that failed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError, NotFound
from api.schemas.comparisons import SuiteComparison
from api.schemas.evaluations import Curve, EvaluationPage, EvaluationReport, EvaluationSummary, SuiteReport
from ui.components.notices import show_error, show_notice
from ui.components.quality_address import QualityView, suite_shown, view_in
from ui.components.quality_cases import case_markup, cases_markup, cases_of, show_case_filters
from ui.components.quality_plots import curve_chart, curves_csv, trend_chart, trend_words, trends_csv, trends_of
from ui.components.quality_scores import (
    changes_markup,
    run_summary_markup,
    scores_markup,
    skipped_markup,
    suite_facts_markup,
    suite_tabs_markup,
)
from ui.evaluations import evaluation_comparison, evaluation_report, evaluation_runs

COMMAND = "groundwatch evals run"
_STYLE = Path(__file__).parent.parent / "quality.css"
_COLUMNS = 3
_UNREADABLE_SHOWN = 5


def show() -> None:
    """Show one failed case where the address names it, else a run."""
    st.html(_STYLE)
    view = view_in(st.query_params.to_dict())
    try:
        with st.spinner("Reading the evaluations", show_time=False):
            runs = evaluation_runs()
        _show_run(runs, view)
    except GroundwatchError as error:
        show_error(error)


def _show_run(page: EvaluationPage, view: QualityView) -> None:
    named = view.run or (page.runs[0].id if page.runs else "")
    if not named:
        st.html('<h1 class="gw-title">Quality</h1>')
        _show_unreadable(page.unreadable)
        _show_first_run()
        return
    report = evaluation_report(named)
    suite = suite_shown(report, view)
    if view.case and suite is not None:
        _show_case(suite, view)
        return
    st.html('<h1 class="gw-title">Quality</h1>')
    _show_run_choice(page.runs, report, view)
    _show_unreadable(page.unreadable)
    comparison = evaluation_comparison(report.id)
    st.html(run_summary_markup(report, comparison) + skipped_markup(report.suites))
    if suite is None or suite.skipped:
        return
    st.html(suite_tabs_markup(report, suite, view))
    compared = next((one for one in comparison.suites if one.suite == suite.name), None)
    _show_suite(suite, compared, page.runs, replace(view, suite=suite.name))


def _show_suite(
    suite: SuiteReport, compared: SuiteComparison | None, runs: Sequence[EvaluationSummary], view: QualityView
) -> None:
    st.html(suite_facts_markup(suite) + (changes_markup(compared) if compared else Markup("")))
    _show_trends(runs, suite)
    _show_curves(suite.curves)
    st.html(Markup('<h2 class="gw-section">Scores</h2>') + scores_markup(suite, compared))
    _show_failed(suite, compared.newly_failed if compared else (), view)


def _show_run_choice(runs: Sequence[EvaluationSummary], report: EvaluationReport, view: QualityView) -> None:
    """Show the runs to choose from; the newest one needs no name in the address."""
    ids = [run.id for run in runs]
    names = {run.id: f"{run.started_at:%Y-%m-%d %H:%M} UTC, {run.revision or 'unknown revision'}" for run in runs}
    if report.id not in names:
        ids.append(report.id)
        names[report.id] = f"{report.started_at:%Y-%m-%d %H:%M} UTC, {report.revision or 'unknown revision'}"
    if len(ids) < 2:
        st.html('<p class="gw-muted">One run so far; the second is compared with it.</p>')
        return
    if st.session_state.get("quality run seeded from") != report.id:
        st.session_state["quality run seeded from"] = st.session_state["quality run"] = report.id
    chosen = st.selectbox("Run", ids, key="quality run", format_func=lambda run: names[run], width=420)
    if chosen != report.id:
        st.session_state["quality run seeded from"] = chosen
        newest = "" if chosen == ids[0] else chosen
        st.query_params.from_dict(QualityView(run=newest, suite=view.suite).parameters())
        st.rerun()


def _show_trends(runs: Sequence[EvaluationSummary], suite: SuiteReport) -> None:
    trends = trends_of(runs, suite.name)
    if not trends:
        return
    st.html(
        '<h2 class="gw-section">Over time</h2><p class="gw-muted">Scores with a bar, each with its 95 % interval; '
        "the dashed line is the bar. A dot is a run.</p>"
    )
    for start in range(0, len(trends), _COLUMNS):
        for column, trend in zip(st.columns(_COLUMNS, gap="medium"), trends[start : start + _COLUMNS], strict=False):
            with column:
                st.html(Markup('<h3 aria-label="{}">{}</h3>').format(trend_words(trend), trend.title))
                st.altair_chart(trend_chart(trend), width="stretch")
    st.download_button("Rows as CSV", trends_csv(trends), f"{suite.name}-over-time.csv", "text/csv", key="trend rows")


def _show_curves(curves: Sequence[Curve]) -> None:
    drawn = [curve for curve in curves if curve.points]
    if not drawn:
        return
    st.html('<h2 class="gw-section">Curves of this run</h2>')
    name = drawn[0].name
    # Recall by rank comes for each group too: one at a time is enough to read.
    alike = [curve.name for curve in drawn if curve.name.startswith(f"{name}: ")]
    if alike:
        name = st.selectbox("Curve", [name, *alike], key="quality curve", width=340)
    shown = [curve for curve in drawn if curve.name == name or curve.name not in (drawn[0].name, *alike)]
    for column, curve in zip(st.columns(_COLUMNS, gap="medium"), shown, strict=False):
        with column:
            st.html(Markup("<h3>{}</h3>").format(curve.name))
            st.altair_chart(curve_chart(curve), width="stretch")
    st.download_button("Points as CSV", curves_csv(drawn), "curves.csv", "text/csv", key="curve points")


def _show_failed(suite: SuiteReport, newly_failed: Sequence[str], view: QualityView) -> None:
    st.html(
        Markup('<h2 class="gw-section">Failed cases <span class="gw-count">{}</span></h2>').format(
            f"{suite.failures:,}"
        )
    )
    if not suite.failed:
        st.html('<p class="gw-empty">No case of this suite failed.</p>')
        return
    if suite.failures > len(suite.failed):
        st.html(
            Markup(
                '<p class="gw-muted">The report keeps {} of {} failed cases; its folder has all of them.</p>'
            ).format(f"{len(suite.failed):,}", f"{suite.failures:,}")
        )
    chosen = show_case_filters(suite, view)
    filtered = cases_of(suite, chosen)
    st.html(
        cases_markup(filtered, newly_failed, chosen)
        if filtered.total
        else '<p class="gw-empty">No failed case matches. Clear the filters to see all.</p>'
    )


def _show_case(suite: SuiteReport, view: QualityView) -> None:
    case = next((one for one in suite.failed if one.id == view.case), None)
    if case is None:
        raise NotFound(f"suite {suite.name!r} has no failed case {view.case!r} in this run; choose one from its list")
    st.html(case_markup(case, suite, replace(view, suite=suite.name)))


def _show_unreadable(problems: Sequence[str]) -> None:
    if not problems:
        return
    shown = "; ".join(problems[:_UNREADABLE_SHOWN])
    more = f"; and {len(problems) - _UNREADABLE_SHOWN} more" if len(problems) > _UNREADABLE_SHOWN else ""
    show_notice("Some runs cannot be read", f"{shown}{more}. The others are shown.", symbol="warning")


def _show_first_run() -> None:
    show_notice(
        "No evaluation yet",
        "Suites of questions with known answers are asked of search and answers, and the result is kept here: scores "
        "with their intervals, curves, and every case that failed. The bundled ones need no preparation; your own "
        "questions make a suite of your own.",
        commands=[COMMAND],
        symbol="monitoring",
    )
