"""Whether the evidence suffices for an ask: a plain first rule over identifiers and content words.

The thresholds were set on the dev half of the questions (see the README's table); fused scores play no part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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

    `units` say what the evidence says, in its order.
    """

    ask: Ask
    evidence: Evidence | None
    missing: tuple[str, ...]
    reason: str
    units: tuple[Unit, ...] = ()


def judge(ask: Ask, evidence: Sequence[Evidence], select: Callable[[Evidence], tuple[Unit, ...]]) -> Verdict:
    """Return the first sufficient evidence with the units that `select` takes from it, or say what is missing.

    A name that the question states and no candidate document holds is a veto, however alike the rest is.
    """
    candidates = list(evidence[:_TRIED])
    if not candidates:
        return Verdict(ask, None, (ask.text,), "no passage matches the question")
    holding = [found for found in candidates if not found.absent]
    if ask.identifiers and not holding:
        return _without_name(ask, candidates, select)
    for found in holding or candidates:
        if _suffices(found) and (units := select(found)):
            return Verdict(ask, found, (), f"{found.hit.stored.document.path} covers what is asked", units)
    best = max(holding or candidates, key=lambda found: found.coverage)
    lacking = _lacking(ask, best)
    return Verdict(ask, None, lacking, f"the nearest documents do not speak of {', '.join(lacking)}")


def _without_name(ask: Ask, candidates: Sequence[Evidence], select: Callable[[Evidence], tuple[Unit, ...]]) -> Verdict:
    """Judge an ask of whose names none of the candidates holds all."""
    best = min(candidates, key=lambda found: len(found.absent))
    absent = best.absent
    if len(absent) < len(ask.identifiers) and _suffices(best) and (units := select(best)):
        return Verdict(ask, best, absent, f"{', '.join(absent)}: not in the document that covers the rest", units)
    return Verdict(ask, None, absent, f"no document that fits mentions {', '.join(absent)}")


def _suffices(found: Evidence) -> bool:
    if found.ask.alert and is_about(found.ask, found.section):
        return True
    if not found.ask.terms:
        return bool(found.ask.identifiers) or found.cosine >= NEAR
    coverage = found.coverage
    if found.ask.action is not None and found.ask.action not in found.stems:
        coverage *= NO_ACTION
    return coverage >= ENOUGH or (coverage >= ENOUGH_IF_NEAR and found.cosine >= NEAR)


def _lacking(ask: Ask, best: Evidence) -> tuple[str, ...]:
    """Return the heaviest words of the ask that the best section lacks; the whole ask where it lacks none."""
    lacking = [term for term in ask.terms if term.stem not in best.stems]
    lacking.sort(key=lambda term: -term.weight)
    return tuple(f"“{term.word}”" for term in lacking[:4]) or (ask.text,)
