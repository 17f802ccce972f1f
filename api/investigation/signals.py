"""The signals that findings are about: what was measured, in the terms of an on-call engineer."""

from enum import StrEnum


class Signal(StrEnum):
    """What a finding is about; sources of one class share a part of these."""

    # Metrics, and alerts that were raised on them.
    CPU = "cpu"
    MEMORY = "memory"
    DISK = "disk"
    NETWORK = "network"
    NETWORK_SENT = "network_sent"
    LATENCY = "latency"
    ERRORS = "errors"
    TRAFFIC = "traffic"
    AVAILABILITY = "availability"
    SATURATION = "saturation"
    OTHER = "other"
    OUTGOING_LATENCY = "outgoing_latency"  # of the calls that a component makes, as it sees them
    OUTGOING_TRAFFIC = "outgoing_traffic"
    OUTGOING_ERRORS = "outgoing_errors"
    OUTGOING_AVAILABILITY = "outgoing_availability"
    EXCESS = "excess"  # of what a symptom is about: the waiting or the failures that begin at a component
    # Traces.
    SELF_TIME = "self_time"
    CALL_DELAY = "call_delay"
    FAILED_CALLS = "failed_calls"
    MISSING_CALLS = "missing_calls"
    # Logs.
    NEW_LOGS = "new_logs"
    VANISHED_LOGS = "vanished_logs"
    LOG_RATE = "log_rate"
    ERROR_LOGS = "error_logs"
    BROKEN_SEQUENCE = "broken_sequence"
    # Events and changes.
    CHANGE = "change"
    RESTART = "restart"
    PROVIDER_STATUS = "provider_status"
    # People.
    TOLD = "told"
