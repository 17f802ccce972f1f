"""Log lines by template: how often each came in the trouble against what healthy time lets expect."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.investigations import Cell, ObservationDetail
from ui.components.secret_marks import data_markup
from ui.components.tables import row_markup, table_markup

_SHOWN = 8
_LONGEST = 300
_FIGURES = (2, 3)


@dataclass(frozen=True, slots=True)
class TemplateCount:
    """One template: lines in the trouble, those to expect by healthy time, and when it was first and last seen."""

    template: str
    severity: str
    seen: float
    expected: float
    score: float
    first: str
    last: str

    @property
    def words(self) -> str:
        """How the two counts compare."""
        if not self.expected:
            return "new" if self.seen else ""
        if not self.seen:
            return "gone"
        times = self.seen / self.expected
        return f"{times:,.1f} times" if times >= 0.1 else "under a tenth"


def template_counts(seen: ObservationDetail) -> list[TemplateCount]:
    """Return the templates of an observation, the most unusual first; none where its rows are no templates."""
    places = {name: index for index, name in enumerate(seen.columns)}
    if not {"template", "seen", "healthy"} <= places.keys():
        return []

    def cell(row: Sequence[Cell], name: str) -> Cell:
        index = places.get(name, len(row))
        return row[index] if index < len(row) else None

    found = [
        TemplateCount(
            str(cell(row, "template") or ""),
            str(cell(row, "severity") or ""),
            _number(cell(row, "seen")),
            _number(cell(row, "expected" if "expected" in places else "healthy")),
            _number(cell(row, "score")),
            str(cell(row, "first") or ""),
            str(cell(row, "last") or ""),
        )
        for row in seen.rows
    ]
    return sorted(found, key=lambda one: -abs(one.score))


def templates_markup(seen: ObservationDetail) -> Markup:
    """Return the most unusual templates with both counts as bars on one scale."""
    counts = template_counts(seen)
    shown = counts[:_SHOWN]
    most = max((max(one.seen, one.expected) for one in shown), default=0.0) or 1.0
    rows = [
        row_markup(
            (
                Markup('<code class="gw-template">{}</code>').format(data_markup(one.template[:_LONGEST])),
                data_markup(one.severity),
                _bar(one.seen, most, "gw-bar-now"),
                _bar(one.expected, most, "gw-bar-before"),
                one.words,
                Markup('<span class="gw-nowrap">{}</span> <span class="gw-nowrap">{}</span>').format(
                    _clock(one.first), _clock(one.last)
                ),
            ),
            figures=_FIGURES,
        )
        for one in shown
    ]
    names = ("Template", "Severity", "Lines now", "Expected", "Against", "First, last (UTC)")
    more = f"{len(counts) - len(shown):,} more, less unusual, are in the rows." if len(counts) > len(shown) else ""
    return table_markup(names, rows, figures=_FIGURES, style="gw-templates") + Markup(
        '<p class="gw-muted">{}</p>'
    ).format(more) * bool(more)


def _bar(value: float, most: float, style: str) -> Markup:
    return Markup('<span class="gw-bar {}"><i style="width:{:.1f}%"></i></span>{}').format(
        style, 100 * max(0.0, value) / most, f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    )


def _clock(instant: str) -> str:
    """Return the time of day of an instant as RFC 3339 writes it; anything else as it is."""
    return instant[11:19] if len(instant) >= 20 and instant[10] == "T" else instant[:20]


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else 0.0
