"""What a component does itself: its time, its failures at their origin, and steps it no longer takes."""

from api.investigation.tracing.operations import failing, missing_calls, self_times
from tests.api.investigation.tracing.spanning import Line, shifted, table, visits


def test_self_time_is_told_of_the_operation_that_takes_it() -> None:
    found = self_times(table(visits(30)), table(visits(30, work=90_000)))

    assert (found[0].component, found[0].operation) == ("cart", "list")
    assert round(found[0].after - found[0].before) == 85_000
    assert all(one.score < 1 for one in found[1:])


def test_waiting_for_a_slow_network_is_no_self_time_of_the_caller() -> None:
    found = self_times(table(visits(30)), table(visits(30, gap=400_000)))

    assert all(one.score < 1 for one in found)


def test_failures_are_told_where_they_begin_and_not_of_those_who_pass_them_on() -> None:
    lines = [(*line[:7], 1) for line in visits(30)]
    lines = [line if line[4] != "query" else (*line[:7], 0) for line in lines]

    found = failing(table(visits(30)), table(lines))

    assert [(one.component, one.operation) for one in found] == [("cart", "list")]
    assert (found[0].before, found[0].after, found[0].onset) == (0.0, 1.0, 1_500)


def test_a_call_that_is_no_longer_made_is_missed_by_its_operation() -> None:
    found = missing_calls(table(visits(40)), table(visits(40, queried=4)))

    assert (found[0].component, found[0].operation, found[0].call) == ("cart", "list", "query")
    assert (found[0].before, found[0].after) == (1.0, 0.1)
    assert found[0].score > 3


def test_another_mix_of_requests_misses_nothing() -> None:
    browse = visits(40)
    search = shifted([(*line[:4], line[4].replace("GET /", "GET /s"), *line[5:]) for line in visits(40, queried=0)])
    healthy, now = table([*browse, *search[:15]]), table([*browse[:20], *search])

    assert missing_calls(healthy, now) == ()


def test_many_spans_of_few_traces_are_little_evidence() -> None:
    def loop(traces: int, each: int, calls: bool) -> list[Line]:
        lines: list[Line] = []
        for trace in range(traces):
            for at in range(each):
                span = (trace * each + at) * 2
                lines.append((trace, span, -1, "seat", "find", 0, 10, 0))
                if calls:
                    lines.append((trace, span + 1, span, "seat", "ask", 0, 5, 0))
        return lines

    few = missing_calls(table(loop(3, 100, True)), table(loop(3, 100, False)))
    many = missing_calls(table(loop(100, 3, True)), table(loop(100, 3, False)))

    assert few[0].score < 3 < many[0].score
