"""Which services lie near each other, by who calls whom."""

from collections import defaultdict, deque
from collections.abc import Iterable


class ServiceGraph:
    """Services and the pairs of them that depend on each other; names differ by case, "-" and "_" only in writing."""

    def __init__(self, edges: Iterable[tuple[str, str]] = ()) -> None:
        self._beside: defaultdict[str, set[str]] = defaultdict(set)
        for one, other in edges:
            self._beside[canonical(one)].add(canonical(other))
            self._beside[canonical(other)].add(canonical(one))

    def near(self, service: str, hops: int) -> dict[str, int]:
        """Return the canonical names of services within so many steps, itself too, with the number of steps."""
        found = {canonical(service): 0}
        waiting = deque(found)
        while waiting:
            name = waiting.popleft()
            if found[name] == hops:
                continue
            for other in sorted(self._beside.get(name, ())):
                if other not in found:
                    found[other] = found[name] + 1
                    waiting.append(other)
        return found


def canonical(service: str) -> str:
    """Return a name as it is compared."""
    return "-".join(service.casefold().replace("_", "-").split())
