"""One request as an example: whole, in order of time, and of bounded size."""

from itertools import pairwise

from api.investigation.findings import NOWHERE, Direction
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from api.investigation.specialists.trace_examples import tell_example
from api.investigation.specialists.writing import Notebook
from api.investigation.tracing.example import MOST_SPANS, example_of
from tests.api.investigation.incidents_at_hand import WINDOW
from tests.api.investigation.tracing.spanning import Line, table, visits


def wide(count: int) -> list[Line]:
    """Return one request of shop in which cart is called `count` times."""
    calls: list[Line] = [(1, at, 0, "cart", "list", at * 10, 5, 0) for at in range(1, count + 1)]
    return [(1, 0, -1, "shop", "GET /", 0, 10_000, 0), *calls]


def test_the_request_with_the_longest_span_of_a_component_is_told_from_its_first_span_on() -> None:
    spans = table(visits(5))

    found = example_of(spans, "cart")

    assert found is not None
    assert found.spans[0].depth == 0
    assert found.spans[0].begins == 0
    assert "cart" in {one.component for one in found.spans}
    assert all(after.depth <= before.depth + 1 for before, after in pairwise(found.spans))
    assert found.total == len(found.spans)


def test_a_component_without_spans_has_no_example() -> None:
    assert example_of(table(visits(5)), "nobody") is None


def test_a_request_of_many_spans_is_cut_and_says_how_many_there_were() -> None:
    found = example_of(table(wide(200)), "cart")

    assert found is not None
    assert (len(found.spans), found.total) == (MOST_SPANS, 201)


def test_the_strongest_finding_cites_the_example_and_leads_have_none() -> None:
    notes = Notebook("traces", SourceClass.TRACE, "traces", WINDOW)
    tell_example(notes, table(visits(5)))
    for component, score in (("shop", 1.5), ("cart", 4.0), (NOWHERE, 9.0)):
        notes.found(component, Signal.SELF_TIME, "self time", Direction.UP, "slow", "score", ["o-1"], score)

    tell_example(notes, table(visits(5)))

    (seen,) = notes.observations
    assert [one.observations for one in notes.findings] == [("o-1",), ("o-1", seen.id), ("o-1",)]
    assert seen.component == "cart"
