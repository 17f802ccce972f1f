"""The gate for what the agent proposes: what the findings don't bear out is refused, the rest weighed and audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.agent.case import Case
from api.agent.notes import AcceptedProposal, ProposedCause, RejectedProposal
from api.agent.rendering import finding_text, observation_text
from api.agent.sentences import why_not
from api.investigation.auditor import Audited, audit
from api.investigation.candidates import is_notable
from api.investigation.chains import chain_of
from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding
from api.investigation.hypotheses import Hypothesis
from api.investigation.observations import Observation
from api.investigation.ranking import Ranked
from api.investigation.signals import Signal
from api.investigation.verdicts import Objection, VerdictState, lowered
from api.writing.checks_surface import plain_text

_MOST_CITED = 20
_SHOWN = 200  # rows of a cited observation that a sentence may speak of


def weigh(case: Case, proposed: ProposedCause, shown: frozenset[str]) -> AcceptedProposal | RejectedProposal:
    """Return a proposal weighed by the inquiry's ranking and audited by its auditor, or why it is refused.

    `shown` are the ids that the model was shown. The state is never above what the code itself settled for.
    """
    known = {one.candidate.component: one for one in case.ranked()}
    reason = _unknown(proposed, known, case, shown)
    cited = None if reason else _Cited.of(case, proposed)
    reason = reason or (cited.complaint(case, proposed.component) if cited else None)
    if reason is not None or cited is None:
        return rejected(proposed.component, proposed.kind.value, proposed.cited, reason or "it cites nothing")
    hypothesis = _hypothesis(case, proposed, cited, known)
    objections = _objections(case, hypothesis, cited, tuple(known.values()))
    removed = why_not(proposed.mechanism, cited.texts(), proposed.component, known.keys())
    if removed is None:
        hypothesis = replace(hypothesis, mechanism=" ".join(proposed.mechanism.split()))
    state = lowered(VerdictState.CONFIRMED, objections)
    return AcceptedProposal(hypothesis, proposed.cited, state, objections, plain_text(removed or ""))


def rejected(component: str, kind: str, cited: Sequence[str], reason: str) -> RejectedProposal:
    """Return a refusal whose words can be shown anywhere."""
    ids = tuple(plain_text(one, 60) for one in cited[:_MOST_CITED])
    return RejectedProposal(plain_text(component, 120), plain_text(kind, 60), ids, plain_text(reason))


@dataclass(frozen=True, slots=True)
class _Cited:
    """What a proposal cites: findings, observations, and the findings that rest on these."""

    findings: tuple[Finding, ...]
    observations: tuple[Observation, ...]
    resting: tuple[Finding, ...]

    @classmethod
    def of(cls, case: Case, proposed: ProposedCause) -> "_Cited":
        findings = tuple(case.findings[one] for one in proposed.cited if one in case.findings)
        observations = tuple(case.observations[one] for one in proposed.cited if one in case.observations)
        ids = {one.id for one in observations}
        resting = tuple(
            one
            for one in case.findings.values()
            if one not in findings and ids.intersection(one.observations) and _about(one, proposed.component)
        )
        return cls(findings, observations, resting)

    @property
    def support(self) -> tuple[Finding, ...]:
        """What of it is unusual, and so can support a cause."""
        return tuple(one for one in (*self.findings, *self.resting) if is_notable(one))

    def texts(self) -> list[str]:
        """Return what of it a sentence may repeat, as the model is shown it."""
        return [
            *(finding_text(one) for one in (*self.findings, *self.resting)),
            *(observation_text(one, _SHOWN) for one in self.observations),
        ]

    def complaint(self, case: Case, component: str) -> str | None:
        """Return why it doesn't bear on a component, or None."""
        calls = {one.observation for one in case.calls if component in (one.edge.caller, one.edge.callee)}
        for finding in self.findings:
            if not _about(finding, component):
                return f"{finding.id} is about {finding.component}, not about {component} or calls to it"
        for seen in self.observations:
            if seen.component != component and seen.id not in calls and not _rests(self.resting, seen):
                return f"{seen.id} is about {seen.component or 'no one component'}, not about {component}"
        if not self.support:
            return f"nothing that it cites is unusual at {component}"
        return None


