"""Quantities and dates: what is the same in other words, and what is not."""

import pytest

from api.writing.comparisons import bound_of
from api.writing.measures import find_dates, find_quantities, is_supported


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("5 minutes", "5m"),
        ("5 minutes", "300 s"),
        ("three minutes", "3 minutes"),
        ("2 h", "2 hours"),
        ("7 GB", "7gb"),
        ("85 %", "85%"),
        ("3 %", "> 0.03"),
        ("1,200 clients", "1200"),
        ("40 seconds", "40 to 45 seconds"),
        ("4 seconds", "timeout-ms is 4000"),
        ("30", "30 connections"),
    ],
)
def test_the_same_quantity_is_found(wanted: str, told: str) -> None:
    assert is_supported(find_quantities(wanted)[0], find_quantities(told), told)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("5 minutes", "5 hours"),
        ("5 minutes", "50 minutes"),
        ("5 minutes", "300"),
        ("7 GB", "7 GiB"),
        ("120", "1200"),
        ("30 pods", "30 seconds"),
        ("35 days", "53 days"),
        ("85", "PAY-85"),
    ],
)
def test_another_quantity_is_not(wanted: str, told: str) -> None:
    assert not is_supported(find_quantities(wanted)[0], find_quantities(told), told)


@pytest.mark.parametrize("text", ["PAY-4021", "v1.28.3", "10.0.0.1", "p99", "09:47", "redis-cart-0", "$5x"])
def test_names_with_digits_are_no_quantities(text: str) -> None:
    assert find_quantities(text) == []


@pytest.mark.parametrize(
    ("wanted", "told", "same"),
    [
        ("11 February 2026", "2026-02-11", True),
        ("February 2026", "2026-02-11", True),
        ("March 2026", "2026-02-11", False),
        ("12 February 2026", "2026-02-11", False),
        ("2026-02-11", "February 2026", False),
        ("April 3, 2026", "3 April 2026", True),
    ],
)
def test_a_date_is_supported_by_one_that_tells_as_much(wanted: str, told: str, same: bool) -> None:
    assert find_dates(wanted)[0][0].within(find_dates(told)[0][0]) is same


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("at most 6 pods", "at most"),
        ("no more than 6 pods", "at most"),
        ("up to 6 pods", "at most"),
        ("below 6 pods", "at most"),
        ("at least 6 pods", "at least"),
        ("no less than 6 pods", "at least"),
        ("more than 6 pods", "at least"),
        ("older than 6 days", "at least"),
        ("6 or more", "at least"),
        ("scale to 6 pods", ""),
    ],
)
def test_a_figure_is_bounded_by_the_words_beside_it(text: str, bound: str) -> None:
    assert bound_of(text, find_quantities(text)[0]) == bound
