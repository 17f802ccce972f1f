"""From findings to the verdict: candidates ranked, hypotheses built, alternatives ruled out, the first one audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.investigation.auditor import Audited, audit
from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate, candidates_of, strength
from api.investigation.chains import Shown, blast_radius, chain_of, symptoms_shown
from api.investigation.confidence import Confidence, Costs, Standing
from api.investigation.deciding import deciding_query
from api.investigation.decisions import Decisions
from api.investigation.faults import FaultKind
from api.investigation.findings import NOWHERE, Direction, Finding, Gap
from api.investigation.hypotheses import Hypothesis, RuledOut
from api.investigation.incidents import Incident
from api.investigation.kinds import KindModel, default_kinds
from api.investigation.ranking import CauseRanking, Ranked
from api.investigation.reports import Call
from api.investigation.settling import settled, verdict_sentence
from api.investigation.signals import Signal
from api.investigation.verdicts import Objection, Verdict, VerdictState

KEPT = 5
"""Hypotheses that are kept: the first and its best alternatives."""

NOTHING_DECIDED = Decisions()

_SHOWN = 12  # findings on each side of a hypothesis
_CHANGES = "changes"  # the specialist who reads what changes do


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows from the findings; `sentence` tells the verdict."""

    hypotheses: tuple[Hypothesis, ...]
    ruled_out: tuple[RuledOut, ...]
    blast_radius: tuple[str, ...]
    verdict: Verdict
    standing: Standing | None
    sentence: str


def conclude(
    incident: Incident,
    findings: Sequence[Finding],
    gaps: Sequence[Gap],
    calls: Sequence[Call],
    *,
    ranking: CauseRanking,
    confidence: Confidence | None,
    costs: Costs,
    kinds: KindModel | None = None,
    fitted_here: bool = False,
    decisions: Decisions = NOTHING_DECIDED,
) -> Conclusion:
    """Return the verdict on what specialists found and people decided.

    `fitted_here` says that the models saw incidents of this system. Where they did not, their probabilities hold no
    longer (python -m evals.investigation --new-systems): none is told, and nothing is confirmed but by a person.
    """
    kinds = kinds or default_kinds()
    graph = CallGraph(calls)
    candidates = candidates_of(incident, findings, graph)
    ranked = _pointed_first(ranking.rank(candidates))
    weighed = _weighed(ranked, decisions)
    if not weighed:
        return _none_left(decisions, gaps) if decisions.rejected else _quiet(incident, findings, gaps)
    known = {one.component: one for one in candidates}
    shown = symptoms_shown(findings)
    hypotheses = tuple(
        _hypothesis(one, incident, graph, known, shown, kinds, told=decisions.kinds.get(one.candidate.component))
        for one in weighed
    )
    ruled_out = (*_rejected(decisions), *_ruled_out(ranked, hypotheses[0], graph, kinds, decisions))
    audited = Audited(incident, hypotheses[0], ranked, ruled_out, gaps, graph)
    objections = audit(audited)
    standing = _standing(ranked, weighed[0], len(objections), kinds)
    verdict = settled(
        hypotheses[0], objections, standing, confidence, costs, fitted_here=fitted_here, decisions=decisions
    )
    verdict = replace(verdict, deciding=deciding_query(verdict, hypotheses, gaps))
    return Conclusion(
        hypotheses=hypotheses,
        ruled_out=ruled_out,
        blast_radius=blast_radius(hypotheses[0].component, graph, known),
        verdict=verdict,
        standing=standing,
        sentence=verdict_sentence(verdict),
    )


def _weighed(ranked: Sequence[Ranked], decisions: Decisions) -> list[Ranked]:
    """Return what becomes a hypothesis: a confirmed cause, the likeliest that are in trouble, then other theories."""
    first = decisions.confirmed.component if decisions.confirmed else None
    confirmed = [one for one in ranked if one.candidate.component == first]
    left = [
        one for one in ranked if one not in confirmed and one.candidate.component not in decisions.rejected_components
    ]
    troubled = [one for one in left if one.candidate.notable][: KEPT - len(confirmed)]
    theories = [one for one in left if one.candidate.component in decisions.theories and one not in troubled]
    return [*confirmed, *troubled, *theories] if confirmed or troubled else []


def _rejected(decisions: Decisions) -> tuple[RuledOut, ...]:
    return tuple(RuledOut(one.component, FaultKind.UNKNOWN, one.reason, (one.finding,)) for one in decisions.rejected)


def _none_left(decisions: Decisions, gaps: Sequence[Gap]) -> Conclusion:
    """Every component in trouble was rejected by a person."""
    names = ", ".join(sorted(decisions.rejected_components))
    why = f"nothing else is in trouble than what was rejected: {names}"
    ids = tuple(one.finding for one in decisions.rejected)
    objection = Objection("rejected", VerdictState.INCONCLUSIVE, why, ids)
    verdict = Verdict(VerdictState.INCONCLUSIVE, None, (objection,))
    verdict = replace(verdict, deciding=deciding_query(verdict, (), gaps))
    return Conclusion((), _rejected(decisions), (), verdict, None, f"Cannot tell: {why}.")


