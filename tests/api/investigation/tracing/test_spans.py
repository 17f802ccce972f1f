"""Spans find their parents across batches, and what is broken is counted."""

from api.investigation.tracing.spans import only_child, roots, span_table, waits_only
from tests.api.investigation.tracing.spanning import batch, table


def test_a_parent_in_another_batch_is_found() -> None:
    child = batch([(1, 2, 1, "cart", "list", 10, 5, 0)])
    parent = batch([(1, 1, -1, "shop", "GET /", 0, 20, 0)])

    found = span_table([child, parent])

    assert found.above.tolist() == [1, -1]
    assert [found.name(code) for code in found.component.tolist()] == ["cart", "shop"]
    assert found.children.tolist() == [0, 5]


def test_orphans_and_repeated_spans_are_counted() -> None:
    found = table([(1, 1, 99, "cart", "list", 0, 5, 0), (1, 2, -1, "shop", "GET /", 0, 5, 0)] * 2)

    assert (len(found), found.orphans, found.repeated) == (2, 1, 2)


def test_parents_that_form_a_circle_are_not_believed() -> None:
    found = table(
        [
            (1, 1, 1, "a", "self", 0, 5, 0),
            (1, 2, 3, "b", "x", 0, 5, 0),
            (1, 3, 2, "c", "y", 0, 5, 0),
            (1, 4, 3, "d", "below", 0, 5, 0),
            (2, 5, -1, "e", "fine", 0, 5, 0),
            (2, 6, 5, "f", "fine", 0, 5, 0),
        ]
    )

    assert found.circular == 4
    assert found.above.tolist() == [-1, -1, -1, -1, -1, 4]
    assert found.orphans == 0


def test_the_topmost_span_is_found_however_deep() -> None:
    found = table([(1, at, at - 1, "a", "x", at, 5, 0) for at in range(300)])

    assert set(roots(found).tolist()) == {0}


def test_no_spans_are_an_empty_table() -> None:
    found = span_table([])

    assert len(found) == 0
    assert roots(found).tolist() == []
    assert only_child(found).tolist() == []


def test_a_span_that_only_calls_another_component_waits() -> None:
    found = table(
        [
            (1, 1, -1, "shop", "GET /", 0, 50, 0),
            (1, 2, 1, "shop", "call cart", 0, 40, 0),
            (1, 3, 2, "cart", "list", 0, 30, 0),
        ]
    )

    assert waits_only(found).tolist() == [False, True, False]


def test_too_many_spans_leave_out_whole_traces_and_say_how_many() -> None:
    lines = [(at // 4, at, at - 1 if at % 4 else -1, "a", "x", at, 5, 0) for at in range(4_000)]
    pieces = [batch(lines[first : first + 500]) for first in range(0, len(lines), 500)]

    found = span_table(pieces, most=1_000)

    assert 0 < len(found) <= 1_000
    assert found.seen == 4_000
    assert found.sampled in {0.25, 0.125}
    assert found.orphans == 0
    assert len(found) == 4 * len(set(found.trace.tolist()))


def test_one_trace_larger_than_allowed_ends() -> None:
    found = span_table([batch([(1, at, at - 1, "a", "x", at, 5, 0) for at in range(50)])], most=10)

    assert found.seen == 50
    assert len(found) in {0, 50}
