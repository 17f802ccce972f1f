"""Tests of the addresses of views, and of pages of lists."""

import pytest
from markupsafe import Markup

from ui.components.tables import page_number, pages_markup, row_markup, table_markup
from ui.components.views import View, tabs_markup, view_address, view_of


@pytest.mark.parametrize(
    ("parameters", "view"),
    [
        ({}, View.SOURCES),
        ({"view": "health"}, View.HEALTH),
        ({"view": "../etc"}, View.SOURCES),
        ({"service": "orders"}, View.SERVICES),
        ({"run": "3"}, View.RUNS),
        ({"state": "failed"}, View.DOCUMENTS),
        ({"view": "runs", "source": "handbook"}, View.RUNS),
    ],
)
def test_an_address_names_its_view(parameters: dict[str, str], view: View) -> None:
    assert view_of(parameters) is view


def test_an_address_keeps_only_what_narrows() -> None:
    assert view_address(View.ALERTS, {"text": "a&b", "page": ""}) == "knowledge?view=alerts&text=a%26b"


def test_one_tab_is_marked() -> None:
    assert tabs_markup(View.HEALTH).count("aria-current") == 1


@pytest.mark.parametrize(("value", "number"), [(None, 1), ("0", 1), ("7", 7), ("²", 1), ("-3", 1), ("9" * 40, 1)])
def test_a_page_that_is_no_number_is_the_first(value: str | None, number: int) -> None:
    assert page_number(value) == number


def test_a_page_beyond_the_end_leads_back() -> None:
    markup = pages_markup(9, 120, 50, lambda page: f"?page={page}")

    assert "beyond the end" in markup
    assert 'href="?page=1"' in markup


def test_an_empty_list_has_no_pages() -> None:
    assert pages_markup(1, 0, 50, str) == ""


def test_cells_of_a_table_are_escaped_unless_they_are_markup() -> None:
    markup = table_markup(("<a>",), [row_markup(("<b>", Markup("<i>x</i>")), figures={1})])

    assert "&lt;a&gt;" in markup
    assert '<td>&lt;b&gt;</td><td class="gw-figure"><i>x</i></td>' in markup
