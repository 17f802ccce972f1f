"""One request as a waterfall: each span a bar at its time, below the one that it was part of."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.investigations import Cell, ObservationDetail
from ui.components.secret_marks import data_markup

_COLUMNS = ["component", "operation", "depth", "begins_us", "takes_us", "failed"]
_DEEPEST = 12
_OTHER = "#7d8590"


@dataclass(frozen=True, slots=True)
class Bar:
    """A span: `begins` and `takes` in microseconds from the start of the first one, `failed` where that is told."""

    component: str
    operation: str
    depth: int
    begins: int
    takes: int
    failed: bool


def bars_of(seen: ObservationDetail) -> list[Bar]:
    """Return the spans of an observation; none where its rows are no spans."""
    if seen.columns != _COLUMNS:
        return []
    return [
        Bar(str(row[0] or ""), str(row[1] or ""), _whole(row[2]), _whole(row[3]), _whole(row[4]), row[5] is True)
        for row in seen.rows
        if len(row) == len(_COLUMNS)
    ]


def waterfall_markup(seen: ObservationDetail, colours: Mapping[str, str]) -> Markup:
    """Return the request as rows with bars; a failed span says so in words."""
    bars = bars_of(seen)
    if not bars:
        return Markup("")
    start = min(one.begins for one in bars)
    whole = max(1, max(one.begins + one.takes for one in bars) - start)
    rows = Markup("").join(_row(one, start, whole, colours) for one in bars)
    cut = seen.total - len(bars)
    more = Markup('<p class="gw-muted">{} more spans are not kept.</p>').format(f"{cut:,}") if cut > 0 else ""
    return Markup(
        '<div class="gw-waterfall" role="table" aria-label="Spans of one request" tabindex="0">{}</div>{}'
    ).format(rows, more)


def time_words(microseconds: int) -> str:
    """Return a length of time in the unit that suits it."""
    size = abs(microseconds)
    if size >= 1_000_000:
        return f"{microseconds / 1e6:.2f} s"
    return f"{microseconds / 1e3:.1f} ms" if size >= 1_000 else f"{microseconds} µs"


def _row(one: Bar, start: int, whole: int, colours: Mapping[str, str]) -> Markup:
    failed = Markup(' <strong class="gw-form-error">failed</strong>') if one.failed else ""
    left = 100 * (one.begins - start) / whole
    return Markup(
        '<div role="row"><span role="cell" style="padding-left:{:.1f}rem" title="{}"><b>{}</b> {}</span>'
        '<span role="cell" class="gw-fall"><i style="margin-left:{:.2f}%;width:{:.2f}%;background:{}"></i></span>'
        '<span role="cell" class="gw-figure">{}{}</span></div>'
    ).format(
        0.7 * min(max(0, one.depth), _DEEPEST),
        f"{one.component} {one.operation}, begins at {time_words(one.begins - start)}"[:300],
        data_markup(one.component),
        data_markup(one.operation),
        min(left, 99.6),
        max(0.4, 100 * one.takes / whole),
        colours.get(one.component, _OTHER),
        time_words(one.takes),
        failed,
    )


def _whole(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else 0
