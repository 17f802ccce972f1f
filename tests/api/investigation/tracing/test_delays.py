"""What the network adds centres on the called component, and few calls say little."""

from api.investigation.tracing.delays import delays, first_slow
from api.investigation.tracing.spans import span_table
from tests.api.investigation.tracing.spanning import shifted, table, visits


def test_slower_calls_are_told_of_the_called_component_with_their_medians() -> None:
    found = delays(table(visits(30)), table(visits(30, gap=202_000)))

    assert found[0].component == "cart"
    assert found[0].score > 50
    assert round(found[0].calls[0].after - found[0].calls[0].before) == 200_000
    assert (found[0].calls[0].caller, found[0].calls[0].count) == ("shop", 30)


def test_the_same_calls_at_another_time_are_not_slower() -> None:
    found = delays(table(visits(31)), table(visits(30)))

    assert all(one.score < 1 for one in found)


def test_a_component_that_works_longer_has_no_delay() -> None:
    found = delays(table(visits(30)), table(visits(30, work=300_000)))

    assert all(one.score < 1 for one in found)


def test_one_slow_call_among_many_is_no_delay() -> None:
    lines = [*visits(29), (90, 901, -1, "shop", "call cart", 5, 900_000, 0), (90, 902, 901, "cart", "list", 6, 9, 0)]

    found = delays(table(visits(30)), table(lines))

    assert all(one.score < 1 for one in found)


def test_a_caller_that_does_not_wait_is_left_out() -> None:
    lines = [(1, 1, -1, "shop", "send", 0, 5, 0), (1, 2, 1, "mail", "deliver", 3, 900, 0)]

    found = delays(table(lines), table(lines))

    assert found == ()


def test_the_onset_is_the_first_slow_call() -> None:
    now = table([*visits(10), *shifted(visits(30, gap=300_000), later=60_000_000)])
    worst = delays(table(visits(30)), now)[0].calls[0]

    onset = first_slow(now, worst)

    assert onset == 60_001_000


def test_no_spans_have_no_delays() -> None:
    empty = span_table([])

    assert delays(empty, empty) == ()
    assert delays(table(visits(5)), empty) == ()