def _unknown(proposed: ProposedCause, known: Mapping[str, Ranked], case: Case, shown: frozenset[str]) -> str | None:
    if proposed.component not in known:
        return f"{proposed.component!r} is no component of this incident"
    if not proposed.cited:
        return "it cites nothing"
    if len(proposed.cited) > _MOST_CITED:
        return f"it cites {len(proposed.cited)} ids; at most {_MOST_CITED} can be weighed"
    lost = [one for one in proposed.cited if one not in case.findings and one not in case.observations]
    if lost:
        return f"{lost[0]!r} is the id of no finding or observation"
    unseen = [one for one in proposed.cited if one not in shown]
    return f"{unseen[0]!r} was not looked at" if unseen else None


def _about(finding: Finding, component: str) -> bool:
    return component in (finding.component, finding.peer)


def _rests(findings: Sequence[Finding], seen: Observation) -> bool:
    return any(seen.id in one.observations for one in findings)


def _hypothesis(case: Case, proposed: ProposedCause, cited: _Cited, known: Mapping[str, Ranked]) -> Hypothesis:
    candidates = {name: one.candidate for name, one in known.items()}
    own = candidates[proposed.component]
    graph = case.graph
    reached = graph.above(own.component) | {own.component}
    symptom = case.incident.symptom.component
    chain = chain_of(own.component, symptom, graph, candidates)
    return Hypothesis(
        component=own.component,
        kind=proposed.kind,
        mechanism=f"{own.component}: {proposed.kind.meaning}",
        share=known[own.component].share,
        support=cited.support,
        against=tuple(one for one in own.findings if one.direction is Direction.STEADY),
        unexplained=tuple(
            one.id for name, other in sorted(candidates.items()) if name not in reached for one in other.notable
        ),
        chain=chain,
        onset=own.onset,
        change=next((one.subject for one in cited.support if one.signal is Signal.CHANGE), None),
    )


def _objections(case: Case, hypothesis: Hypothesis, cited: _Cited, ranked: Sequence[Ranked]) -> tuple[Objection, ...]:
    """Return what speaks against believing it: the auditor's rules, and the verdict that stands already."""
    others = [one for one in case.investigation.ruled_out if one.component != hypothesis.component]
    audited = Audited(case.incident, hypothesis, ranked, others, case.investigation.gaps, case.graph)
    own = [*audit(audited), *_standing(case, hypothesis)]
    if not audited.cause.notable:
        reason = f"only calls to {hypothesis.component} are unusual, nothing of its own"
        own.append(Objection("own_trouble", VerdictState.INCONCLUSIVE, reason))
    kinds = {kind for one in cited.support for kind in one.kinds}
    if hypothesis.kind is not FaultKind.UNKNOWN and hypothesis.kind not in kinds:
        reason = f"nothing that it cites looks like {hypothesis.kind.value}; only the agent says so"
        own.append(Objection("kind_seen", VerdictState.LIKELY, reason, tuple(one.id for one in cited.support)))
    return tuple(own)


def _standing(case: Case, hypothesis: Hypothesis) -> list[Objection]:
    """Return the ceiling that the inquiry's own verdict sets: an agent lowers it and never raises it."""
    verdict = case.investigation.verdict
    cause = verdict.cause
    if cause is None:
        return [Objection("inquiry", VerdictState.INCONCLUSIVE, f"the inquiry says {verdict.state.value}, of no cause")]
    if cause.component != hypothesis.component:
        reason = f"the inquiry holds {cause.component} for likelier than {hypothesis.component}"
        return [Objection("inquiry", VerdictState.INCONCLUSIVE, reason, tuple(one.id for one in cause.support[:1]))]
    found: list[Objection] = []
    if verdict.state is not VerdictState.CONFIRMED:
        found.append(Objection("inquiry", verdict.state, f"the inquiry itself says {verdict.state.value}"))
    if cause.kind is not hypothesis.kind:
        reason = f"the inquiry takes it for {cause.kind.value}"
        found.append(Objection("inquiry_kind", VerdictState.LIKELY, reason))
    return found
