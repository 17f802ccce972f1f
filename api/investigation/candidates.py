"""What speaks for each component as the cause: numbers by name, made from findings and the call graph."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.investigation.call_graph import CallGraph
from api.investigation.findings import NOWHERE, Direction, Finding
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal

NOTABLE = 3.0
"""Score from which a finding counts as unusual: what specialists promise to reach by chance on few components."""

_MOST = 1_000.0  # score beyond which more says nothing more
_SECOND = 1_000_000
_ORDINAL = re.compile(r"[-_.](?:\d{1,4}|[a-f0-9]{6,10}-[a-z0-9]{5})$")  # of a replica: StatefulSet or Deployment pod


@dataclass(frozen=True, slots=True)
class Candidate:
    """A component that may be the cause: its findings, strongest first, and its features by name."""

    component: str
    findings: tuple[Finding, ...]
    features: Mapping[str, float]

    @property
    def notable(self) -> tuple[Finding, ...]:
        """Its findings that are unusual."""
        return tuple(one for one in self.findings if is_notable(one))

    @property
    def sources(self) -> frozenset[SourceClass]:
        """The classes of sources that have something unusual on it."""
        return frozenset(one.source for one in self.notable)

    @property
    def strength(self) -> float:
        """How unusual its strongest finding is, as a logarithm; 0 for nothing."""
        return max((strength(one) for one in self.findings), default=0.0)

    @property
    def onset(self) -> int | None:
        """The first instant at which something unusual shows, in microseconds, where that can be told."""
        return min((one.onset for one in self.notable if one.onset is not None), default=None)


def is_notable(finding: Finding) -> bool:
    """Tell whether a finding is unusual; one that says all is steady never is."""
    return finding.direction is not Direction.STEADY and finding.score >= NOTABLE


def strength(finding: Finding) -> float:
    """Return log(1 + score) of a finding, capped; 0 for one that says all is steady."""
    return 0.0 if finding.direction is Direction.STEADY else math.log1p(min(finding.score, _MOST))


def candidates_of(incident: Incident, findings: Iterable[Finding], graph: CallGraph) -> tuple[Candidate, ...]:
    """Return every component that was seen, by name, or those that the incident narrows it to."""
    own: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.component != NOWHERE:
            own[finding.component].append(finding)
    names = sorted(incident.components or {*own, *graph.components})
    ordered = {name: tuple(sorted(own.get(name, ()), key=lambda one: (-strength(one), one.id))) for name in names}
    every = {name: max(map(strength, found), default=0.0) for name, found in own.items()}
    holders = _holders(own.values())
    blame = _blame(own)
    seen_first = _earliness(ordered)
    features = {
        name: _features(name, ordered[name], incident, graph, every, seen_first[name], holders) for name in names
    }
    return tuple(
        Candidate(name, ordered[name], {**features[name], **_against_siblings(name, features), **blame.get(name, {})})
        for name in names
    )


def _blame(own: Mapping[str, Sequence[Finding]]) -> dict[str, dict[str, float]]:
    """Return who is named as failing in unusual lines of others (`blamed`), and who names another one (`blames`).

    Only those named count that have something unusual of their own; two that name each other cancel out.
    """
    troubled = {name for name, findings in own.items() if any(map(is_notable, findings))}
    pairs = {
        (name, finding.peer)
        for name, findings in own.items()
        for finding in findings
        if finding.source is SourceClass.LOG and is_notable(finding) and finding.peer in troubled
        if finding.signal in {Signal.ERROR_LOGS, Signal.NEW_LOGS}
    }
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for name, peer in sorted((name, peer) for name, peer in pairs if peer and (peer, name) not in pairs):
        found[name]["blames"] = 1.0
        found[peer]["blamed"] = 1.0
    return dict(found)


def _against_siblings(name: str, features: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return how far each signal of a replica is ahead of the same of its siblings: all have the same code and load.

    `shifted` is how much of its traffic a sibling took over, as far as both are unusual. A component without siblings
    has none of these.
    """
    base = _ORDINAL.sub("", name)
    siblings = [other for other in features if other != name and base != name and _ORDINAL.sub("", other) == base]
    if not siblings:
        return {}
    own = {key: value for key, value in features[name].items() if _is_signal(key)}
    ahead = {
        f"{key}.sibling": value - max(features[other].get(key, 0.0) for other in siblings) for key, value in own.items()
    }
    sums = [math.fsum(value for key, value in sorted(features[other].items()) if _is_signal(key)) for other in siblings]
    ahead["sibling"] = math.fsum(value for _, value in sorted(own.items())) - max(sums)
    taken_over = max(_traffic(features[other]) for other in siblings)
    ahead["shifted"] = min(_traffic(features[name], fall=".fall"), taken_over)
    return ahead


