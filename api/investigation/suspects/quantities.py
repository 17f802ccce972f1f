"""Amounts in lines of code and configuration: numbers with their units, and which side has the smaller one."""

import re
from itertools import zip_longest

_AMOUNT = re.compile(
    r"(?<![\w.#$%])(\d[\d_]*(?:\.\d+)?)\s*(?:\*\s*)?(?:time\.)?(?:Duration\.of)?(nanoseconds?|microseconds?|milliseconds?|"
    r"millis|seconds?|secs?|minutes?|mins?|hours?|days?|ms|us|ns|s|m|h|d|kib?|mib?|gib?|kb|mb|gb)?(?![\w.])",
    re.IGNORECASE,
)
_UNITS = {
    "ns": 1e-9, "nanosecond": 1e-9, "us": 1e-6, "microsecond": 1e-6, "ms": 1e-3, "millisecond": 1e-3, "milli": 1e-3,
    "s": 1.0, "second": 1.0, "sec": 1.0, "m": 60.0, "minute": 60.0, "min": 60.0, "h": 3600.0, "hour": 3600.0,
    "d": 86_400.0, "day": 86_400.0, "k": 1e3, "ki": 1024.0, "kb": 1e3, "kib": 1024.0, "mi": 1024.0**2, "mb": 1e6,
    "mib": 1024.0**2, "gi": 1024.0**3, "gb": 1e9, "gib": 1024.0**3,
}  # fmt: skip
_MUCH = 1.5  # times more or less from which on a limit that moved can break something
_STATUS = range(100, 600)  # a bare number of these between brackets or commas is mostly a status of HTTP
_STATUS_WORDS = re.compile(r"status|http|code|abort|response", re.IGNORECASE)


def amounts(line: str) -> tuple[float, ...]:
    """Return the amounts that a line states, in their base units; statuses of HTTP are no amounts."""
    found: list[float] = []
    for match in _AMOUNT.finditer(line):
        number, unit = float(match.group(1).replace("_", "")[:30]), (match.group(2) or "").lower()
        if not unit and number in _STATUS and _STATUS_WORDS.search(line):
            continue
        found.append(number * _factor(unit))
    return tuple(found)


def lowered(before: str, after: str) -> bool | None:
    """Tell whether the first amount that differs much between two versions of a line became smaller.

    An amount that was taken out counts as smaller where those before it are the same. None where none differs much.
    """
    old, new = amounts(before), amounts(after)
    for one, other in zip_longest(old, new):
        if one != other:
            if one is None or other is None:
                return True if other is None else None
            low, high = sorted((one, other))
            if high >= _MUCH * low:
                return bool(other < one)
    return None


def _factor(unit: str) -> float:
    return _UNITS.get(unit, _UNITS.get(unit.removesuffix("s"), 1.0)) if unit else 1.0
