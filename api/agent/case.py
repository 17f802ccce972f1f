"""All that is known of one incident while the agent looks at it: the inquiry's results and what tools have added."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate, candidates_of
from api.investigation.findings import Finding
from api.investigation.incidents import Incident
from api.investigation.investigations import Investigation
from api.investigation.observations import Observation
from api.investigation.ranking import CauseRanking, Ranked
from api.investigation.reports import Brief, Call


@dataclass(slots=True)
class Case:
    """One investigation and the telemetry that it may be looked at further in."""

    investigation: Investigation
    brief: Brief
    ranking: CauseRanking
    added_observations: dict[str, Observation] = field(default_factory=dict)
    added_findings: dict[str, Finding] = field(default_factory=dict)
    added_calls: list[Call] = field(default_factory=list)

    @property
    def incident(self) -> Incident:
        """The incident."""
        return self.investigation.incident

    @property
    def observations(self) -> Mapping[str, Observation]:
        """Everything observed, by id."""
        return {**{one.id: one for one in self.investigation.observations}, **self.added_observations}

    @property
    def findings(self) -> Mapping[str, Finding]:
        """Everything found, by id."""
        return {**{one.id: one for one in self.investigation.findings}, **self.added_findings}

    @property
    def calls(self) -> Sequence[Call]:
        """All calls that were observed."""
        return [*self.investigation.calls, *self.added_calls]

    @property
    def graph(self) -> CallGraph:
        """Who calls whom."""
        return CallGraph(self.calls)

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the components that may be the cause, as the inquiry makes them."""
        return candidates_of(self.incident, self.findings.values(), self.graph)

    def ranked(self) -> tuple[Ranked, ...]:
        """Return the candidates as the inquiry's own ranking weighs them."""
        return self.ranking.rank(self.candidates())

    def add(self, observations: Iterable[Observation]) -> tuple[str, ...]:
        """Keep observations and return their ids, those that were known included."""
        ids: list[str] = []
        known = self.observations
        for one in observations:
            ids.append(one.id)
            if one.id not in known:
                self.added_observations[one.id] = one
        return tuple(dict.fromkeys(ids))
