"""What data sets call faults, in the terms of Groundwatch: any of the kinds named is right."""

from collections.abc import Mapping

from api.investigation.faults import FaultKind

KINDS_OF_TERM: Mapping[str, frozenset[FaultKind]] = {
    # Nezha
    "return": frozenset({FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE}),
    "exception": frozenset({FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE}),
    "cpu_contention": frozenset({FaultKind.CPU, FaultKind.NOISY_NEIGHBOUR}),
    "cpu_consumed": frozenset({FaultKind.CPU}),
    "network_delay": frozenset({FaultKind.NETWORK_DELAY}),
    # PetShop
    "latency_delay": frozenset({FaultKind.NETWORK_DELAY, FaultKind.DEPENDENCY_SLOW}),
    "error_injection": frozenset({FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE}),
    "db_request_overload": frozenset({FaultKind.DATABASE, FaultKind.TRAFFIC_SURGE}),
    # TVDiag
    "cpu": frozenset({FaultKind.CPU}),
    "memory": frozenset({FaultKind.MEMORY}),
    "network-delay": frozenset({FaultKind.NETWORK_DELAY}),
    "network-loss": frozenset({FaultKind.NETWORK_LOSS}),
    "network-corrupt": frozenset({FaultKind.NETWORK_LOSS}),
    "pod-kill": frozenset({FaultKind.CRASH}),
    "pod-failure": frozenset({FaultKind.CRASH}),
    "container-kill": frozenset({FaultKind.CRASH}),
    # RootCauseBench
    "code_change": frozenset({FaultKind.BAD_CHANGE, FaultKind.CODE_DEFECT}),
    "no_code_cause": frozenset(FaultKind) - {FaultKind.BAD_CHANGE, FaultKind.CODE_DEFECT},
}
"""One table for all sets; a term that is not in it has no known kind, and only the component is graded."""


def kind_is_right(kind: FaultKind, term: str) -> bool | None:
    """Tell whether a kind is what a data set's term says; None for a term that is not known."""
    right = KINDS_OF_TERM.get(term)
    return None if right is None else kind in right
