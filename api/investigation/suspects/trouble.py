"""What the trouble says of itself: its texts, the metrics that moved, the kinds of fault, and when it began."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from api.investigation.faults import FaultKind
from api.investigation.loglines.differences import Comparison, compare
from api.investigation.loglines.masking import parameters
from api.investigation.loglines.reading import LogReader
from api.investigation.loglines.severity import Severity
from api.investigation.loglines.wording import kinds_in
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget
from api.investigation.series.moves import Move, moves
from api.investigation.series.naming import Worse
from api.investigation.signals import Signal
from api.investigation.telemetry import LogLines, Series

NOTABLE = 3.0
"""Score from which a move or a new line counts."""

_TEXTS = 20  # lines of trouble that are read
_METRICS = 20  # metrics that moved most
_KINDS = {
    Signal.CPU: FaultKind.CPU, Signal.MEMORY: FaultKind.MEMORY, Signal.DISK: FaultKind.DISK,
    Signal.LATENCY: FaultKind.DEPENDENCY_SLOW, Signal.OUTGOING_LATENCY: FaultKind.DEPENDENCY_SLOW,
    Signal.SATURATION: FaultKind.QUEUE_LAG,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Telling:
    """One text of the trouble: an alert, a line that healthy time does not have so often, the name of a metric.

    `varying` are the parts of it that other lines of the same template have otherwise.
    """

    source: SourceClass
    component: str | None
    text: str
    first: int | None
    count: int
    score: float
    new: bool = False
    varying: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trouble:
    """All that the trouble says; `began` is None where nothing tells it. `healthy` are series before, `now` in it."""

    tellings: tuple[Telling, ...]
    kinds: frozenset[FaultKind]
    began: int | None
    began_by: str
    moves: tuple[Move, ...]
    healthy: tuple[Series, ...]
    now: tuple[Series, ...]

    @property
    def lines(self) -> tuple[Telling, ...]:
        """Its lines of logs, most unusual first."""
        return tuple(one for one in self.tellings if one.source is SourceClass.LOG)


def trouble_of(brief: Brief) -> Trouble:
    """Read metrics and logs of the window and of healthy time, within the budget."""
    symptom, window = brief.incident.symptom, brief.incident.window
    baseline = brief.baseline(SourceClass.METRIC)
    now = tuple(_within(brief.telemetry.series(window), brief.budget))
    healthy = tuple(_within(brief.telemetry.series(baseline), brief.budget)) if baseline else ()
    before = {(one.component, one.metric): one for one in healthy}
    pairs = [(before[key], one) for one in now if (key := (one.component, one.metric)) in before]
    moved = tuple(
        sorted(
            (one for one in moves(pairs, window) if one.badness >= NOTABLE),
            key=lambda one: (-one.badness, one.series.component, one.series.metric),
        )
    )
    words = " ".join(filter(None, (symptom.text, symptom.alert, symptom.metric)))
    tellings = [
        Telling(SourceClass.HUMAN, symptom.component, words, None, 1, NOTABLE),
        *_lines(brief),
        *(
            Telling(SourceClass.METRIC, one.series.component, one.series.metric, one.onset, 1, one.badness)
            for one in moved[:_METRICS]
        ),
    ]
    began, by = _began(brief, tellings, moved)
    return Trouble(tuple(tellings), _kinds(tellings, moved, symptom.component), began, by, moved, healthy, now)


def _lines(brief: Brief) -> list[Telling]:
    compared = _compared(brief)
    if compared is None:
        return []
    ranked = sorted(range(len(compared.templates)), key=lambda one: (-round(compared.score(one), 6), one))
    found: list[Telling] = []
    for one in ranked:
        template = compared.templates[one]
        rising = compared.rates[one].score > 0 or compared.is_new(one)
        if not (compared.troubled(one) and compared.now.counts[one] and rising) or template.severity == Severity.DEBUG:
            continue
        text = template.example or template.text
        count, score = int(compared.now.counts[one]), compared.score(one)
        onset = compared.onset(one)
        varies = {(place.place, place.kind) for place in template.varying}
        other = frozenset(own.value for place, own in enumerate(parameters(text)) if (place, own.kind) in varies)
        component = template.component
        found.append(Telling(SourceClass.LOG, component, text, onset, count, score, compared.is_new(one), other))
    return found[:_TEXTS]


def _compared(brief: Brief) -> Comparison | None:
    window, baseline = brief.incident.window, brief.baseline(SourceClass.LOG)
    reader = LogReader(baseline or window, window)
    for side, span in ((1, window), (0, baseline)):
        if span is not None:
            for batch in _rows(brief.telemetry.logs(span), brief.budget):
                reader.add(batch, side)
    return compare(reader, frozenset(brief.incident.components)) if reader.rows[1] else None


def _began(brief: Brief, tellings: Iterable[Telling], moved: Iterable[Move]) -> tuple[int | None, str]:
    """Return when the trouble began: the symptom's own metric or the first new lines of trouble, what is earlier."""
    symptom = brief.incident.symptom
    starts = [(one.first, f"the first line {one.text[:80]!r}") for one in tellings if _tells_start(one)]
    at_symptom = [one for one in moved if one.series.component == symptom.component]
    own = [one for one in at_symptom if one.series.metric == symptom.metric] or at_symptom
    starts += [(one.onset, f"{one.series.metric} of {one.series.component}") for one in own]
    known = sorted((at, by) for at, by in starts if at is not None)
    return known[0] if known else (None, "nothing")


def _tells_start(one: Telling) -> bool:
    return one.source is SourceClass.LOG and one.new and one.score >= NOTABLE


def _kinds(tellings: Iterable[Telling], moved: Iterable[Move], component: str | None) -> frozenset[FaultKind]:
    said = {kind for one in tellings if one.source is not SourceClass.METRIC for kind in kinds_in(one.text)}
    own = [one for one in moved if one.series.component == component and one.meaning.worse is not Worse.EITHER]
    return frozenset(said | {_KINDS[one.meaning.signal] for one in own if one.meaning.signal in _KINDS})


def points(series: Iterable[Series]) -> int:
    """Return how many points some series hold."""
    return int(sum(np.size(one.values) for one in series))


def _within(series: Iterable[Series], budget: Budget) -> Iterator[Series]:
    for one in series:
        if not budget.allows(len(one.times)):
            return
        yield one


def _rows(batches: Iterator[LogLines], budget: Budget) -> Iterator[LogLines]:
    for batch in batches:
        if not budget.allows(len(batch)):
            return
        yield batch
