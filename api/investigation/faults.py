"""The kinds of fault that a hypothesis can name: one taxonomy for all sources of telemetry."""

from enum import StrEnum


class FaultKind(StrEnum):
    """What is wrong with a component, in the terms of an on-call engineer."""

    CPU = "cpu"
    MEMORY = "memory"
    DISK = "disk"
    NETWORK_DELAY = "network_delay"
    NETWORK_LOSS = "network_loss"
    NETWORK_PARTITION = "network_partition"
    DNS = "dns"
    DEPENDENCY_DOWN = "dependency_down"
    DEPENDENCY_SLOW = "dependency_slow"
    BAD_CHANGE = "bad_change"
    CODE_DEFECT = "code_defect"
    CREDENTIAL = "credential"
    QUOTA = "quota"
    TRAFFIC_SURGE = "traffic_surge"
    DATABASE = "database"
    QUEUE_LAG = "queue_lag"
    DATA_ERROR = "data_error"
    CRASH = "crash"
    SCHEDULING = "scheduling"
    NOISY_NEIGHBOUR = "noisy_neighbour"
    UNKNOWN = "unknown"

    @property
    def meaning(self) -> str:
        """What the kind covers, in words for a reader."""
        return _MEANINGS[self]


_MEANINGS = {
    FaultKind.CPU: "CPU used up or contended",
    FaultKind.MEMORY: "memory used up, leaking, or killed for want of it",
    FaultKind.DISK: "disk full, slow or failing",
    FaultKind.NETWORK_DELAY: "packets delayed",
    FaultKind.NETWORK_LOSS: "packets lost or damaged",
    FaultKind.NETWORK_PARTITION: "no connection between two sides",
    FaultKind.DNS: "names not resolved, or to the wrong place",
    FaultKind.DEPENDENCY_DOWN: "something it depends on fails",
    FaultKind.DEPENDENCY_SLOW: "something it depends on answers late",
    FaultKind.BAD_CHANGE: "a deployment, configuration or flag that broke it",
    FaultKind.CODE_DEFECT: "its own code fails or leaves steps out",
    FaultKind.CREDENTIAL: "a certificate, key or permission that is no longer accepted",
    FaultKind.QUOTA: "a quota or limit reached",
    FaultKind.TRAFFIC_SURGE: "more load than it can take",
    FaultKind.DATABASE: "locks, slow queries or an exhausted connection pool",
    FaultKind.QUEUE_LAG: "a queue that is not drained in time",
    FaultKind.DATA_ERROR: "data or a schema that it can't handle",
    FaultKind.CRASH: "it crashes, restarts or is stopped",
    FaultKind.SCHEDULING: "its image or placement keeps it from starting",
    FaultKind.NOISY_NEIGHBOUR: "something else on the same host takes its resources",
    FaultKind.UNKNOWN: "a fault whose kind the evidence doesn't tell",
}
