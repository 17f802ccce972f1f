"""Which kind of fault the findings on a component look like."""

from collections import defaultdict
from collections.abc import Iterable

from api.investigation.candidates import strength
from api.investigation.faults import FaultKind
from api.investigation.findings import Finding

_NEXT = 0.5  # of the weight of the kind before it: findings name the most typical kind first


def kinds_of(findings: Iterable[Finding]) -> tuple[tuple[FaultKind, float], ...]:
    """Return the kinds that the findings look like with their shares (sum 1), likeliest first; UNKNOWN for none.

    Each finding gives its strength to the kinds that it names, each getting half of what the one before it gets.
    """
    weights: dict[FaultKind, float] = defaultdict(float)
    for finding in findings:
        parts = [_NEXT**place for place, _ in enumerate(finding.kinds)]
        for kind, part in zip(finding.kinds, parts, strict=True):
            weights[kind] += strength(finding) * part / sum(parts)
    total = sum(weights.values())
    if not total:
        return ((FaultKind.UNKNOWN, 1.0),)
    shares = [(kind, weight / total) for kind, weight in weights.items()]
    return tuple(sorted(shares, key=lambda one: (-round(one[1], 12), one[0].value)))
