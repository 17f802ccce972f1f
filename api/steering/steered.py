"""An investigation with what people did about it: evidence added and taken away, causes decided, the verdict anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from api.investigation.conclusion import conclude
from api.investigation.confidence import Confidence, Costs, default_confidence
from api.investigation.decisions import ConfirmedCause, Decisions, RejectedCause
from api.investigation.faults import FaultKind
from api.investigation.findings import Finding
from api.investigation.incidents import Incident
from api.investigation.investigations import Investigation
from api.investigation.kinds import KindModel, default_kinds
from api.investigation.ranking import CauseRanking, default_ranking
from api.steering.acts import Act, ActKind, said_by, standing_acts
from api.steering.testimony import finding_of, testimony_of

_WEIGHS = frozenset(
    {
        ActKind.FACT, ActKind.THEORY, ActKind.CONFIRM_FINDING, ActKind.REJECT_FINDING, ActKind.CONFIRM_CAUSE,
        ActKind.REJECT_CAUSE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Models:
    """What a conclusion is drawn with; `fitted_here` as in `conclude`."""

    ranking: CauseRanking = field(default_factory=default_ranking)
    confidence: Confidence | None = field(default_factory=default_confidence)
    costs: Costs = field(default_factory=Costs)
    kinds: KindModel = field(default_factory=default_kinds)
    fitted_here: bool = False


def steered(investigation: Investigation, acts: Sequence[Act], models: Models) -> Investigation:
    """Return an investigation as it stands after all acts; `investigation` is the one before the first.

    What was found stays among its findings, also what a person rejected. Without an act that weighs, its verdict is as
    it was.
    """
    standing = standing_acts(acts)
    said = [one for one in (testimony_of(act, investigation.incident) for act in standing) if one is not None]
    observations = tuple({one.id: one for one in (*investigation.observations, *said)}.values())
    if not any(act.deed.kind in _WEIGHS for act in standing):
        return replace(investigation, observations=observations)
    rejected = rejected_findings(investigation, standing)
    heard = [act for act in standing if act.deed.finding not in rejected]
    told = [one for one in (finding_of(act, investigation) for act in heard) if one is not None]
    weighed = [one for one in (*investigation.findings, *told) if one.id not in rejected]
    concluded = conclude(
        _widened(investigation.incident, told),
        weighed,
        investigation.gaps,
        investigation.calls,
        ranking=models.ranking,
        confidence=models.confidence,
        costs=models.costs,
        kinds=models.kinds,
        fitted_here=models.fitted_here,
        decisions=decisions_of(standing),
    )
    return replace(
        investigation,
        observations=observations,
        findings=(*investigation.findings, *told),
        hypotheses=concluded.hypotheses,
        ruled_out=concluded.ruled_out,
        blast_radius=concluded.blast_radius,
        verdict=concluded.verdict,
        rejected=tuple(sorted(rejected)),
    )


def rejected_findings(investigation: Investigation, acts: Sequence[Act]) -> frozenset[str]:
    """Return the ids of the findings that standing acts reject; what was confirmed later is not rejected any more."""
    known = {one.id for one in investigation.findings}
    found: dict[str, bool] = {}
    for act in acts:
        if act.deed.kind in {ActKind.REJECT_FINDING, ActKind.CONFIRM_FINDING} and act.deed.finding in known:
            found[act.deed.finding] = act.deed.kind is ActKind.REJECT_FINDING
    return frozenset(name for name, is_rejected in found.items() if is_rejected)


def decisions_of(acts: Sequence[Act]) -> Decisions:
    """Return what standing acts decide; of two about one component the later one holds, and of two causes too."""
    confirmed: ConfirmedCause | None = None
    rejected: dict[str, RejectedCause] = {}
    theories: dict[str, None] = {}
    kinds: dict[str, FaultKind] = {}
    for act in acts:
        name = act.deed.component
        if name is None:
            continue
        if act.deed.kind is ActKind.CONFIRM_CAUSE:
            confirmed = ConfirmedCause(name, said_by(act))
            rejected.pop(name, None)
        elif act.deed.kind is ActKind.REJECT_CAUSE:
            reason = f"rejected by {said_by(act)}: {act.deed.text}"
            rejected[name] = RejectedCause(name, reason, f"human-{act.number}")
            confirmed = None if confirmed is not None and confirmed.component == name else confirmed
        elif act.deed.kind is ActKind.THEORY:
            theories[name] = None
        if act.deed.fault is not None and not act.deed.healthy:
            kinds[name] = act.deed.fault
    return Decisions(confirmed, tuple(rejected.values()), tuple(theories), kinds, spoken=True)


def _widened(incident: Incident, told: Sequence[Finding]) -> Incident:
    """Return the incident with what people blame among its components, where the asker had narrowed them."""
    if not incident.components:
        return incident
    names = dict.fromkeys((*incident.components, *(one.component for one in told)))
    return replace(incident, components=tuple(names))
