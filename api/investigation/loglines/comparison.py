"""What changed in the lines of each component: steps no longer taken, lines that are new, gone or more frequent."""

import math
from dataclasses import dataclass

from api.investigation.loglines.counting import END, OTHERS, START, Counted, Steps, rates_of
from api.investigation.loglines.severity import Severity
from api.investigation.tracing.proportions import fall

_FEWEST = 3  # spans in which an event was seen, for what follows it to be known


@dataclass(frozen=True, slots=True)
class Broken:
    """An event that is usually followed by another one and no longer is: shares, counts, score.

    The score is the fall in standard errors, times the share that was lost: a step that was always taken and never is
    now says more than many that are taken a little less.
    """

    component: str
    event: str
    next: str
    before: float
    after: float
    healthy: int
    count: int
    score: float
    instead: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template whose rate changed: counts in both stretches, severity, an example, score."""

    component: str
    template: str
    before: int
    after: int
    severity: Severity
    example: str
    first: int
    score: float


def broken_steps(healthy: Steps, now: Steps) -> tuple[Broken, ...]:
    """Return steps that are taken less often than in healthy time, most first.

    An error that is no longer written, and a span that no longer ends without a line, are no loss.
    """
    found: list[Broken] = []
    for (component, event), usual in healthy.following.items():
        present = now.following.get((component, event))
        of, of_now = sum(usual.values()), sum(present.values()) if present else 0
        if present is None or of < _FEWEST or of_now < _FEWEST or (component, event) in healthy.errors:
            continue
        for following, count in usual.items():
            if (component, following) in healthy.errors or (following == END and event.startswith(START)):
                continue
            lost = count / of - present[following] / of_now
            score = lost * fall(count, of, present[following], of_now)
            if lost > 0 and score > 0:
                instead = max(present, key=lambda one: (present[one], one))
                found.append(
                    Broken(
                        component, event, following, count / of, present[following] / of_now, of, of_now, score,
                        instead,
                    )
                )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.score, one.component, one.event, one.next)))


def changed_templates(healthy: Counted, now: Counted, seconds: tuple[float, float]) -> tuple[Template, ...]:
    """Return templates that come more or less often than in healthy time, most first; negative scores for fewer.

    Counts are compared within the component's own lines, since load drifts: a template is expected at its healthy
    share of what the component writes now. The score is the signed root of twice the Poisson log likelihood ratio.
    `seconds` are the lengths of both stretches.
    """
    totals_before, totals_now = rates_of(healthy), rates_of(now)
    found: list[Template] = []
    for key in sorted({*healthy.tallies, *now.tallies}):
        component, template = key
        if template == OTHERS:
            continue
        before = healthy.tallies[key].count if key in healthy.tallies else 0
        after = now.tallies[key].count if key in now.tallies else 0
        total = totals_before.get(component, 0)
        own = totals_now.get(component, 0)
        # A component that wrote nothing before is compared by time alone.
        scale = own / total if total else seconds[1] / seconds[0]
        expected = max((before + 0.5) * scale, 0.25)
        tally = now.tallies.get(key) or healthy.tallies[key]
        score = math.copysign(_deviance(after, expected), after - expected)
        found.append(Template(component, template, before, after, tally.severity, tally.example, tally.first, score))
    return tuple(sorted(found, key=lambda one: (-abs(one.score), one.component, one.template)))


def _deviance(count: int, expected: float) -> float:
    likelihood = count * math.log(count / expected) - (count - expected) if count else expected
    return math.sqrt(max(0.0, 2.0 * likelihood))
