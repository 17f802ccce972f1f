"""An investigation and the rows of an observation, as short as a language model can take them."""

from pydantic import Field

from api.schemas.investigation_runs import InvestigationDetail, RunState
from api.schemas.investigations import Cell, FindingView, InvestigationResult, ObservationDetail, Words
from api.schemas.places import Wire

_MOST_EVIDENCE, _MOST_OTHERS = 12, 10
_LONGEST_CELL, _MOST_CHARACTERS = 500, 40_000


class Evidence(Wire):
    """One finding, and the observations that show it: get_observation gives their rows."""

    component: Words
    claim: Words
    source: Words
    speaks: Words = Field(description='"for" or "against" the cause that is named, or "beside" it.')
    observations: list[Words]


class InvestigationBrief(Wire):
    """How far an investigation is and, once it is done, what it settled for and why.

    `cause_words` names the component and what is wrong with it; `probability` is there where it was calibrated.
    """

    id: Words
    link: Words = Field(description="Path of the investigation at the API.")
    title: Words
    state: RunState
    steps: int
    error: Words = ""
    verdict: Words = ""
    component: Words = ""
    cause_words: Words = ""
    probability: float | None = None
    why_not_more: list[Words] = Field([])
    evidence: list[Evidence] = Field([])
    affected: list[Words] = Field([])
    ruled_out: list[Words] = Field([])
    gaps: list[Words] = Field([])
    would_settle: Words = ""
    left_out: int = Field(0, description="Findings, exclusions and gaps that are not listed here.")


class ObservationRows(Wire):
    """Some rows of one observation, with the query that gave them."""

    id: Words
    investigation_id: Words
    source: Words
    instance: Words
    query: Words
    component: Words | None
    summary: Words
    columns: list[Words]
    first_row: int
    rows: list[list[Cell]]
    kept: int = Field(description="Rows that were kept.")
    total: int = Field(description="Rows that there were.")
    cut: Words = Field(description="Why rows were not kept; empty where all were.")
    next_row: int | None = Field(description="Where to read on; null after the last.")


def brief_of(detail: InvestigationDetail) -> InvestigationBrief:
    """Return an investigation as far as it is."""
    told = detail.investigation
    brief = InvestigationBrief(
        id=told.id,
        link=f"/v1/investigations/{told.id}",
        title=told.title or (detail.result.incident.title if detail.result else ""),
        state=told.state,
        steps=told.steps,
        error=told.error,
    )
    return _settled(brief, detail.result) if detail.result is not None else brief


def rows_of(found: ObservationDetail, investigation_id: str, first: int, count: int) -> ObservationRows:
    """Return rows from `first`, counted from 1, as many as fit; long cells are shortened, which their end says."""
    shown: list[list[Cell]] = []
    room = _MOST_CHARACTERS
    for row in found.rows[first - 1 : first - 1 + count]:
        cells = [_shortened(cell) for cell in row]
        room -= sum(len(str(cell)) for cell in cells)
        if room < 0 and shown:
            break
        shown.append(cells)
    after = first + len(shown)
    return ObservationRows(
        id=found.id,
        investigation_id=investigation_id,
        source=found.query.source.value,
        instance=found.query.instance,
        query=found.query.text,
        component=found.component,
        summary=found.summary,
        columns=found.columns,
        first_row=first,
        rows=shown,
        kept=len(found.rows),
        total=found.total,
        cut=found.cut,
        next_row=after if after <= len(found.rows) else None,
    )


def _settled(brief: InvestigationBrief, result: InvestigationResult) -> InvestigationBrief:
    verdict, cause = result.verdict, result.verdict.cause
    evidence = _evidence(result)
    return brief.model_copy(
        update={
            "verdict": verdict.state.value,
            "component": cause.component if cause else "",
            "cause_words": f"{cause.component}: {cause.kind.meaning}" if cause else "",
            "probability": verdict.component_right,
            "why_not_more": [one.reason for one in verdict.objections],
            "evidence": evidence[:_MOST_EVIDENCE],
            "affected": result.blast_radius[:50],
            "ruled_out": [f"{one.component}: {one.reason}" for one in result.ruled_out[:_MOST_OTHERS]],
            "gaps": [f"{one.detail}; {one.next_step}" for one in result.gaps[:_MOST_OTHERS]],
            "would_settle": f"{verdict.deciding.source}: {verdict.deciding.text}" if verdict.deciding else "",
            "left_out": max(0, len(evidence) - _MOST_EVIDENCE)
            + max(0, len(result.ruled_out) - _MOST_OTHERS)
            + max(0, len(result.gaps) - _MOST_OTHERS),
        }
    )


def _evidence(result: InvestigationResult) -> list[Evidence]:
    """Return what speaks for and against the cause, then what else moved, the most unusual first."""
    cause, rejected = result.verdict.cause, set(result.rejected)
    support = list(cause.support) if cause else []
    against = list(cause.against) if cause else []
    known = {one.id: one for one in result.findings if one.id not in rejected}
    rest = sorted(
        (one for one in known.values() if one.id not in {*support, *against} and one.direction.value != "steady"),
        key=lambda one: (-one.score, one.id),
    )
    named = [("for", known[i]) for i in support if i in known] + [("against", known[i]) for i in against if i in known]
    return [_one(one, speaks) for speaks, one in (*named, *(("beside", one) for one in rest))]


def _one(finding: FindingView, speaks: str) -> Evidence:
    return Evidence(
        component=finding.component,
        claim=finding.claim,
        source=finding.source.value,
        speaks=speaks,
        observations=finding.observations,
    )


def _shortened(cell: Cell) -> Cell:
    if isinstance(cell, str) and len(cell) > _LONGEST_CELL:
        return f"{cell[:_LONGEST_CELL]}… ({len(cell):,} characters)"
    return cell
