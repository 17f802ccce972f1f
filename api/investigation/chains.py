"""The causal chain: from the component at fault over observed calls to where the symptom shows."""

from collections.abc import Mapping
from itertools import pairwise

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate
from api.investigation.hypotheses import Hop
from api.investigation.telemetry import Edge


def chain_of(cause: str, symptom: str | None, graph: CallGraph, candidates: Mapping[str, Candidate]) -> tuple[Hop, ...]:
    """Return the hops from `cause` to the symptom's component; empty where the calls that were observed lead nowhere.

    Without a named symptom it leads to the troubled caller that is farthest away. A hop to a component without
    trouble of its own is in it with no anomalies, so that a reader sees what was not seen.
    """

    def troubled(name: str) -> bool:
        return name in candidates and bool(candidates[name].notable)

    end = symptom if symptom is not None else _farthest(cause, graph, candidates)
    if end is None or end == cause:
        return ()
    way = graph.way_up(cause, end, troubled)
    return tuple(
        Hop(
            cause=lower,
            effect=upper,
            calls=graph.shown_by(Edge(upper, lower)),
            anomalies=_anomalies(upper, candidates),
        )
        for lower, upper in pairwise(way)
    )


def blast_radius(cause: str, graph: CallGraph, candidates: Mapping[str, Candidate]) -> tuple[str, ...]:
    """Return the troubled components that trouble of `cause` can reach through troubled ones, by name."""
    reached: set[str] = set()
    waiting = [cause]
    while waiting:
        for caller in graph.callers(waiting.pop()):
            if caller not in reached and caller != cause and caller in candidates and candidates[caller].notable:
                reached.add(caller)
                waiting.append(caller)
    return tuple(sorted(reached))


def _farthest(cause: str, graph: CallGraph, candidates: Mapping[str, Candidate]) -> str | None:
    reached = blast_radius(cause, graph, candidates)
    ways = {name: graph.way_up(cause, name, lambda _: True) for name in reached}
    return max(reached, key=lambda name: (len(ways[name]), name), default=None)


def _anomalies(name: str, candidates: Mapping[str, Candidate]) -> tuple[str, ...]:
    if name not in candidates:
        return ()
    return tuple(dict.fromkeys(id_ for finding in candidates[name].notable for id_ in finding.observations))
