"""Spans for tests, written as short lines: trace, span, parent, component, operation, start, duration, failed."""

from collections.abc import Sequence

import numpy as np

from api.investigation.telemetry import Spans
from api.investigation.tracing.spans import SpanTable, span_table

Line = tuple[int, int, int, str, str, int, int, int]


def batch(lines: Sequence[Line]) -> Spans:
    """Return the lines as one batch of spans."""
    names = tuple(dict.fromkeys(name for line in lines for name in (line[3], line[4])))
    code = {name: at for at, name in enumerate(names)}

    def longs(at: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([line[at] for line in lines], dtype=np.int64)

    return Spans(
        names=names,
        trace=longs(0),
        span=longs(1),
        parent=longs(2),
        component=np.array([code[line[3]] for line in lines], dtype=np.int32),
        operation=np.array([code[line[4]] for line in lines], dtype=np.int32),
        peer=np.full(len(lines), -1, dtype=np.int32),
        start=longs(5),
        duration=longs(6),
        failed=longs(7).astype(np.int8),
    )


def table(lines: Sequence[Line]) -> SpanTable:
    """Return the lines as a table."""
    return span_table([batch(lines)])


def visits(count: int, *, gap: int = 2_000, work: int = 5_000, queried: int | None = None) -> list[Line]:
    """Return traces in which shop asks cart, which works and queries its store in the first `queried` of them.

    `gap` is what the call takes more than cart's own span, `work` what cart does itself, in microseconds; both vary
    by up to 90 from trace to trace.
    """
    lines: list[Line] = []
    for at in range(count):
        first, start, vary = 10 * at, 1_000_000 * at, 10 * (at % 10)
        asks = queried is None or at < queried
        inner = work + vary + (1_000 if asks else 0)
        outer = inner + gap + vary
        lines.append((at, first, -1, "shop", "GET /", start, outer + 3_000, 0))
        lines.append((at, first + 1, first, "shop", "call cart", start + 1_000, outer, 0))
        lines.append((at, first + 2, first + 1, "cart", "list", start + 1_500, inner, 0))
        if asks:
            lines.append((at, first + 3, first + 2, "cart", "query", start + 2_000, 1_000, 0))
    return lines


def shifted(lines: Sequence[Line], *, later: int = 0) -> list[Line]:
    """Return the same as other traces, `later` microseconds after."""
    return [
        (trace + 1_000, span + 100_000, parent if parent < 0 else parent + 100_000, who, what, start + later, took, bad)
        for trace, span, parent, who, what, start, took, bad in lines
    ]
