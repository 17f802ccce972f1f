"""Investigations to their form on the wire and back."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from api.investigation import investigations as domain
from api.investigation.findings import Finding
from api.investigation.hypotheses import Hypothesis
from api.investigation.observations import Observation
from api.schemas import investigations as wire
from api.schemas.investigation_calibration import calibration_of
from ingest.errors import StorageFailed

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def to_result(investigation: domain.Investigation) -> wire.InvestigationResult:
    """Return an investigation as it goes on the wire; the rows of its observations stay out."""
    return wire.InvestigationResult(
        incident=wire.Incident.model_validate(investigation.incident, from_attributes=True),
        coverage=_views(wire.Coverage, investigation.coverage),
        runs=_views(wire.SpecialistRun, investigation.runs),
        observations=[_summary(one) for one in distinct(investigation.observations)],
        findings=_views(wire.FindingView, _all_findings(investigation)),
        gaps=_views(wire.Gap, investigation.gaps),
        calls=_views(wire.Call, investigation.calls),
        hypotheses=_views(wire.Hypothesis, investigation.hypotheses),
        ruled_out=_views(wire.RuledOut, investigation.ruled_out),
        blast_radius=list(investigation.blast_radius),
        verdict=_verdict(investigation),
        rejected=list(investigation.rejected),
        unresolved=list(unresolved(investigation)),
    )


def distinct(observations: Iterable[Observation]) -> list[Observation]:
    """Return observations in their order, each once: two specialists may have asked the same."""
    return list({one.id: one for one in observations}.values())


def to_detail(observation: Observation) -> wire.ObservationDetail:
    """Return an observation with its rows. Its numbers are exact, so that its id can be computed again."""
    return wire.ObservationDetail(
        id=observation.id,
        query=wire.Query.model_validate(observation.query, from_attributes=True),
        component=observation.component,
        summary=observation.summary,
        columns=list(observation.rows.columns),
        rows=[list(row) for row in observation.rows.rows],
        total=observation.rows.total,
        cut=observation.rows.cut,
    )


def to_step(step: domain.Step) -> wire.StepView:
    """Return a step as it goes on the wire."""
    return wire.StepView.model_validate(step, from_attributes=True)


def to_investigation(
    result: wire.InvestigationResult, details: Iterable[wire.ObservationDetail]
) -> domain.Investigation:
    """Return the investigation that a result and the rows of its observations tell of.

    Raises StorageFailed where they do not fit together, as after a part was lost.
    """
    findings = {one.id: one.model_dump() for one in result.findings}
    plain = result.model_dump(exclude={"observations", "unresolved"})
    plain["observations"] = [_observation(one) for one in details]
    del plain["verdict"]["calibration"]  # of the numbers, and no part of what was settled
    causes = [*plain["hypotheses"], *([plain["verdict"]["cause"]] if plain["verdict"]["cause"] else [])]
    try:
        for cause in causes:
            cause["support"] = [findings[name] for name in cause["support"]]
            cause["against"] = [findings[name] for name in cause["against"]]
        return _adapter().validate_python(plain)
    except (KeyError, ValidationError) as error:
        raise StorageFailed(
            f"the stored investigation {result.incident.id!r} is not whole ({error}); start it again"
        ) from error


def unresolved(investigation: domain.Investigation) -> tuple[str, ...]:
    """Return the ids that something refers to and that the investigation does not hold, each with who refers to it."""
    findings = _all_findings(investigation)
    rows = {one.id for one in investigation.observations}
    claims = {one.id for one in findings}
    missing = [
        *(f"{one.id} rests on {name}" for one in findings for name in one.observations if name not in rows),
        *(f"a call rests on {one.observation}" for one in investigation.calls if one.observation not in rows),
        *(
            f"a hop to {hop.effect} rests on {name}"
            for cause in _causes(investigation)
            for hop in cause.chain
            for name in (*hop.calls, *hop.anomalies)
            if name not in rows
        ),
        *(
            f"{cause.component} leaves {name} unexplained"
            for cause in _causes(investigation)
            for name in cause.unexplained
            if name not in claims
        ),
        *(
            f"{one.component} is ruled out by {name}"
            for one in investigation.ruled_out
            for name in one.findings
            if name not in claims
        ),
    ]
    return tuple(dict.fromkeys(missing))


@cache
def _adapter() -> "TypeAdapter[domain.Investigation]":
    from pydantic import TypeAdapter

    return TypeAdapter(domain.Investigation)


def _views(form: Any, values: Iterable[object]) -> list[Any]:
    return [form.model_validate(one, from_attributes=True) for one in values]


def _verdict(investigation: domain.Investigation) -> wire.Verdict:
    found = wire.Verdict.model_validate(investigation.verdict, from_attributes=True)
    return found.model_copy(update={"calibration": calibration_of(investigation.verdict)})


def _summary(observation: Observation) -> wire.ObservationSummary:
    return wire.ObservationSummary(
        id=observation.id,
        query=wire.Query.model_validate(observation.query, from_attributes=True),
        component=observation.component,
        summary=observation.summary,
        columns=list(observation.rows.columns),
        kept=observation.rows.kept,
        total=observation.rows.total,
        cut=observation.rows.cut,
        link=f"observations/{observation.id}",
    )


def _observation(detail: wire.ObservationDetail) -> Mapping[str, object]:
    plain = detail.model_dump()
    rows = {name: plain.pop(name) for name in ("columns", "rows", "total", "cut")}
    return {**plain, "rows": rows}


def _causes(investigation: domain.Investigation) -> list[Hypothesis]:
    cause = investigation.verdict.cause
    return [*investigation.hypotheses, *([cause] if cause is not None else [])]


def _all_findings(investigation: domain.Investigation) -> list[Finding]:
    """Return the findings, those that only a hypothesis holds after the others."""
    found = {one.id: one for one in investigation.findings}
    for cause in _causes(investigation):
        for finding in (*cause.support, *cause.against):
            found.setdefault(finding.id, finding)
    return list(found.values())
