"""What a metric measures, told from its name: by the words that exporters and clouds use, whatever their case."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from api.investigation.signals import Signal


class Worse(StrEnum):
    """Which way a metric goes when things get worse."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a metric measures; `host` says that it is of the machine, and so shared by all that run there.

    `count` says that it counts events, so that its noise is that of counts.
    """

    signal: Signal
    worse: Worse
    host: bool = False
    count: bool = False


_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+(?:xx)?")
_HOST = frozenset({"node", "host", "machine", "instance"})
_CLIENT = frozenset({"client", "src", "source", "outbound", "outgoing", "egress"})
_OUTGOING = {
    Signal.LATENCY: Signal.OUTGOING_LATENCY,
    Signal.TRAFFIC: Signal.OUTGOING_TRAFFIC,
    Signal.ERRORS: Signal.OUTGOING_ERRORS,
    Signal.AVAILABILITY: Signal.OUTGOING_AVAILABILITY,
}
_SENT = frozenset({"tx", "transmit", "transmitted", "trainsmit", "sent", "send"})
_QUANTILE = re.compile(r"(?:^|[^a-z])(?:p|q|quantile)(?:50|75|90|95|99|999)(?![0-9])", re.IGNORECASE)

# In this order: the first set that a name shares a word with tells. Of "error latency", latency is measured.
_WORDS: tuple[tuple[Signal, Worse, frozenset[str]], ...] = (
    (Signal.CPU, Worse.UP, frozenset({"cpu", "throttled", "throttling", "load1", "load5", "load"})),
    (Signal.MEMORY, Worse.UP, frozenset({"memory", "mem", "rss", "heap", "oom", "swap", "gc"})),
    (
        Signal.DISK,
        Worse.UP,
        frozenset({"disk", "fs", "filesystem", "inode", "inodes", "iops", "volume", "syscall", "io", "ebs", "wal"}),
    ),
    (
        Signal.LATENCY,
        Worse.UP,
        frozenset({"latency", "duration", "elapsed", "rtt", "responsetime", "lat", "slow", "ttfb"}),
    ),
    (Signal.AVAILABILITY, Worse.DOWN, frozenset({"availability", "success", "successrate", "healthy", "up", "ready"})),
    (
        Signal.ERRORS,
        Worse.UP,
        frozenset(
            {
                "error", "errors", "err", "errs", "fail", "failed", "failure", "failures", "fault", "faults", "5xx",
                "4xx", "exception", "exceptions", "timeout", "timeouts", "rejected", "dropped", "declined", "mismatch",
                "corrupt", "invalid", "denied", "retry", "retries", "restarts", "unavailable",
            }
        ),
    ),
    (
        Signal.NETWORK,
        Worse.EITHER,
        frozenset(
            {
                "network", "net", "rx", "tx", "receive", "transmit", "trainsmit", "packets", "packet", "tcp", "bytes",
                "retransmits", "retrans", "bandwidth", "socket", "sockets",
            }
        ),
    ),
    (
        Signal.SATURATION,
        Worse.UP,
        frozenset(
            {
                "pool", "connections", "connection", "conn", "conns", "threads", "thread", "queue", "lag", "backlog",
                "pending", "utilization", "utilisation", "saturation", "fds", "goroutines", "depth", "age", "inflight",
                "waiting", "waiters", "locks", "lock", "blocked", "capacity", "limit", "quota", "usage", "wait",
            }
        ),
    ),
    (
        Signal.TRAFFIC,
        Worse.EITHER,
        frozenset(
            {
                "requests", "request", "req", "reqs", "qps", "rps", "ops", "tps", "throughput", "workload", "calls",
                "invocations", "hits", "traffic", "messages", "events", "count", "sum", "total", "rate", "queries",
            }
        ),
    ),
)  # fmt: skip


@lru_cache(maxsize=4096)
def meaning_of(metric: str) -> Meaning:
    """Return what a metric's name says that it measures; OTHER where it says nothing that is known."""
    words = [word.lower() for word in _SPLIT.findall(metric)]
    known = {*words, *(one + two for one, two in pairwise(words))}
    host = bool(words) and words[0] in _HOST
    if "availability" in known or "successrate" in known:
        return Meaning(_OUTGOING[Signal.AVAILABILITY] if known & _CLIENT else Signal.AVAILABILITY, Worse.DOWN, host)
    if {"response", "time"} <= known or {"wait", "time"} <= known:
        return Meaning(Signal.LATENCY, Worse.UP, host)
    for signal, worse, own in _WORDS:
        if known & own:
            if signal is Signal.NETWORK and known & _SENT:
                return Meaning(Signal.NETWORK_SENT, worse, host)
            count = signal in {Signal.TRAFFIC, Signal.ERRORS} and not known & {"rate", "ratio", "pct", "percent"}
            return Meaning(_OUTGOING.get(signal, signal) if known & _CLIENT else signal, worse, host, count)
    if _QUANTILE.search(metric):
        return Meaning(Signal.OUTGOING_LATENCY if known & _CLIENT else Signal.LATENCY, Worse.UP, host)
    return Meaning(Signal.OTHER, Worse.EITHER, host)
