"""What the moves of a component come to, in numbers."""

import numpy as np
import pytest

from api.investigation.incidents import Symptom
from api.investigation.series.profile import ComponentMoves, moves, rank_likeness
from api.investigation.signals import Signal
from api.investigation.telemetry import Series
from api.investigation.windows import SECOND, Window

MINUTE = 60 * SECOND
WINDOW = Window(500 * MINUTE, 510 * MINUTE)
RISING = [10.0, 10.1, 10.2, 30.0, 40.0, 50.0, 60.0, 61.0, 62.0, 63.0]
SYMPTOM = Symptom("slow", component="front", metric="latency_ms", rising=True)


def healthy(component: str, metric: str = "latency_ms") -> Series:
    return Series(component, metric, np.arange(60, dtype=np.int64) * MINUTE, np.tile([9.5, 10.0, 10.5], 20))


def inside(component: str, values: list[float], metric: str = "latency_ms") -> Series:
    times = WINDOW.start + np.arange(len(values), dtype=np.int64) * MINUTE
    return Series(component, metric, times, np.array(values))


def profiled(*now: Series, symptom: Symptom = SYMPTOM) -> dict[str, ComponentMoves]:
    before = [healthy(one.component, one.metric) for one in now]
    return {one.component: one for one in moves(before, now, WINDOW, symptom)}


def test_a_component_that_rose_has_score_effect_ratio_and_onset() -> None:
    cart = profiled(inside("cart", RISING))["cart"]

    move = cart.of(Signal.LATENCY)
    assert move is not None
    assert move.score > 3
    assert move.effect == pytest.approx(52.0)
    assert move.log_ratio == pytest.approx(np.log(6.2))
    assert cart.onset == WINDOW.start + 3 * MINUTE


def test_a_component_as_always_has_no_onset_and_is_not_notable() -> None:
    cart = profiled(inside("cart", [10.0] * 10))["cart"]

    assert cart.strength < 1
    assert cart.onset is None


def test_a_fall_of_what_is_worse_high_counts_half() -> None:
    move = profiled(inside("cart", [0.5] * 10))["cart"].of(Signal.LATENCY)

    assert move is not None
    assert move.strength == pytest.approx(-move.score / 2)


def test_only_what_goes_like_the_symptom_is_like_it() -> None:
    found = profiled(inside("front", RISING), inside("cart", RISING), inside("ads", RISING[::-1]))

    assert found["cart"].likeness == pytest.approx(1.0)
    assert found["ads"].likeness < 0


def test_without_a_symptom_nothing_is_like_it() -> None:
    assert profiled(inside("cart", RISING), symptom=Symptom("something is wrong"))["cart"].likeness == 0.0


def test_a_series_that_leads_the_symptom_is_more_like_it_than_one_that_follows() -> None:
    wave = [0.0, 3.0, 1.0, 8.0, 2.0, 9.0, 4.0, 7.0, 5.0, 6.0, 0.5, 3.5]
    early, late = inside("a", wave[2:]), inside("b", wave[:-2])

    assert rank_likeness(early, late) == pytest.approx(1.0)
    assert rank_likeness(late, early) < 0.9


def test_fewer_than_five_points_in_common_are_no_likeness() -> None:
    assert rank_likeness(inside("a", [1.0, 2.0, 3.0, 4.0]), inside("b", [1.0, 2.0, 3.0, 4.0])) == 0.0


def test_a_constant_series_is_like_nothing() -> None:
    assert rank_likeness(inside("a", [1.0] * 8), inside("b", [float(n) for n in range(8)])) == 0.0
