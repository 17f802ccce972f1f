"""Log lines of one component that hold given words, folded by their shape, in healthy time and in the window."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from api.investigation.observations import Observation, Query, Rows, SourceClass, observe
from api.investigation.reports import Brief
from api.investigation.telemetry import LogLines
from api.investigation.windows import Window

_MOST_SHAPES = 2_000
_MOST_ROWS = 40
_LONGEST = 400  # characters of a line that are kept
_CHANGING = re.compile(r"\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b|\d+", re.IGNORECASE)


@dataclass(slots=True)
class _Shape:
    """Lines that differ in numbers only; `text` is the first of them."""

    text: str
    severity: str
    first: int
    count: int = 0
    healthy: int = 0


def look_at_logs(brief: Brief, component: str, words: str) -> Observation | None:
    """Return the lines of a component that hold all of the words, rarest in healthy time first; None where none does.

    Only lines of the window make a row; those of healthy time are counted beside them.
    """
    wanted = words.casefold().split()
    window, before = brief.incident.window, brief.baseline(SourceClass.LOG)
    shapes: dict[str, _Shape] = {}
    left_out = 0
    for at, severity, count, text in _lines(brief, window, component, wanted):
        key = _CHANGING.sub("#", text)
        if key not in shapes and len(shapes) >= _MOST_SHAPES:
            left_out += 1
            continue
        shapes.setdefault(key, _Shape(text, severity, at)).count += count
    for _, _, count, text in _lines(brief, before, component, wanted) if shapes and before else ():
        if (known := shapes.get(_CHANGING.sub("#", text))) is not None:
            known.healthy += count
    if not shapes:
        return None
    return _observed(window, before, component, wanted, list(shapes.values()), left_out)


def _observed(
    window: Window, before: Window | None, component: str, words: Sequence[str], shapes: list[_Shape], left_out: int
) -> Observation:
    ordered = sorted(shapes, key=lambda one: (one.healthy > 0, -one.count, one.first, one.text))
    rows = tuple((one.first, one.severity, one.count, one.healthy, one.text) for one in ordered[:_MOST_ROWS])
    cuts = [f"the first {_MOST_ROWS} of {len(ordered)} shapes are kept"] if len(ordered) > _MOST_ROWS else []
    cuts += [f"{left_out} lines of further shapes were not counted"] if left_out else []
    total = sum(one.count for one in shapes)
    return observe(
        Query(
            SourceClass.LOG,
            "logs",
            f"lines of {component} that hold all of {list(words)!r} in their first {_LONGEST} characters, folded where "
            f"they differ in numbers only, counted in the window and in {before or 'no baseline'}",
            window,
        ),
        component,
        f"{total} lines of {component}, {len(shapes)} when those that differ in numbers only are one",
        Rows(("first_us", "severity", "lines", "lines_in_baseline", "text"), rows, len(ordered), "; ".join(cuts)),
    )


def _lines(brief: Brief, window: Window, component: str, words: Sequence[str]) -> Iterator[tuple[int, str, int, str]]:
    """Yield time, severity, count and text; where a source keeps no text, the place in the code stands for it."""
    for batch in brief.telemetry.logs(window):
        if not brief.budget.allows(len(batch)):
            return
        if component not in batch.names:
            continue
        for row in np.flatnonzero(batch.component == batch.names.index(component)).tolist():
            text = _text(batch, row)
            if all(word in text.casefold() for word in words):
                yield int(batch.time[row]), _name(batch, int(batch.severity[row])), max(1, int(batch.count[row])), text


def _text(batch: LogLines, row: int) -> str:
    text = batch.text[row] if batch.text else _name(batch, int(batch.origin[row]))
    return text[:_LONGEST]


def _name(batch: LogLines, code: int) -> str:
    return batch.names[code] if code >= 0 else ""
