"""Tests of the colours of components: their own, distinct on a page, readable in both themes."""

import pytest

from ui.components.component_colours import PALETTE, colours_of


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", PALETTE)
def test_each_colour_stands_out_from_both_pages(colour: str) -> None:
    for page in ("#ffffff", "#14171b"):
        light, dark = sorted((luminance(colour), luminance(page)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


def test_a_component_alone_keeps_its_colour_and_no_two_share_one_while_there_are_enough() -> None:
    names = [f"service-{number}" for number in range(len(PALETTE))]

    assert colours_of(["cart"])["cart"] == colours_of(["cart", "mail"])["cart"]
    assert len(set(colours_of(names).values())) == len(PALETTE)
    assert len(colours_of([*names, "one-more", "one-more"])) == len(PALETTE) + 1
