"""How far the first hypothesis is settled: by rules, by a calibrated probability where it holds, or by a person."""

from dataclasses import replace

from api.investigation.confidence import Confidence, Costs, Standing
from api.investigation.decisions import Decisions
from api.investigation.hypotheses import Hypothesis
from api.investigation.verdicts import SYSTEM_KNOWN, Objection, Verdict, VerdictState, lowered

_SOURCES_OF_STRANGERS = 2  # with one, 15 of 17 healthy windows of a system that no model had seen were called likely


def settled(
    first: Hypothesis,
    objections: tuple[Objection, ...],
    standing: Standing,
    confidence: Confidence | None,
    costs: Costs,
    *,
    fitted_here: bool,
    decisions: Decisions,
) -> Verdict:
    """Return the verdict on the first hypothesis; a person who confirms it overrules objections, which are told on."""
    if decisions.confirmed is not None:
        return Verdict(VerdictState.CONFIRMED, first, objections, decided_by=decisions.confirmed.who)
    if confidence is None:
        unfitted = Objection("calibrated", VerdictState.LIKELY, "no calibration was fitted, so nothing is confirmed")
        return Verdict(lowered(VerdictState.CONFIRMED, (*objections, unfitted)), first, (*objections, unfitted))
    right = confidence.component.probability(standing)
    if not fitted_here:
        every = (*objections, _unproven(first, right, costs))
        return Verdict(lowered(VerdictState.CONFIRMED, every), first, every)
    every = (*objections, *_doubts(right, costs))
    verdict = Verdict(lowered(VerdictState.CONFIRMED, every), first, every)
    if decisions.spoken:
        return verdict
    kind_right = min(right, confidence.kind.probability(standing))
    return replace(verdict, component_right=right, kind_right=kind_right)


def verdict_sentence(verdict: Verdict) -> str:
    """Return a verdict on a cause in one sentence."""
    cause = verdict.cause
    if cause is None:
        return "Cannot tell."
    if verdict.state is VerdictState.CONFIRMED:
        by = f" by {verdict.decided_by}" if verdict.decided_by else ""
        return f"Confirmed{by}: {cause.mechanism}."
    if verdict.state is VerdictState.LIKELY:
        return f"Likely: {cause.mechanism}; {verdict.objections[0].reason}."
    return f"Cannot tell; first to check is {cause.component}: {verdict.objections[0].reason}."


def _unproven(first: Hypothesis, right: float, costs: Costs) -> Objection:
    """Return what holds a cause back in a system that the models saw no incident of."""
    if len(first.sources) < _SOURCES_OF_STRANGERS:
        reason = "no incident of this system is known to the models, and only one class of source speaks for it"
        return Objection(SYSTEM_KNOWN, VerdictState.INCONCLUSIVE, reason)
    if right >= costs.likely_from:
        reason = "no incident of this system is known to the models, so nothing is confirmed without a person"
        return Objection(SYSTEM_KNOWN, VerdictState.LIKELY, reason)
    reason = "it stands out too little from the others, as recorded incidents of other systems go"
    return Objection(SYSTEM_KNOWN, VerdictState.INCONCLUSIVE, reason)


def _doubts(right: float, costs: Costs) -> tuple[Objection, ...]:
    if right >= costs.confirmed_from:
        return ()
    if right >= costs.likely_from:
        reason = (
            f"in {right:.0%} of cases like this the component was right; to confirm asks for {costs.confirmed_from:.0%}"
        )
        return (Objection("calibrated", VerdictState.LIKELY, reason),)
    reason = (
        f"in {right:.0%} of cases like this the component was right; to tell a cause asks for {costs.likely_from:.0%}"
    )
    return (Objection("calibrated", VerdictState.INCONCLUSIVE, reason),)
