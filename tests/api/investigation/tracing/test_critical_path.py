"""The time of requests is shared among those who hold them up; what runs beside something slower is not among them."""

import pytest

from api.investigation.tracing.critical_path import path_shares, path_times
from tests.api.investigation.tracing.spanning import Line, shifted, table, visits


def test_what_runs_beside_something_slower_holds_nothing_up() -> None:
    lines: list[Line] = [
        (1, 1, -1, "shop", "GET /", 0, 100, 0),
        (1, 2, 1, "cart", "list", 10, 80, 0),
        (1, 3, 1, "ads", "show", 20, 30, 0),
    ]

    assert path_times(table(lines)) == {"shop": 20.0, "cart": 80.0}


def test_one_after_the_other_both_hold_it_up() -> None:
    lines: list[Line] = [
        (1, 1, -1, "shop", "GET /", 0, 100, 0),
        (1, 2, 1, "cart", "list", 10, 30, 0),
        (1, 3, 1, "ads", "show", 50, 40, 0),
    ]

    assert path_times(table(lines)) == {"shop": 30.0, "cart": 30.0, "ads": 40.0}


def test_all_of_a_request_is_shared_out_also_where_clocks_differ() -> None:
    lines: list[Line] = [(1, 1, -1, "shop", "GET /", 0, 100, 0), (1, 2, 1, "cart", "list", -50, 90, 0)]

    assert sum(path_times(table(lines)).values()) == pytest.approx(100.0)


def test_the_component_that_takes_longer_stands_first() -> None:
    first = path_shares(table(visits(30)), table(shifted(visits(30, work=200_000))))[0]

    assert first.component == "cart"
    assert first.after > first.before


def test_no_spans_hold_nothing_up() -> None:
    assert path_times(table([])) == {}