def _quiet(incident: Incident, findings: Sequence[Finding], gaps: Sequence[Gap]) -> Conclusion:
    """Nothing unusual: nothing wrong where there was something to see and to compare with, else no telling."""
    seen = [one for one in findings if one.direction is Direction.STEADY and one.component != NOWHERE]
    shown = sorted(symptoms_shown(findings))
    if shown and seen and incident.baseline is not None:
        why = f"the symptom shows at {shown[0]}, and nothing that was seen explains it"
        verdict = Verdict(VerdictState.INCONCLUSIVE, None, (Objection("seen", VerdictState.INCONCLUSIVE, why),))
        sentence = f"Cannot tell: {why}."
    elif seen and incident.baseline is not None:
        verdict = Verdict(VerdictState.NOTHING_WRONG, None)
        looked = len({one.component for one in seen})
        sentence = f"Nothing wrong: {looked} components were looked at, and all are as in the baseline."
    else:
        why = "there is no healthy time to compare with" if seen else "there was nothing to look at"
        verdict = Verdict(VerdictState.INCONCLUSIVE, None, (Objection("seen", VerdictState.INCONCLUSIVE, why),))
        sentence = f"Cannot tell: {why}."
    verdict = replace(verdict, deciding=deciding_query(verdict, (), gaps))
    return Conclusion((), (), (), verdict, None, sentence)


def _hypothesis(
    ranked: Ranked,
    incident: Incident,
    graph: CallGraph,
    known: Mapping[str, Candidate],
    shown: Shown,
    kinds: KindModel,
    *,
    told: FaultKind | None = None,
) -> Hypothesis:
    candidate = ranked.candidate
    blamed = next((one for one in candidate.notable if one.signal is Signal.CHANGE), None)
    kind = told or (FaultKind.BAD_CHANGE if blamed else kinds.shares(candidate)[0][0])
    chain = chain_of(candidate.component, incident.symptom.component, graph, known, shown)
    reached = graph.above(candidate.component) | {candidate.component}
    others = [one for name, one in sorted(known.items()) if name not in reached]
    effects = [hop.effect for hop in chain]
    return Hypothesis(
        component=candidate.component,
        kind=kind,
        mechanism=f"{candidate.component}: {blamed.claim}" if blamed else _mechanism(candidate, kind, effects),
        share=ranked.share,
        support=candidate.notable[:_SHOWN],
        against=_against(candidate)[:_SHOWN],
        unexplained=tuple(finding.id for one in others for finding in one.notable),
        chain=chain,
        onset=candidate.onset,
        change=blamed.subject if blamed else None,
    )


def _pointed_first(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Put the one component first that a blamed change, or a cause outside of all changes, points at."""
    named = [one for one in ranked if any(each.specialist == _CHANGES for each in one.candidate.notable)]
    if len(named) != 1:
        return tuple(ranked)
    return (named[0], *(one for one in ranked if one is not named[0]))


def _mechanism(candidate: Candidate, kind: FaultKind, reached: Sequence[str]) -> str:
    way = f", and reaches {' and then '.join(reached)}" if reached else ""
    return f"{candidate.component}: {kind.meaning}{way}"


def _against(candidate: Candidate) -> tuple[Finding, ...]:
    return tuple(one for one in candidate.findings if one.direction is Direction.STEADY)


def _ruled_out(
    ranked: Sequence[Ranked], first: Hypothesis, graph: CallGraph, kinds: KindModel, decisions: Decisions
) -> tuple[RuledOut, ...]:
    """Return the other candidates that something speaks against, likeliest first."""
    reached = graph.above(first.component)
    found: list[RuledOut] = []
    for one in ranked:
        candidate = one.candidate
        if candidate.component == first.component or candidate.component in decisions.rejected_components:
            continue
        kind = kinds.shares(candidate)[0][0]
        steady = _against(candidate)
        if not candidate.notable and steady:
            reason = f"nothing unusual: {steady[0].claim}"
            found.append(RuledOut(candidate.component, kind, reason, tuple(each.id for each in steady)))
        elif candidate.notable and candidate.component in reached and candidate.strength <= _strength_of(first):
            reason = f"it calls {first.component}, directly or not, whose trouble is greater and reaches it"
            ids = (candidate.notable[0].id, *(each.id for each in first.support[:1]))
            found.append(RuledOut(candidate.component, kind, reason, ids))
    return tuple(found)


def _strength_of(hypothesis: Hypothesis) -> float:
    return max((strength(one) for one in hypothesis.support), default=0.0)


def _standing(ranked: Sequence[Ranked], first: Ranked, objections: int, kinds: KindModel) -> Standing:
    others = [one.share for one in ranked if one is not first]
    return Standing(
        share=first.share,
        margin=first.share - max(others, default=0.0),
        sources=len(first.candidate.sources),
        strength=first.candidate.strength,
        kind_share=kinds.shares(first.candidate)[0][1],
        candidates=len(ranked),
        objections=objections,
    )
