"""What data sets call faults, in our terms: any of the kinds named is right, and the first is the plainest."""

from collections.abc import Mapping

from api.investigation.faults import FaultKind

KINDS_OF_TERM: Mapping[str, tuple[FaultKind, ...]] = {
    # Nezha
    "return": (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE),
    "exception": (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE),
    "cpu_contention": (FaultKind.CPU, FaultKind.NOISY_NEIGHBOUR),
    "cpu_consumed": (FaultKind.CPU,),
    "network_delay": (FaultKind.NETWORK_DELAY,),
    # PetShop
    "latency_delay": (FaultKind.NETWORK_DELAY, FaultKind.DEPENDENCY_SLOW),
    "error_injection": (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE),
    "db_request_overload": (FaultKind.DATABASE, FaultKind.TRAFFIC_SURGE),
    # TVDiag
    "cpu": (FaultKind.CPU,),
    "memory": (FaultKind.MEMORY,),
    "network-delay": (FaultKind.NETWORK_DELAY,),
    "network-loss": (FaultKind.NETWORK_LOSS,),
    "network-corrupt": (FaultKind.NETWORK_LOSS,),
    "pod-kill": (FaultKind.CRASH,),
    "pod-failure": (FaultKind.CRASH,),
    "container-kill": (FaultKind.CRASH,),
    # RootCauseBench
    "code_change": (FaultKind.BAD_CHANGE, FaultKind.CODE_DEFECT),
    "no_code_cause": (
        FaultKind.DEPENDENCY_DOWN,
        FaultKind.DEPENDENCY_SLOW,
        FaultKind.TRAFFIC_SURGE,
        FaultKind.QUOTA,
        FaultKind.NOISY_NEIGHBOUR,
    ),
}
"""One table for all sets; a term that is not in it has no known kind, and only the component is graded."""


def kind_is_right(kind: FaultKind, term: str) -> bool | None:
    """Tell whether a kind is what a data set's term says; None for a term that is not known."""
    right = KINDS_OF_TERM.get(term)
    return None if right is None else kind in right
