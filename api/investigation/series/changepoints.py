"""Since when a series has been away from its baseline: the start of the first lasting departure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ALLOWED = 0.75  # robust units that count as staying: Page's reference value, half of the smallest shift looked for
_ALARM = 3.0  # robust units summed up that count as having left
_CLIP = 2.0  # robust units that one point can add, so that an outlier alone raises no alarm


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The first point of a departure, in microseconds, and how much earlier it may have begun: the step before it."""

    at: int
    step: int


def first_change(times: NDArray[np.int64], deviations: NDArray[np.float64]) -> ChangePoint | None:
    """Return where `deviations` (n,), in robust units from the baseline and positive where it moved to, first leave.

    A one-sided CUSUM over clipped deviations (Page, "Continuous inspection schemes", 1954): the change is the point
    after the sum was last zero before the alarm. With no alarm the largest point is it, where it alone would be one:
    in a window of a few points nothing can last. None where nothing left. Missing points are passed over.
    """
    there = np.isfinite(deviations)
    instants, away = times[there], deviations[there]
    if not len(away) or float(away.max()) < _ALARM:
        return None
    added = np.minimum(away, _CLIP) - _ALLOWED
    total = np.cumsum(added)
    # The CUSUM that restarts at zero is the running sum less its own running minimum.
    lowest = np.minimum.accumulate(np.concatenate([[0.0], total]))[:-1]
    summed = np.maximum(0.0, total - lowest)
    alarms = np.flatnonzero(summed >= _ALARM)
    if len(alarms):
        zeros = np.flatnonzero(summed[: alarms[0]] == 0.0)
        place = int(zeros[-1]) + 1 if len(zeros) else 0
    else:
        place = int(np.argmax(away))
    return ChangePoint(int(instants[place]), _step(instants, place))


def _step(instants: NDArray[np.int64], place: int) -> int:
    if place:
        return int(instants[place] - instants[place - 1])
    return int(np.median(np.diff(instants))) if len(instants) > 1 else 0
