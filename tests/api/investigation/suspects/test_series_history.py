"""Series over healthy time and the window: a slow rise and its turn."""

import numpy as np

from api.investigation.suspects.series_history import History
from api.investigation.telemetry import Series

MINUTE = 60_000_000


def of(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[History, Series]:
    times = np.arange(len(values), dtype=np.int64) * MINUTE
    half = len(values) // 2
    healthy, now = (Series("reco", "memory_mb", times[part], values[part]) for part in (slice(half), slice(half, None)))
    history = History([healthy], [now])
    return history, history.of("reco", "memory_mb")


def test_a_steady_rise_is_found_with_its_turn() -> None:
    noise = np.resize([0.0, 1.0, -1.0, 0.5], 150)
    history, series = of(np.concatenate([np.full(30, 200.0), 200 + 2.0 * np.arange(120)]) + noise)
    since = history.rises_since(series, 149 * MINUTE)

    assert since is not None
    assert abs(since - 30 * MINUTE) <= 4 * MINUTE


def test_noise_a_step_and_too_few_points_are_no_slow_rise() -> None:
    noise = np.resize([0.0, 5.0, -5.0, 2.5], 120)

    for values in (200 + noise, np.where(np.arange(120) < 100, 200.0, 400.0) + noise, np.arange(10.0), noise * np.nan):
        history, series = of(values)
        assert history.rises_since(series, 119 * MINUTE) is None
