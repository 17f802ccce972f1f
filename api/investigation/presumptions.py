"""What each feature of a candidate is presumed to weigh before any case taught it: what an engineer would say.

Cases of a few systems can't teach every signal. A fitted ranking starts from these weights and moves away as far as
cases ask for it; a signal that no case had keeps its own, so that a kind of telemetry that is new here still counts.
"""

from api.investigation.signals import Signal

_PLAIN, _ALONE, _LEAD, _SIBLING = 0.5, 0.5, 0.25, 0.5
_SOURCES = 0.5
_EXCESS = 2.0  # what a symptom is made of, less what comes from below: the nearest to a cause that metrics tell
_SYMPTOMATIC = 0.1  # seen where trouble arrives as often as where it begins
_LESS_LOAD = 0.4
_LOWER = 0.2  # of the weight of a rise: a resource that is used less has less to do

_CONSEQUENCES = frozenset(
    {
        Signal.OUTGOING_LATENCY, Signal.OUTGOING_ERRORS, Signal.OUTGOING_AVAILABILITY, Signal.OUTGOING_TRAFFIC,
        Signal.TRAFFIC, Signal.NETWORK, Signal.OTHER, Signal.LOG_RATE, Signal.VANISHED_LOGS,
    }
)  # fmt: skip
_LOAD = frozenset({Signal.TRAFFIC, Signal.OUTGOING_TRAFFIC})
_FALL_TELLS = frozenset({Signal.AVAILABILITY, Signal.NETWORK_SENT})  # nothing sent, nothing available: it is down


def presumed(feature: str) -> float:
    """Return the weight that is presumed for a feature by its name; 0 for what isn't a signal of a component."""
    if feature == "sources":
        return _SOURCES
    parts = feature.split(".")
    if len(parts) < 3 or parts[2] not in set(Signal):
        return 0.0
    how = {"alone": _ALONE, "lead": _LEAD, "sibling": _SIBLING}.get(parts[-1], _PLAIN)
    return how * _worth(Signal(parts[2]), falls="fall" in parts[3:])


def _worth(signal: Signal, *, falls: bool) -> float:
    if signal is Signal.EXCESS:
        return _EXCESS
    if signal in _LOAD and falls:
        return _LESS_LOAD
    if signal in _CONSEQUENCES or (signal is Signal.NETWORK_SENT and not falls):
        return _SYMPTOMATIC
    return _LOWER if falls and signal not in _FALL_TELLS else 1.0
