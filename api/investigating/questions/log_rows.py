"""The log lines of a component, read from the rows of the observations that hold them."""

from dataclasses import dataclass

from api.investigating.questions.evidence import Reply, lacking, plainly
from api.investigation.investigations import Investigation
from api.investigation.observations import Cell, Observation, SourceClass
from api.schemas.investigation_questions import IncidentStatement

_MOST_ROWS = 5
_LONGEST = 300
_SEVERE = frozenset({"fatal", "critical", "error", "severe", "panic"})


@dataclass(frozen=True, slots=True)
class _Lines:
    """One template of log lines: how often it was seen, and expected by healthy time."""

    text: str
    severity: str
    seen: float
    expected: float
    first: str
    observation: str

    @property
    def weight(self) -> tuple[bool, float]:
        """What is severe and was not to be expected stands first."""
        return (self.severity.casefold() in _SEVERE and self.seen > self.expected, abs(self.seen - self.expected))

    def told(self) -> IncidentStatement:
        expected = f"{self.expected:,.6g} expected by healthy time" if self.expected else "none in healthy time"
        severity = f"{self.severity} " if self.severity else ""
        first = f", first at {self.first}" if self.first else ""
        text = self.text if len(self.text) <= _LONGEST else f"{self.text[: _LONGEST - 1]}…"
        return plainly(f"{self.seen:,.6g} {severity}lines ({expected}{first}): {text}", [self.observation])


def log_statements(component: str, found: Investigation) -> Reply:
    """Return what a component wrote, the unexpected and severe first, or why there is nothing to show."""
    tables = [one for one in found.observations if one.source is SourceClass.LOG and one.component == component]
    if not tables:
        reasons = lacking(found, SourceClass.LOG, component)[:3]
        return Reply(missing=tuple(reasons) or (f"no log lines of {component} were observed",))
    heads = [plainly(one.summary, [one.id]) for one in tables[:2]]
    lines = sorted((row for one in tables for row in _lines(one)), key=lambda row: row.weight, reverse=True)
    shown = {row.text: row.told() for row in reversed(lines)}
    return Reply((*heads, *list(reversed(shown.values()))[:_MOST_ROWS]))


def _lines(table: Observation) -> list[_Lines]:
    columns = table.rows.columns
    if "template" not in columns or "seen" not in columns:
        return []
    return [_row(dict(zip(columns, row, strict=True)), table.id) for row in table.rows.rows]


def _row(cells: dict[str, Cell], observation: str) -> _Lines:
    return _Lines(
        text=_text(cells, "example", "template"),
        severity=_text(cells, "severity"),
        seen=_number(cells, "seen"),
        expected=_number(cells, "expected"),
        first=_text(cells, "first"),
        observation=observation,
    )


def _text(cells: dict[str, Cell], *names: str) -> str:
    return next((str(cells[name]) for name in names if cells.get(name)), "")


def _number(cells: dict[str, Cell], name: str) -> float:
    value = cells.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
