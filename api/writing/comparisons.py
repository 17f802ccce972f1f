"""Whether a figure is said as a bound: "at most 6" and "at least 6" are not the same six."""

import re

from api.writing.measures import Quantity

_BEFORE = 34
_AFTER = 14
_THAN = r"(?:more|higher|greater|larger|longer|older|later) than"
_UNDER = r"(?:less|fewer|lower|smaller|shorter|younger|earlier) than"
_UP_TO = (
    r"at most|up to|maximum(?: of)?|max|limit(?:ed to| of| is)|below|under|within|≤|<=|<|capped at|cap of|ceiling of"
)
_FROM = r"at least|minimum(?: of)?|min|above|over|exceed(?:s|ing)?|beyond|past|≥|>=|>"
_END = r"\W*(?:\w+\W+)?$"
_NOT = r"(?:no|not|never|cannot be|can't be)\b[^.;]{0,12}?"
_UPPER = re.compile(rf"(?:{_NOT}(?:{_THAN}|beyond|above|over)|(?<!not )(?:{_UP_TO}|{_UNDER})){_END}", re.IGNORECASE)
_LOWER = re.compile(rf"(?:{_NOT}(?:{_UNDER}|below|under)|{_FROM}|{_THAN}|older){_END}", re.IGNORECASE)
_NO_LESS = re.compile(rf"{_NOT}(?:{_UNDER}|below|under){_END}", re.IGNORECASE)
_TRAILING_UPPER = re.compile(
    r"^\W*(?:\w+\W+)?(?:or (?:less|fewer|lower)|at (?:the )?most|maximum|max)\b", re.IGNORECASE
)
_TRAILING_LOWER = re.compile(r"^\W*(?:\w+\W+)?(?:or (?:more|longer|higher|above|older)|at least)\b", re.IGNORECASE)
_LIMIT = r"limit|max|maximum|cap|ceiling|at most|up to|largest|longest|highest|biggest"
_LIMITED = re.compile(rf"\b(?:{_LIMIT})\b", re.IGNORECASE)
_CAPPED = re.compile(rf"\b(?:{_LIMIT}|may|can|only)\b", re.IGNORECASE)


def bound_of(text: str, quantity: Quantity) -> str:
    """Return "at most", "at least" or "" for how a text bounds one of its quantities."""
    before = text[max(0, quantity.start - _BEFORE) : quantity.start]
    after = text[quantity.end : quantity.end + _AFTER]
    if _NO_LESS.search(before) or _TRAILING_LOWER.search(after):
        return "at least"
    if _UPPER.search(before) or _TRAILING_UPPER.search(after):
        return "at most"
    return "at least" if _LOWER.search(before) else ""


def may_bound(text: str) -> bool:
    """Tell whether a text speaks of a limit somewhere, so that its plain figure is one."""
    return _CAPPED.search(text) is not None


def names_limit(text: str) -> bool:
    """Tell whether a text is about a limit in so many words."""
    return _LIMITED.search(text) is not None
