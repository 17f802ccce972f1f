"""Whether the evidence suffices for an ask: by its calibrated probability, else by a plain rule over names and words.

The rule's thresholds were set on the dev half of the questions; it judges alone where no calibration fits the index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from api.answering.answer import Outcome
from api.answering.asks import Ask
from api.answering.evidence import Evidence, is_about
from api.answering.units import Unit

ENOUGH = 0.5
"""Share of the ask's weighted content words that the cited section must hold."""

ENOUGH_IF_NEAR = 0.4
"""The same where the section's passage is also close in meaning."""

NEAR = 0.55
"""Cosine of question and passage from which they count as close (all-MiniLM-L6-v2)."""

NO_ACTION = 0.7
"""What coverage is multiplied by where "how do I rotate …" meets a section that never says "rotate"."""

_TRIED = 6  # sections looked at


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about one ask: its evidence, or None where nothing suffices, and what is missing.

    `judged` is the evidence that was looked at first, sufficient or not; `units` say what the evidence says, in its
    order. `vetoed` says that a name asked for is in no candidate. `probability` is that the evidence's document is
    the right one, None where no calibration fits; `earned` is the outcome that this earns, by the stated costs.
    """

    ask: Ask
    evidence: Evidence | None
    missing: tuple[str, ...]
    reason: str
    units: tuple[Unit, ...] = ()
    probability: float | None = None
    earned: Outcome | None = None
    judged: Evidence | None = None
    vetoed: bool = False


class Assessor(Protocol):
    """What tells how likely a piece of evidence is the right one, where that was calibrated."""

    def probability(self, evidence: Evidence) -> float | None:
        """Return the probability that the evidence's document is the right one, or None."""

    def outcome(self, probability: float) -> Outcome:
        """Return the outcome that a probability earns."""


def judge(
    ask: Ask, evidence: Sequence[Evidence], select: Callable[[Evidence], tuple[Unit, ...]], assessor: Assessor
) -> Verdict:
    """Return the best evidence with the units that `select` takes from it, or say what is missing.

    A name that the question states and no candidate document holds is a veto, however alike the rest is.
    """
    candidates = list(evidence[:_TRIED])
    if not candidates:
        return Verdict(ask, None, (ask.text,), "no passage matches the question")
    holding = [found for found in candidates if not found.absent]
    vetoed = bool(ask.identifiers) and not holding
    first = min(candidates, key=lambda found: len(found.absent)) if vetoed else (holding or candidates)[0]
    probability = assessor.probability(first)
    if vetoed:
        earned = None if probability is None else assessor.outcome(probability)
        verdict = _without_name(ask, first, select, earned)
    elif probability is None:
        verdict = _by_rule(ask, holding or candidates, select)
    else:
        verdict = _by_probability(ask, first, select, assessor.outcome(probability))
    return replace(verdict, judged=first, vetoed=vetoed, probability=probability)


def _by_probability(
    ask: Ask, best: Evidence, select: Callable[[Evidence], tuple[Unit, ...]], earned: Outcome
) -> Verdict:
    """Judge by what the first evidence's probability earns."""
    path = best.hit.stored.document.path
    units = select(best) if earned is not Outcome.ABSTAINED else ()
    if not units:
        reason = f"no document is likely enough to be about this; {path} comes nearest{_but(ask, best)}"
        return Verdict(ask, None, _lacking(ask, best), reason, (), earned=Outcome.ABSTAINED)
    if earned is Outcome.PARTIAL:
        reason = f"{path} comes nearest and may be about something else{_but(ask, best)}"
        return Verdict(ask, best, _lacking(ask, best), reason, units, earned=earned)
    return Verdict(ask, best, (), f"{path} covers what is asked", units, earned=earned)


def _by_rule(ask: Ask, chosen: Sequence[Evidence], select: Callable[[Evidence], tuple[Unit, ...]]) -> Verdict:
    """Judge by the plain rule, where no calibration fits the index."""
    for found in chosen:
        if suffices(found) and (units := select(found)):
            return Verdict(ask, found, (), f"{found.hit.stored.document.path} covers what is asked", units)
    best = max(chosen, key=lambda found: found.coverage)
    lacking = _lacking(ask, best)
    return Verdict(ask, None, lacking, f"the nearest documents do not speak of {_listed(lacking)}")


def _without_name(
    ask: Ask, best: Evidence, select: Callable[[Evidence], tuple[Unit, ...]], earned: Outcome | None
) -> Verdict:
    """Judge an ask of whose names no candidate holds all; `best` holds most of them.

    However likely its document is, the answer is at best partial, and says which names it lacks.
    """
    absent = best.absent
    some = len(absent) < len(ask.identifiers) and suffices(best) if earned is None else earned is not Outcome.ABSTAINED
    if some and (units := select(best)):
        reason = f"{best.hit.stored.document.path} comes nearest and does not mention {', '.join(absent)}"
        return Verdict(ask, best, absent, reason, units, earned=Outcome.PARTIAL)
    return Verdict(ask, None, absent, f"no document that fits mentions {', '.join(absent)}", earned=Outcome.ABSTAINED)


def suffices(found: Evidence) -> bool:
    """Tell whether evidence passes the plain rule over identifiers and content words."""
    if found.ask.alert and is_about(found.ask, found.section):
        return True
    if not found.ask.terms:
        return bool(found.ask.identifiers) or found.cosine >= NEAR
    coverage = found.coverage
    if found.ask.action is not None and found.ask.action not in found.stems:
        coverage *= NO_ACTION
    return coverage >= ENOUGH or (coverage >= ENOUGH_IF_NEAR and found.cosine >= NEAR)


def _but(ask: Ask, best: Evidence) -> str:
    lacking = _lacking(ask, best)
    return "" if lacking == (ask.text,) else f": it says nothing of {_listed(lacking)}"


def _lacking(ask: Ask, best: Evidence) -> tuple[str, ...]:
    """Return the heaviest words of the ask that the best section lacks; the whole ask where it lacks none."""
    lacking = [term for term in ask.terms if term.stem not in best.stems]
    lacking.sort(key=lambda term: -term.weight)
    return tuple(f"“{term.word}”" for term in lacking[:4]) or (ask.text,)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
