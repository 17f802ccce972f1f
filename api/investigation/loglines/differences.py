"""Put together what was read of the window and of healthy time: templates, rates and steps that were lost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.loglines.rates import Rate, rates_of
from api.investigation.loglines.reading import BUCKETS, Lines, LogReader
from api.investigation.loglines.sequences import LostStep, lost_steps, order_of
from api.investigation.loglines.severity import Severity
from api.investigation.loglines.templates import Template
from api.investigation.loglines.wording import named_in, tells_death, tells_trouble

_Ints = NDArray[np.int64]
_DEATH = 4.0  # score of a new line that says that a process died: one is enough
_WEIGHT = {Severity.WARN: 1.25, Severity.ERROR: 1.5, Severity.FATAL: 2.0}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Templates by number, with the lines of both windows, the rate of each, and the steps that were lost."""

    templates: tuple[Template, ...]
    healthy: Lines
    now: Lines
    rates: tuple[Rate, ...]
    steps: tuple[LostStep, ...]
    peers: tuple[str | None, ...]

    def troubled(self, template: int) -> bool:
        """Tell whether a template says that something went wrong, by its severity or its words."""
        own = self.templates[template]
        return own.severity >= Severity.WARN or tells_trouble(own.example or own.text)

    def is_new(self, template: int) -> bool:
        """Tell whether healthy time has no line of a template."""
        return not self.healthy.counts[template] and bool(self.now.counts[template])

    def is_gone(self, template: int) -> bool:
        """Tell whether the window has no line of a template."""
        return not self.now.counts[template] and bool(self.healthy.counts[template])

    def score(self, template: int) -> float:
        """Return how unusual the rate of a template is, graver lines counting for more; never below zero."""
        own, rate = self.templates[template], self.rates[template]
        weight = _WEIGHT.get(own.severity, 1.0) if rate.score > 0 else 1.0
        floor = _DEATH if self.is_new(template) and tells_death(own.example or own.text) else 0.0
        return max(abs(rate.score) * weight, floor)

    def onset(self, template: int) -> int | None:
        """Return when a change began: a new line's first, a lost one's last, a fuller part of the window's start."""
        rate, window = self.rates[template], self.now.window
        if rate.score < 0:
            return int(self.now.last[template]) if self.now.counts[template] else window.start
        if self.is_new(template):
            return int(self.now.first[template])
        usual = rate.expected / BUCKETS
        full = np.flatnonzero(self.now.buckets[template] > usual + 3 * np.sqrt(usual + 1))
        return window.start + int(full[0]) * (window.end - window.start) // BUCKETS if len(full) else None


def compare(reader: LogReader, components: frozenset[str]) -> Comparison:
    """Compare what was read; `components` are those that a line can name."""
    mined, healthy, now = reader.done()
    names = tuple(template.component for template in mined.templates)
    known = sorted(set(names))
    place = {name: number for number, name in enumerate(known)}
    owner = np.array([place[name] for name in names], dtype=np.int64)
    before, present = order_of(healthy, owner), order_of(now, owner)
    every = components | frozenset(known)
    return Comparison(
        mined.templates, healthy, now,
        rates_of(healthy, now, before, present, owner),
        tuple(
            step
            for step in lost_steps(before, present, names, len(names))
            if mined.templates[step.then].severity < Severity.ERROR  # an error that is no longer written is no loss
        ),
        tuple(named_in(one.example, every, one.component) for one in mined.templates),
    )  # fmt: skip
