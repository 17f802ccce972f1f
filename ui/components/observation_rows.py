"""The very rows of an observation: the query that gave them, what was cut, a table, and a line where they are one."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigations import Cell, FindingView, Incident, ObservationDetail
from api.schemas.observation_csv import rows_csv
from ui.components.board_choice import drawn_window
from ui.components.inline import sentence
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import instant_words, name_markup, window_words
from ui.components.observation_chart import baseline_of, is_instant, legend, line_chart, series_of
from ui.components.scripts import show_chosen_rows
from ui.components.secret_marks import data_markup
from ui.components.tables import row_markup, table_markup
from ui.investigations import observation

_LONGEST_CELL = 2_000


def show_rows(cited: Citations, incident: Incident) -> None:
    """Show the rows that the address opens, else those that the page cites first."""
    view = cited.view
    name = view.rows or cited.first
    if not name:
        st.html('<h2 class="gw-section">Rows</h2><p class="gw-muted">Nothing here rests on rows.</p>')
        return
    try:
        seen = observation(view.id, name)
    except GroundwatchError as error:
        st.html(
            Markup('<h2 class="gw-section">Rows</h2><p class="gw-form-error" role="alert">{}</p>').format(
                sentence(str(error))
            )
        )
        return
    st.html(cited.selection)
    findings = cited.cited_by(name)
    st.html(head_markup(seen, cited))
    series = series_of(seen)
    if series is not None:
        healthy = baseline_of(series, incident.baseline, incident.window)
        drawn = series.within(drawn_window(incident))
        chart = line_chart(drawn, incident.window, _onset(findings), healthy)
        st.altair_chart(chart, width="stretch")
        words = legend(drawn, incident.window, _onset(findings), healthy)
        st.html(Markup('<p class="gw-muted">{}</p>').format(words))
    st.html(rows_markup(seen) + query_markup(seen))
    st.download_button(
        "Rows as CSV", rows_csv(seen), f"{seen.id}.csv", "text/csv", key=f"csv {seen.id}", on_click="ignore"
    )
    if findings:
        st.html(_claims(findings, cited))
    show_chosen_rows(view.rows)


def head_markup(seen: ObservationDetail, cited: Citations) -> Markup:
    """Return what was seen in a sentence; rows that the address opened can be closed."""
    number, chosen = cited.numbers.get(seen.id), bool(cited.view.rows)
    return Markup('<div class="gw-rows{}"><h2 class="gw-section">{} Rows{}</h2><p>{}</p></div>').format(
        " gw-rows-chosen" if chosen else "",
        Markup('<span class="gw-num">{}</span>').format(number) if number else "",
        _close(cited) if chosen else "",
        data_markup(cited.sentence(seen.summary)),
    )


def query_markup(seen: ObservationDetail) -> Markup:
    """Return how the rows were got: source, window and the text of the query."""
    where = Markup("<div><dt>Component</dt><dd>{}</dd></div>").format(name_markup(seen.component or ""))
    return Markup(
        '<dl class="gw-outcomes"><div><dt>Query</dt><dd><pre class="gw-expr"><code>{}</code></pre></dd></div>'
        "<div><dt>Source</dt><dd>{} {}</dd></div>{}<div><dt>Window</dt><dd>{}</dd></div></dl>"
    ).format(
        data_markup(seen.query.text),
        seen.query.source.value,
        name_markup(seen.query.instance),
        where if seen.component else "",
        window_words(seen.query.window),
    )


def rows_markup(seen: ObservationDetail) -> Markup:
    """Return the rows as a table, with how many there were and why some were left out."""
    figures = [index for index in range(len(seen.columns)) if _is_figure(seen, index)]
    rows = [
        row_markup([_cell(name, cell) for name, cell in zip(seen.columns, row, strict=False)], figures=figures)
        for row in seen.rows
    ]
    table = table_markup(
        [_heading(seen, index) for index in range(len(seen.columns))], rows, figures=figures, style="gw-cells"
    )
    cut = f"{len(seen.rows):,} of {seen.total:,} rows"
    why = Markup(" <strong>Cut:</strong> {}").format(data_markup(sentence(seen.cut))) if seen.cut else ""
    empty = "" if rows else "The query gave no rows. "
    return Markup('<div tabindex="0" role="region" aria-label="Rows" class="gw-cells-frame">{}</div>{}').format(
        table if rows else "", Markup('<p class="gw-muted">{}{}.{}</p>').format(empty, cut, why)
    )


def _claims(findings: Sequence[FindingView], cited: Citations) -> Markup:
    """Return what rests on these rows."""
    items = Markup("").join(
        Markup("<li>{}</li>").format(data_markup(cited.sentence(one.claim))) for one in findings[:5]
    )
    return Markup('<div class="gw-label">What rests on these rows</div><ul>{}</ul>').format(items)


def _close(cited: Citations) -> Markup:
    return Markup(' <a class="gw-soft gw-rows-close" href="{}">Close</a>').format(replace(cited.view, rows="").address)


def _onset(findings: Sequence[FindingView]) -> int | None:
    return min((one.onset for one in findings if one.onset is not None), default=None)


def _heading(seen: ObservationDetail, index: int) -> Markup:
    """Return the name of a column with its unit: microseconds are instants or lengths of time."""
    name = seen.columns[index]
    if not name.endswith("_us"):
        return data_markup(name)
    known = [row[index] for row in seen.rows if index < len(row) and row[index] is not None]
    instants = not known or all(is_instant(cell) for cell in known)
    return data_markup(f"{name.removesuffix('_us')} ({'UTC' if instants else 'µs'})")


def _cell(column: str, cell: Cell) -> Markup | str:
    match cell:
        case None:
            return Markup('<span class="gw-muted">none</span>')
        case bool():
            return "yes" if cell else "no"
        case int() if column.endswith("_us") and is_instant(cell):
            return Markup('<span title="{} µs">{}</span>').format(cell, instant_words(cell).removesuffix(" UTC"))
        case float():
            return f"{cell:.6g}"
        case str() if len(cell) > _LONGEST_CELL:
            more = f" … and {len(cell) - _LONGEST_CELL:,} more characters; the CSV has all"
            return data_markup(cell[:_LONGEST_CELL]) + Markup('<span class="gw-muted">{}</span>').format(more)
        case _:
            return data_markup(str(cell))


def _is_figure(seen: ObservationDetail, index: int) -> bool:
    cells = [row[index] for row in seen.rows if index < len(row) and row[index] is not None]
    numbers = all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)
    return bool(cells) and numbers and not seen.columns[index].endswith("_us")
