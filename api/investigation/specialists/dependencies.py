"""The specialist for dependencies: who calls whom by what the sources state, who can't be seen, and the symptom."""

from dataclasses import dataclass

from api.investigation.findings import Gap, GapReason
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Call, Report
from api.investigation.specialists.symptoms import tell_symptom
from api.investigation.specialists.writing import Notebook


@dataclass(frozen=True, slots=True)
class DependenciesSpecialist:
    """Write down the call graph that a source states, components of it that nothing is seen of, and the symptom."""

    name: str = "dependencies"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        notes = Notebook(self.name, SourceClass.TRACE, "call graph", brief.incident.window)
        edges = [edge for edge in sorted(set(brief.telemetry.edges())) if edge.caller != edge.callee]
        for edge in edges:
            if not brief.budget.allows(1):
                break
            seen = notes.observed(
                edge.callee,
                "calls that the source's call graph states",
                f"{edge.caller} calls {edge.callee}",
                ("caller", "callee"),
                [(edge.caller, edge.callee)],
            )
            notes.calls.append(Call(edge, seen))
        for component in sorted(_unseen(brief, {name for edge in edges for name in (edge.caller, edge.callee)})):
            notes.gaps.append(
                Gap(
                    source=SourceClass.METRIC,
                    reason=GapReason.NO_DATA,
                    detail=f"{component} is called, and no telemetry of it is there",
                    next_step=f"connect telemetry of {component}, or look at its provider's status",
                    component=component,
                )
            )
        tell_symptom(notes, brief)
        return notes.report(brief.budget)


def _unseen(brief: Brief, named: set[str]) -> set[str]:
    """Return those of the graph that have no series in the window; none where there are no series at all."""
    seen = {one.component for one in brief.telemetry.series(brief.incident.window)}
    return named - seen if seen else set()
