"""Log lines counted by component and template, and the order of events inside spans: two stretches compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from api.investigation.loglines.masking import masked
from api.investigation.loglines.severity import Severity, severity_of
from api.investigation.telemetry import LogLines

MOST_TEMPLATES = 5_000
"""Templates of one component; lines of further ones are counted together, and that is told."""

OTHERS = "(lines of further templates)"
START, END = "(span begins)", "(span ends)"


@dataclass(slots=True)
class Tally:
    """Lines of one template of one component: how many, first and last seen, its worst severity, an example."""

    count: int = 0
    first: int = 0
    last: int = 0
    severity: Severity = Severity.UNKNOWN
    example: str = ""


@dataclass(slots=True)
class Counted:
    """What was counted of one stretch: tallies by component and template, events by span."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    events: dict[int, list[tuple[int, str, str, bool]]] = field(default_factory=lambda: defaultdict(list))
    lines: int = 0
    overflowed: int = 0
    textless: int = 0
    templates: Counter[str] = field(default_factory=Counter)


def counted(batches: Iterable[LogLines]) -> Counted:
    """Count lines; a line without text is known by its origin."""
    found = Counted()
    for batch in batches:
        _count(found, batch)
    return found


def _count(found: Counted, batch: LogLines) -> None:
    texts = batch.text or ("",) * len(batch)
    severities = [severity_of(name) for name in batch.names] + [Severity.UNKNOWN]
    rows = zip(
        batch.time.tolist(), batch.component.tolist(), batch.severity.tolist(), batch.origin.tolist(),
        batch.span.tolist(), batch.count.tolist(), texts, strict=True,
    )  # fmt: skip
    for at, component, severity, origin, span, count, text in rows:
        name = batch.names[component] if component >= 0 else ""
        place = batch.names[origin] if origin >= 0 else ""
        template = place or masked(text)
        worst = severities[severity]
        _add(found, name, template, at, worst, count, text)
        if span != -1 and template:
            found.events[span].append((at, name, template, worst >= Severity.ERROR))
        found.lines += count
        found.textless += not text


def _add(found: Counted, name: str, template: str, at: int, severity: Severity, count: int, text: str) -> None:
    key = (name, template)
    tally = found.tallies.get(key)
    if tally is None:
        if found.templates[name] >= MOST_TEMPLATES:
            found.overflowed += count
            key = (name, OTHERS)
            tally = found.tallies.setdefault(key, Tally(first=at))
        else:
            found.templates[name] += 1
            tally = found.tallies[key] = Tally(first=at, example=text[:400])
    tally.count += count
    tally.first, tally.last = min(tally.first, at), max(tally.last, at)
    tally.severity = max(tally.severity, severity)
    if not tally.example and text:
        tally.example = text[:400]


Begun = Mapping[int, tuple[str, str]]
"""Of each span its component and operation."""


@dataclass(frozen=True, slots=True)
class Steps:
    """How often each event is followed by each: by component and event, the next ones with their counts.

    `errors` are the events that were ever written as an error.
    """

    following: Mapping[tuple[str, str], Counter[str]]
    errors: frozenset[tuple[str, str]]


def steps(events: Mapping[int, list[tuple[int, str, str, bool]]], begun: Begun) -> Steps:
    """Return what follows what inside spans; a span's operation is its first event, and its end the last."""
    following: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    errors: set[tuple[str, str]] = set()
    for span in sorted({*events, *begun}):
        own = sorted(events.get(span, ()), key=lambda one: one[0])
        component, operation = begun.get(span, (own[0][1] if own else "", ""))
        chain = [f"{START} {operation}"] if operation else []
        for _, name, template, failed in own:
            if name == component:
                chain.append(template)
                if failed:
                    errors.add((name, template))
        for one, following_one in zip(chain, [*chain[1:], END], strict=True):
            following[component, one][following_one] += 1
    return Steps(following, frozenset(errors))


def rates_of(found: Counted) -> dict[str, int]:
    """Return how many lines each component wrote."""
    totals: dict[str, int] = defaultdict(int)
    for (name, _), tally in found.tallies.items():
        totals[name] += tally.count
    return dict(totals)


def log_ratio(before: float, after: float) -> float:
    """Return the natural logarithm of how many times more there are now, one added to each."""
    return float(np.log((after + 1.0) / (before + 1.0)))