def _traffic(features: Mapping[str, float], *, fall: str = "") -> float:
    """Return how clearly metrics, or alerts on them, say that the requests of a component rose or fell."""
    name = f".{SourceClass.METRIC.value}.{Signal.TRAFFIC.value}{fall}"
    return max((value for key, value in features.items() if key.endswith(name)), default=0.0)


def _is_signal(key: str) -> bool:
    return key.count(".") >= 2 and not key.endswith((".alone", ".lead"))


def _features(
    name: str,
    findings: Sequence[Finding],
    incident: Incident,
    graph: CallGraph,
    every: Mapping[str, float],
    earliness: float,
    holders: Mapping[str, Sequence[float]],
) -> dict[str, float]:
    """Return the features of one component.

    `specialist.signal` is the strength of the strongest such finding, `specialist.signal.fall` that of one that went
    down, and `….alone` that strength shared among all components that have such a finding; `….lead` is how far it is
    ahead of the next one. `callee` and `caller` are the strongest trouble of a neighbour on that side.
    """
    features: dict[str, float] = {}
    for finding in findings:
        for key in (_key(finding), f"{finding.specialist}.any"):
            features[key] = max(features.get(key, 0.0), strength(finding))
    for key, value in list(features.items()):
        others = holders.get(key, ())
        if value and others:
            features[f"{key}.alone"] = value * value / sum(others)
            features[f"{key}.lead"] = _lead(value, others)
    own = every.get(name, 0.0)
    callees = [every.get(other, 0.0) for other in graph.callees(name)]
    callers = [every.get(other, 0.0) for other in graph.callers(name)]
    features["sources"] = float(len({one.source for one in findings if is_notable(one)}))
    features["callee"] = max(callees, default=0.0)
    features["callee_above_own"] = max(0.0, features["callee"] - own)
    features["caller"] = max(callers, default=0.0)
    features["callers_troubled"] = sum(value >= math.log1p(NOTABLE) for value in callers) / max(1, len(callers))
    features["earliness"] = earliness
    features["symptom"] = float(name == incident.symptom.component)
    return features


def _lead(value: float, ordered: Sequence[float]) -> float:
    """Return how far the strongest is ahead of the next one; 0 for all others."""
    if value < ordered[0]:
        return 0.0
    return value - (ordered[1] if len(ordered) > 1 else 0.0)


def _key(finding: Finding) -> str:
    fall = ".fall" if finding.direction in {Direction.DOWN, Direction.GONE} and _has_fall(finding.signal) else ""
    return f"{finding.specialist}.{finding.source.value}.{finding.signal.value}{fall}"


def _holders(groups: Iterable[Sequence[Finding]]) -> dict[str, list[float]]:
    """Return by feature the strengths of all components that have it, strongest first."""
    found: dict[str, list[float]] = defaultdict(list)
    for own in groups:
        best: dict[str, float] = {}
        for finding in own:
            best[_key(finding)] = max(best.get(_key(finding), 0.0), strength(finding))
        for key, value in best.items():
            if value:
                found[key].append(value)
    return {key: sorted(values, reverse=True) for key, values in found.items()}


def _has_fall(signal: Signal) -> bool:
    return signal in {
        Signal.CPU, Signal.MEMORY, Signal.DISK, Signal.NETWORK, Signal.LATENCY, Signal.ERRORS, Signal.TRAFFIC,
        Signal.AVAILABILITY, Signal.SATURATION, Signal.OTHER, Signal.OUTGOING_LATENCY, Signal.OUTGOING_TRAFFIC,
        Signal.OUTGOING_ERRORS, Signal.OUTGOING_AVAILABILITY, Signal.NETWORK_SENT, Signal.SELF_TIME, Signal.LOG_RATE,
    }  # fmt: skip


def _earliness(findings: Mapping[str, Sequence[Finding]]) -> dict[str, float]:
    """Return for each component the share of the others whose trouble began later, a second being no difference."""
    onsets = {
        name: min((one.onset for one in found if is_notable(one) and one.onset is not None), default=None)
        for name, found in findings.items()
    }
    known = [onset for onset in onsets.values() if onset is not None]
    return {
        name: 0.0
        if onset is None or len(known) < 2
        else sum(other > onset + _SECOND for other in known) / (len(known) - 1)
        for name, onset in onsets.items()
    }
