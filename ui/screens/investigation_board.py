"""The evidence board of an investigation: what came first, plots on one time axis, calls, log lines and a request."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigations import FindingView, InvestigationResult, ObservationDetail, ObservationSummary, Window
from api.schemas.observation_csv import rows_csv
from ui.components.board_chart import Upright, line_panel, moments_panel, uprights_of, usual_range
from ui.components.board_choice import drawn_window, log_choice, series_choice, trace_choice
from ui.components.causal_drawing import causal_drawing
from ui.components.component_colours import colours_of
from ui.components.inline import sentence
from ui.components.investigation_citations import Citations
from ui.components.investigation_moments import Moment, moments_of
from ui.components.investigation_timeline import dot_markup, timeline_markup
from ui.components.investigation_words import window_words
from ui.components.log_templates import templates_markup
from ui.components.observation_chart import series_of
from ui.components.secret_marks import data_markup
from ui.components.trace_waterfall import waterfall_markup
from ui.investigations import observation


def show_board(result: InvestigationResult, cited: Citations) -> None:
    """Show timeline and board, drawn from the stored observations; what can't be had is named in its place."""
    colours = _colours(result)
    moments = moments_of(result)
    st.html(timeline_markup(moments, cited, colours, result.incident.window))
    with st.container(key="board"):
        _show_plots(result, cited, moments, colours)
        _show_calls(result)
        for rows in log_choice(result):
            _show_rows(f"Log lines of {rows.component or rows.query.instance}", rows, cited, templates_markup)
        example = trace_choice(result)
        if example is not None:
            _show_rows("One request", example, cited, lambda seen: waterfall_markup(seen, colours))


def _colours(result: InvestigationResult) -> dict[str, str]:
    cause, symptom = result.verdict.cause, result.incident.symptom.component
    first = [*([cause.component] if cause is not None else []), *([symptom] if symptom else [])]
    unusual = sorted(result.findings, key=lambda one: -one.score)
    others = [one.component for one in unusual if not one.component.startswith("(")]
    return colours_of([*first, *(one.component for one in result.hypotheses), *others])


def _show_plots(
    result: InvestigationResult, cited: Citations, moments: Sequence[Moment], colours: Mapping[str, str]
) -> None:
    drawn, chosen = drawn_window(result.incident), series_choice(result)
    cause = result.verdict.cause
    marks = uprights_of(moments, drawn, cause.onset if cause is not None else None)
    lanes = moments_panel(moments, drawn, colours, marks)
    if lanes is None and not chosen:
        st.html(
            '<h2 class="gw-section">Evidence board</h2><p class="gw-muted">No series and no onset was kept, so there '
            "is nothing to draw over time.</p>"
        )
        return
    early = sum(one.changed and one.at < drawn.start for one in moments)
    st.html(
        Markup(
            '<h2 class="gw-section">Evidence board</h2><p class="gw-muted">All plots show {}, so that one instant '
            "stands at one place. Upright lines: where trouble begins and where the cause was first seen; dotted, "
            "changes and events. A level band holds the middle 90 % of healthy points, its line their median.{}</p>"
        ).format(
            window_words(drawn),
            f" {early} earlier changes and events are in the timeline." if early else "",
        )
    )
    if lanes is not None:
        st.html('<div class="gw-label gw-panel">First seen, by kind of source</div>')
        st.altair_chart(lanes, width="stretch", key="moments panel")
    for finding, rows in chosen:
        _show_series(finding, rows, result, cited, drawn, marks, colours)


def _show_series(
    finding: FindingView,
    rows: ObservationSummary,
    result: InvestigationResult,
    cited: Citations,
    drawn: Window,
    marks: Sequence[Upright],
    colours: Mapping[str, str],
) -> None:
    component = rows.component or finding.component
    head = Markup('<div class="gw-panel"><span>{}<b>{}</b> {}{}</span><span class="gw-muted">{}</span></div>').format(
        dot_markup(component, colours),
        data_markup(component),
        data_markup(finding.subject),
        cited.chips([rows.id]),
        data_markup(_unit(rows)),
    )
    seen = _seen(cited, rows, head)
    series = series_of(seen) if seen is not None else None
    if seen is None or series is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(head)
        _offer_csv(seen, "board")
    healthy = usual_range(series, result.incident.baseline, result.incident.window)
    colour = colours.get(component, "#7d8590")
    chart = line_panel(series, drawn, colour, marks, healthy=healthy, onset=finding.onset)
    st.altair_chart(chart, width="stretch", key=f"board {seen.id}")
    st.html(Markup('<p class="gw-muted gw-query">Query: <code>{}</code></p>').format(data_markup(seen.query.text)))


def _show_calls(result: InvestigationResult) -> None:
    drawing = causal_drawing(result)
    if drawing is None:
        return
    st.html(
        '<h3 class="gw-panel">Who calls whom</h3><p class="gw-muted">An arrow goes from the caller to what it calls; '
        "the thick way is the one from cause to symptom.</p>"
    )
    with st.container(key="drawing"):
        st.graphviz_chart(drawing, width="content")


def _show_rows(
    heading: str, rows: ObservationSummary, cited: Citations, draw: Callable[[ObservationDetail], Markup]
) -> None:
    head = Markup('<h3 class="gw-panel">{}{}</h3>').format(data_markup(heading), cited.chips([rows.id]))
    seen = _seen(cited, rows, head)
    if seen is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(head)
        _offer_csv(seen, "board")
    st.html(
        Markup('<p class="gw-muted">{}</p>').format(data_markup(cited.sentence(seen.summary)))
        + draw(seen)
        + Markup('<p class="gw-muted gw-query">Query: <code>{}</code></p>').format(data_markup(seen.query.text))
    )


def _seen(cited: Citations, rows: ObservationSummary, head: Markup) -> ObservationDetail | None:
    try:
        return observation(cited.view.id, rows.id)
    except GroundwatchError as error:
        words = Markup('<p class="gw-form-error" role="alert">These rows cannot be shown: {}</p>')
        st.html(head + words.format(sentence(str(error))))
        return None


def _offer_csv(seen: ObservationDetail, place: str) -> None:
    st.download_button(
        "CSV",
        rows_csv(seen),
        f"{seen.id}.csv",
        "text/csv",
        key=f"{place} csv {seen.id}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help="These rows as CSV",
    )


def _unit(rows: ObservationSummary) -> str:
    """Return the unit that the source states; many have it in the name of the metric only."""
    _, _, unit = rows.columns[1].partition("(")
    return unit.removesuffix(")")
