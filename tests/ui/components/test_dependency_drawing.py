"""Tests of the drawing of dependencies."""

import re

from api.schemas.structure import DependencyEdge
from tests.ui.kept_knowledge import orders_detail
from ui.components.dependency_drawing import MOST_NEIGHBOURS, drawing_of

# A quoted string of the DOT language ends at the first quote that no backslash escapes.
STRING = r'"(?:[^"\\]|\\.)*"'
EDGE = re.compile(rf"{STRING} -> {STRING};")


def test_names_of_any_kind_stay_names() -> None:
    names = ['a"b', "back\\slash\\", "<b>x</b>", "two\nlines", "x" * 90]
    service = orders_detail().model_copy(
        update={"depends_on": [DependencyEdge(service=name, stated=[]) for name in names], "used_by": []}
    )

    lines = (drawing_of(service) or "").splitlines()

    edges = [line for line in lines if EDGE.fullmatch(line)]
    assert len(edges) == len(names)
    assert '"orders" -> "two lines";' in edges
    assert '"orders" -> "back\\\\slash\\\\";' in edges


def test_without_neighbours_there_is_nothing_to_draw() -> None:
    assert drawing_of(orders_detail().model_copy(update={"depends_on": [], "used_by": []})) is None


def test_more_than_can_be_read_is_not_drawn() -> None:
    edges = [DependencyEdge(service=f"s{number}", stated=[]) for number in range(MOST_NEIGHBOURS + 1)]

    assert drawing_of(orders_detail().model_copy(update={"depends_on": edges})) is None
