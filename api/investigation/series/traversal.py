"""How well each component explains the symptom along the calls: reached through trouble, with none below it."""

import math
from collections import deque
from collections.abc import Iterable, Mapping

from api.investigation.call_graph import CallGraph
from api.investigation.reports import Call
from api.investigation.telemetry import Edge

_UNREACHED = 0.1  # what trouble counts that no troubled way joins to the symptom: a call may not have been seen


def traversed(
    strengths: Mapping[str, float], symptom: str, edges: Iterable[Edge], *, notable: float = 3.0
) -> dict[str, float]:
    """Return a score for each component of `strengths` (robust scores of zero or more), higher for a likelier origin.

    From the symptom's component the walk follows calls while the called one is notable. The logarithm of a strength is
    shared with the strongest notable callee, where the trouble can come from; what the walk does not reach counts a
    tenth. Calls that go round are walked once, and what call each other share with one another.
    """
    graph = CallGraph(Call(edge, "") for edge in edges)
    reached = _reached(strengths, symptom, graph, notable)
    return {
        name: _score(name, strengths, graph, notable) * (1.0 if name in reached else _UNREACHED)
        for name in sorted(strengths)
    }


def _reached(strengths: Mapping[str, float], symptom: str, graph: CallGraph, notable: float) -> frozenset[str]:
    seen, waiting = {symptom}, deque([symptom])
    while waiting:
        for callee in graph.callees(waiting.popleft()):
            if callee not in seen and strengths.get(callee, 0.0) >= notable:
                seen.add(callee)
                waiting.append(callee)
    return frozenset(seen)


def _score(name: str, strengths: Mapping[str, float], graph: CallGraph, notable: float) -> float:
    own = math.log1p(max(0.0, strengths[name]))
    below = max((strengths.get(one, 0.0) for one in graph.callees(name)), default=0.0)
    return own * own / (own + math.log1p(below)) if own and below >= notable else own
