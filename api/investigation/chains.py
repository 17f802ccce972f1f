"""The causal chain, from the component at fault over observed calls to where the symptom shows; and whom it affects."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate, is_notable
from api.investigation.findings import NOWHERE, Finding
from api.investigation.hypotheses import Hop
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from api.investigation.telemetry import Edge

Shown = Mapping[str, tuple[str, ...]]
"""By component where a symptom was measured, the ids of the observations that show it."""

_SUFFERING = frozenset(
    {
        Signal.LATENCY, Signal.ERRORS, Signal.AVAILABILITY, Signal.SATURATION, Signal.OUTGOING_ERRORS,
        Signal.OUTGOING_LATENCY, Signal.OUTGOING_AVAILABILITY, Signal.EXCESS, Signal.FAILED_CALLS, Signal.CALL_DELAY,
        Signal.ERROR_LOGS,
    }
)  # fmt: skip
_STEP = 60_000_000  # microseconds: onsets are told by windows of about a minute


def symptoms_shown(findings: Iterable[Finding]) -> Shown:
    """Return where a symptom was measured and shows: findings that are about no candidate name that place as peer."""
    shown: dict[str, tuple[str, ...]] = {}
    for one in findings:
        if one.component == NOWHERE and one.peer is not None and is_notable(one):
            shown[one.peer] = (*shown.get(one.peer, ()), *one.observations)
    return {name: tuple(dict.fromkeys(ids)) for name, ids in shown.items()}


def chain_of(
    cause: str,
    symptom: str | None,
    graph: CallGraph,
    candidates: Mapping[str, Candidate],
    shown: Shown | None = None,
) -> tuple[Hop, ...]:
    """Return the hops from `cause` to the symptom's component; empty where the calls that were observed lead nowhere.

    Without a named symptom it leads to the troubled caller that is farthest away. The last hop cites the symptom as it
    was measured, beside what else is unusual there. A hop to a component without trouble of its own is in it with no
    anomalies, so that a reader sees what was not seen.
    """

    def troubled(name: str) -> bool:
        return name in candidates and bool(candidates[name].notable)

    end = symptom if symptom is not None else _farthest(cause, graph, candidates)
    if end is None or end == cause:
        return ()
    way = graph.way_up(cause, end, troubled)
    measured = shown or {}
    return tuple(
        Hop(
            cause=lower,
            effect=upper,
            calls=graph.shown_by(Edge(upper, lower)),
            anomalies=tuple(dict.fromkeys((*measured.get(upper, ()), *_anomalies(upper, candidates)))),
        )
        for lower, upper in pairwise(way)
    )


def blast_radius(cause: str, graph: CallGraph, candidates: Mapping[str, Candidate]) -> tuple[str, ...]:
    """Return the troubled components that trouble of `cause` can have reached, by name.

    It reaches those that call a component that it reached, and those whose unusual log lines name one as failing. One
    that no observed call touches can't be placed; it counts where it suffers (slow, failing, backed up) and did not
    begin before the cause.
    """
    reached = _reached(cause, graph, candidates)
    placed = {*graph.components, cause}
    began = candidates[cause].onset if cause in candidates else None
    loose = {
        name
        for name, one in candidates.items()
        if name not in placed and _suffers(one) and not _before(one.onset, began)
    }
    return tuple(sorted(reached | loose))


def _reached(cause: str, graph: CallGraph, candidates: Mapping[str, Candidate]) -> set[str]:
    naming: dict[str, list[str]] = {}
    for name, one in candidates.items():
        for finding in one.notable:
            if finding.source is SourceClass.LOG and finding.peer is not None:
                naming.setdefault(finding.peer, []).append(name)
    reached: set[str] = set()
    waiting = [cause]
    while waiting:
        lower = waiting.pop()
        for other in (*graph.callers(lower), *naming.get(lower, ())):
            if other not in reached and other != cause and other in candidates and candidates[other].notable:
                reached.add(other)
                waiting.append(other)
    return reached


def _suffers(candidate: Candidate) -> bool:
    return any(one.signal in _SUFFERING for one in candidate.notable)


def _before(onset: int | None, began: int | None) -> bool:
    return onset is not None and began is not None and onset < began - _STEP


def _farthest(cause: str, graph: CallGraph, candidates: Mapping[str, Candidate]) -> str | None:
    """Return the troubled caller, over troubled callers, that is the most calls away."""
    reached = sorted(graph.above(cause))
    ways = {
        name: way
        for name in reached
        if name in candidates and candidates[name].notable
        for way in [graph.way_up(cause, name, lambda each: each in candidates and bool(candidates[each].notable))]
        if way and all(each in candidates and candidates[each].notable for each in way[1:])
    }
    return max(ways, key=lambda name: (len(ways[name]), name), default=None)


def _anomalies(name: str, candidates: Mapping[str, Candidate]) -> tuple[str, ...]:
    if name not in candidates:
        return ()
    return tuple(dict.fromkeys(id_ for finding in candidates[name].notable for id_ in finding.observations))
