"""What the metrics of each component did, in numbers: scores, effects, onset and likeness to the symptom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.incidents import Symptom
from api.investigation.series.naming import Worse, meaning_of
from api.investigation.series.scoring import Shift, shifts
from api.investigation.signals import Signal
from api.investigation.telemetry import Series
from api.investigation.windows import Window

NOTABLE = 3.0
"""Score from which a component counts as unusual."""

_BETTER = 0.5  # what a move to the better side counts: fewer requests can mean trouble, less latency rarely does
_SHARED = 0.5  # what a metric of the whole machine counts on a component
_FEWEST_SHARED = 5  # points that two series need in common for a likeness
_MOST_LAG = 2  # points by which one may follow the other


@dataclass(frozen=True, slots=True)
class SignalMove:
    """The strongest shift of one signal: signed `score`, `strength` as trouble (zero or more), `effect` in its unit.

    `log_ratio` is the logarithm of the sustained value over the healthy middle, 0 where either is not above zero.
    """

    signal: Signal
    metric: str
    score: float
    strength: float
    effect: float
    log_ratio: float
    onset: int | None


@dataclass(frozen=True, slots=True)
class ComponentMoves:
    """What the metrics of one component did, a move per signal, strongest first.

    `likeness` is the largest rank correlation, from -1 to 1, of one of its series of the symptom's signal with the
    symptom's series, at a lag of at most two points; 0 where there are fewer than five points in common or no symptom.
    """

    component: str
    moves: tuple[SignalMove, ...]
    likeness: float

    @property
    def strength(self) -> float:
        """How unusual its strongest move is."""
        return max((one.strength for one in self.moves), default=0.0)

    @property
    def onset(self) -> int | None:
        """The first change point of a notable move, in microseconds."""
        return min((one.onset for one in self.moves if one.strength >= NOTABLE and one.onset is not None), default=None)

    def of(self, signal: Signal) -> SignalMove | None:
        """Return the move of one signal, None where no such metric could be compared."""
        return next((one for one in self.moves if one.signal is signal), None)


def moves(
    healthy: Iterable[Series], inside: Iterable[Series], window: Window, symptom: Symptom
) -> tuple[ComponentMoves, ...]:
    """Return what the metrics of each component did, by name of component."""
    before = {(one.component, one.metric): one for one in healthy}
    now = {(one.component, one.metric): one for one in inside}
    found = shifts(((before[key], one) for key, one in sorted(now.items()) if key in before), window)
    own: dict[str, list[Shift]] = defaultdict(list)
    for shift in found:
        own[shift.series.component].append(shift)
    likenesses = _likenesses(found, symptom)
    return tuple(ComponentMoves(name, _by_signal(own[name]), likenesses.get(name, 0.0)) for name in sorted(own))


def strength(shift: Shift) -> float:
    """Return the size of a shift as a sign of trouble: the better side counts half, a machine's metric half."""
    worse = shift.meaning.worse
    better = (worse is Worse.UP and shift.score < 0) or (worse is Worse.DOWN and shift.score > 0)
    return abs(shift.score) * (_BETTER if better else 1.0) * (_SHARED if shift.meaning.host else 1.0)


def _by_signal(own: Iterable[Shift]) -> tuple[SignalMove, ...]:
    groups: dict[Signal, list[Shift]] = defaultdict(list)
    for shift in own:
        groups[shift.meaning.signal].append(shift)
    strongest = [min(group, key=lambda one: (-strength(one), one.series.metric)) for group in groups.values()]
    ordered = sorted(strongest, key=lambda one: (-strength(one), one.meaning.signal.value))
    return tuple(
        SignalMove(
            signal=one.meaning.signal,
            metric=one.series.metric,
            score=one.score,
            strength=strength(one),
            effect=one.effect,
            log_ratio=_log_ratio(one.baseline.middle, one.baseline.middle + one.effect),
            onset=None if one.change is None else one.change.at,
        )
        for one in ordered
    )


def _log_ratio(before: float, after: float) -> float:
    return float(np.log(after / before)) if before > 0 and after > 0 else 0.0


def _likenesses(found: Sequence[Shift], symptom: Symptom) -> Mapping[str, float]:
    """Return each component's largest likeness to the symptom's series, among series of the same signal."""
    if symptom.component is None or symptom.metric is None:
        return {}
    signal = meaning_of(symptom.metric).signal
    same = [one for one in found if one.meaning.signal is signal]
    seen = [one for one in same if one.series.component == symptom.component]
    if not seen:
        return {}
    shown = max(seen, key=lambda one: (one.series.metric == symptom.metric, strength(one), one.series.metric)).series
    likeness: dict[str, float] = {}
    for one in same:
        value = rank_likeness(one.series, shown)
        name = one.series.component
        likeness[name] = max(value, likeness.get(name, -1.0))
    return likeness


def rank_likeness(first: Series, second: Series) -> float:
    """Return the largest Spearman correlation of two series with `first` up to two points ahead, 0 for too few points.

    A cause does not follow its symptom, so only leads and no lags of `first` count.
    """
    _, here, there = np.intersect1d(first.times, second.times, return_indices=True)
    one, other = first.values[here], second.values[there]
    found = [_spearman(one[: len(one) - lag], other[lag:]) for lag in range(min(_MOST_LAG, len(one)) + 1)]
    known = [value for value in found if value is not None]
    return max(known, default=0.0)


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    there = np.isfinite(first) & np.isfinite(second)
    if int(there.sum()) < _FEWEST_SHARED:
        return None
    ranks = np.vstack([_ranks(first[there]), _ranks(second[there])])
    ranks -= ranks.mean(axis=1, keepdims=True)
    size = float(np.sqrt((ranks**2).sum(axis=1).prod()))
    return float((ranks[0] * ranks[1]).sum()) / size if size else 0.0


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 0, equal values sharing their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts + 1) / 2)[place], dtype=np.float64)
