"""Clocks that differ are told from spans that can't lie inside their callers'."""

import pytest

from api.investigation.tracing.skew import skews
from tests.api.investigation.tracing.spanning import Line, table


def calls(count: int, ahead: int) -> list[Line]:
    lines: list[Line] = []
    for at in range(count):
        start = 1_000_000 * at
        lines.append((at, 2 * at, -1, "shop", "call cart", start, 10_000, 0))
        lines.append((at, 2 * at + 1, 2 * at, "cart", "list", start + 2_000 + ahead, 6_000, 0))
    return lines


@pytest.mark.parametrize("ahead", [50_000, -50_000])
def test_a_clock_that_differs_is_estimated(ahead: int) -> None:
    found = skews(table(calls(10, ahead)))

    assert [(one.caller, one.callee, one.guess, one.calls) for one in found] == [("shop", "cart", float(ahead), 10)]
    assert found[0].least <= ahead <= found[0].most


def test_spans_inside_their_callers_say_nothing_of_clocks() -> None:
    assert skews(table(calls(10, 0))) == ()
    assert skews(table([])) == ()


def test_few_calls_say_nothing_of_clocks() -> None:
    assert skews(table(calls(4, 50_000))) == ()
