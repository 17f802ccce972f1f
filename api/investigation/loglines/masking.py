"""Lines with their parameters masked, so that lines of one statement of code look alike."""

import re
from functools import lru_cache

_LONGEST = 2_000
"""Characters of a line that are looked at; the rest is cut, and that is said."""

# In this order, and each in time linear in the line: no part can match the same text in two ways.
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"), "<uuid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b"), "<ip>"),
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}\b"), "<mail>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{12,64}\b"), "<hex>"),
    (re.compile(r"\"[^\"\n]{0,200}\""), "<text>"),
    (re.compile(r"(?<![A-Za-z])[-+]?\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|%|[KMGT]i?B|B)?(?![A-Za-z\d])"), "<n>"),
    (re.compile(r"(?<=[A-Za-z_-])\d+"), "<n>"),
)


@lru_cache(maxsize=65_536)
def masked(line: str) -> str:
    """Return the first line of a text with its parameters masked; what follows is a stack trace's or a body's."""
    first = line[:_LONGEST].split("\n", 1)[0]
    for pattern, mask in _MASKS:
        first = pattern.sub(mask, first)
    return first.strip()
