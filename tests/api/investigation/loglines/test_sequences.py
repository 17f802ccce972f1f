"""Steps that code no longer takes."""

import numpy as np

from api.investigation.loglines.reading import Lines
from api.investigation.loglines.sequences import difference, discounted, lost_steps, order_of
from api.investigation.windows import Window

OWNER = np.zeros(3, dtype=np.int64)


def lines(units: list[list[int]]) -> Lines:
    event = np.array([one for unit in units for one in unit], dtype=np.int64)
    unit = np.array([number for number, unit in enumerate(units) for _ in unit], dtype=np.int64)
    none = np.zeros(3, dtype=np.int64)
    return Lines(Window(0, 100), none, none, none, none, unit, event, np.arange(len(event)))


def test_a_step_that_is_never_taken_any_more_is_lost() -> None:
    healthy = order_of(lines([[0, 1, 2]] * 10), OWNER)
    now = order_of(lines([[0, 1]] * 10), OWNER)

    found = lost_steps(healthy, now, ("shop",) * 3, 3)

    assert [(one.before, one.then, one.kept_healthy, one.kept) for one in found] == [(1, 2, 10, 0)]
    assert found[0].score > 3
    assert found[0].onset == 1


def test_the_same_steps_are_no_loss_whatever_their_number() -> None:
    healthy = order_of(lines([[0, 1, 2]] * 10), OWNER)
    now = order_of(lines([[0, 1, 2]] * 70), OWNER)

    assert lost_steps(healthy, now, ("shop",) * 3, 3) == ()


def test_the_loss_of_few_cases_is_told_with_caution() -> None:
    assert difference(4, 4, 0, 4) < difference(40, 40, 0, 40) <= 1


def test_a_caller_is_discounted_when_its_callee_lost_as_much() -> None:
    assert discounted({"web": 4.0, "cart": 4.0}, {"web": ["cart"]}) == {"web": 2.0, "cart": 4.0}
