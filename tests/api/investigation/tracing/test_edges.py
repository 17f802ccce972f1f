"""Calls that appear, vanish, multiply or lose their callee's span are told; what stays the same is not."""

from api.investigation.tracing.edges import EdgeChanges, edge_changes, unanswered
from tests.api.investigation.tracing.spanning import Line, shifted, table, visits


def asks(count: int, *, times: int = 1, callee: str = "cart", answered: int | None = None) -> list[Line]:
    lines: list[Line] = []
    for at in range(count):
        first = 100 * at
        lines.append((at, first, -1, "shop", "GET /", 1_000 * at, 900, 0))
        for call in range(times):
            lines.append((at, first + 2 * call + 1, first, "shop", f"call {callee}", 1_000 * at + call, 10, 0))
            if answered is None or at < answered:
                lines.append((at, first + 2 * call + 2, first + 2 * call + 1, callee, "list", 1_000 * at + call, 5, 0))
    return lines


def test_the_same_calls_are_no_change() -> None:
    healthy, now = table(visits(30)), table(shifted(visits(30)))

    assert edge_changes(healthy, now) == EdgeChanges((), (), ())
    assert unanswered(healthy, now) == ()


def test_calls_to_another_component_are_new_and_the_old_ones_gone() -> None:
    healthy, now = table(asks(20)), table(asks(20, callee="basket"))

    assert [(one.caller, one.callee, one.healthy, one.count) for one in edge_changes(healthy, now).new] == [
        ("shop", "basket", 0, 20)
    ]
    assert [(one.caller, one.callee, one.healthy, one.count) for one in edge_changes(healthy, now).gone] == [
        ("shop", "cart", 20, 0)
    ]


def test_more_calls_a_request_are_fan_out_whatever_the_load() -> None:
    found = edge_changes(table(asks(40)), table(asks(20, times=12))).moved

    assert [(one.caller, one.callee, one.made, one.makes) for one in found] == [("shop", "cart", 1.0, 12.0)]
    assert found[0].score > 0


def test_a_caller_without_the_spans_of_its_callee_is_unanswered() -> None:
    found = unanswered(table(asks(30)), table(asks(30, answered=3)))

    assert [(one.operation, one.callee, one.before, one.after) for one in found] == [("call cart", "cart", 1.0, 0.1)]


def test_few_requests_say_nothing() -> None:
    assert edge_changes(table(asks(3)), table(asks(3, callee="basket"))).new == ()
    assert unanswered(table([]), table(asks(30))) == ()
    assert edge_changes(table(asks(30)), table([])).moved == ()
