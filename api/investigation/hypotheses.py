"""Hypotheses: a component, what is wrong with it, and the evidence on both sides."""

from dataclasses import dataclass

from api.investigation.faults import FaultKind
from api.investigation.findings import Finding
from api.investigation.observations import SourceClass


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a causal chain: trouble of `cause` reaches `effect`, along a call that was observed.

    `calls` are ids of observations of the call edge, `anomalies` ids of those of the trouble at `effect`.
    """

    cause: str
    effect: str
    calls: tuple[str, ...]
    anomalies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuledOut:
    """An alternative that was tried, and the findings that speak against it."""

    component: str
    kind: FaultKind
    reason: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One possible cause.

    `share` is its part of the ranking's weight among all that were weighed, from 0 to 1: an order, not a
    probability of being right. `chain` runs from the component to where the symptom shows; it is empty where no
    observed calls connect them. `unexplained` are ids of findings that it says nothing about.
    """

    component: str
    kind: FaultKind
    mechanism: str
    share: float
    support: tuple[Finding, ...]
    against: tuple[Finding, ...] = ()
    unexplained: tuple[str, ...] = ()
    chain: tuple[Hop, ...] = ()
    onset: int | None = None
    change: str | None = None

    @property
    def sources(self) -> frozenset[SourceClass]:
        """The classes of sources that support it."""
        return frozenset(finding.source for finding in self.support)
