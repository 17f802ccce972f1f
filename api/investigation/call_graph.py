"""Who calls whom: the graph along which trouble spreads, from the called to those who call."""

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence

from api.investigation.reports import Call
from api.investigation.telemetry import Edge

_DETOUR = 1_000.0  # a node without trouble of its own costs as much as so many nodes with it


class CallGraph:
    """Calls that were observed, with the observations that show each; a component's calls of itself are left out."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._shown: dict[Edge, list[str]] = defaultdict(list)
        for call in calls:
            if call.edge.caller != call.edge.callee:
                self._shown[call.edge].append(call.observation)
        self._callees: dict[str, list[str]] = defaultdict(list)
        self._callers: dict[str, list[str]] = defaultdict(list)
        for edge in sorted(self._shown):
            self._callees[edge.caller].append(edge.callee)
            self._callers[edge.callee].append(edge.caller)

    def __contains__(self, edge: object) -> bool:
        return edge in self._shown

    @property
    def components(self) -> tuple[str, ...]:
        """All that call or are called, by name."""
        return tuple(sorted({*self._callees, *self._callers}))

    def shown_by(self, edge: Edge) -> tuple[str, ...]:
        """Return the ids of the observations that show a call; none where it was not observed."""
        return tuple(dict.fromkeys(self._shown.get(edge, ())))

    def callees(self, component: str) -> tuple[str, ...]:
        """Return those that a component calls itself."""
        return tuple(self._callees.get(component, ()))

    def callers(self, component: str) -> tuple[str, ...]:
        """Return those that call a component themselves."""
        return tuple(self._callers.get(component, ()))

    def above(self, component: str) -> frozenset[str]:
        """Return all that call a component, over any number of calls: whom its trouble can reach."""
        return self._reached(component, self.callers)

    def below(self, component: str) -> frozenset[str]:
        """Return all that a component calls, over any number of calls: whose trouble can reach it."""
        return self._reached(component, self.callees)

    def way_up(self, cause: str, symptom: str, troubled: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the shortest way from `cause` over callers to `symptom`, over troubled components where there is one.

        Both ends are in it; empty where no observed calls lead there.
        """
        waiting: list[tuple[float, tuple[str, ...]]] = [(0.0, (cause,))]
        seen: set[str] = set()
        while waiting:
            cost, way = heapq.heappop(waiting)
            if way[-1] == symptom:
                return way
            if way[-1] not in seen:
                seen.add(way[-1])
                for caller in self.callers(way[-1]):
                    step = 1.0 if caller == symptom or troubled(caller) else _DETOUR
                    heapq.heappush(waiting, (cost + step, (*way, caller)))
        return ()

    def _reached(self, component: str, following: Callable[[str], Sequence[str]]) -> frozenset[str]:
        waiting, seen = deque(following(component)), set[str]()
        while waiting:
            other = waiting.popleft()
            if other not in seen:
                seen.add(other)
                waiting.extend(following(other))
        return frozenset(seen - {component})
