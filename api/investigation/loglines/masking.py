"""Mask what varies in log lines: numbers, ids, addresses, times, paths, quoted strings, durations and sizes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

LONGEST = 2_000
"""Characters of a line that are looked at; what is longer is cut there."""

_COARSE = r"[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*(?:[.:,][0-9]+)*"  # RE2: its time is linear in the text
_TIME = (
    r"\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
)
# Every repeat is bounded or can match in one way only, so that no text takes more than its length times a constant.
_PARTS = (
    ("time", _TIME),
    ("uuid", r"\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b"),
    ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\b(?:[0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f]{1,4}\b"),
    ("hex", r"\b0x[0-9A-Fa-f]++|\b(?=[0-9A-Fa-f]{0,7}\d)[0-9A-Fa-f]{8,}+\b"),
    ("duration", r"\b\d++(?:\.\d++)?(?:ns|us|µs|ms|s|m|h|min|sec|secs|seconds|minutes)\b"),
    ("size", r"\b\d++(?:\.\d++)?(?:[KMGT]i?B?|bytes|B)\b"),
    ("quoted", r"\"[^\"\n]{0,200}\"|(?<!\w)'[^'\n]{0,200}'"),
    ("path", r"(?<![\w/:])(?:/[\w.@+-]{1,80}){2,40}"),
    ("id", r"\b(?=[A-Za-z_-]{1,40}\d)[A-Za-z_][\w-]{0,80}"),
    ("number", r"[-+]?\d++(?:[.,]\d++)*+%?"),
)
_MASKED = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PARTS))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a line that was masked: which kind of thing it is, and what stood there."""

    kind: str
    value: str


def mask(text: str) -> str:
    """Return the first LONGEST characters of a line with what varies replaced by its kind, such as <number>."""
    return _MASKED.sub(lambda found: f"<{found.lastgroup}>", text[:LONGEST])


@lru_cache(maxsize=65_536)
def masked(text: str) -> str:
    """Return the first line of a text under `mask`; what follows is a stack trace's or a body's."""
    return mask(text.split("\n", 1)[0]).strip()


def parameters(text: str) -> tuple[Parameter, ...]:
    """Return what `mask` replaces in a line, in order."""
    return tuple(Parameter(str(one.lastgroup), one.group()) for one in _MASKED.finditer(text[:LONGEST]))


def coarse(texts: Sequence[str]) -> "pa.DictionaryArray":
    """Return many lines with each word that holds a digit replaced by one sign, each different line once.

    It is fast and says less than `mask`: lines that are the same under it are of one template.
    """
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it ships no types

    # A lone surrogate can't be written in UTF-8, and a broken exporter can send one.
    try:
        column = pa.array(texts, type=pa.string())
    except UnicodeEncodeError:
        column = pa.array([one.encode("utf-8", "replace").decode() for one in texts], type=pa.string())
    cut = pc.utf8_slice_codeunits(column, 0, LONGEST) if max(map(len, texts), default=0) > LONGEST else column
    return pc.replace_substring_regex(cut, pattern=_COARSE, replacement="#").dictionary_encode()
