"""When something happened, as a person writes it at the start of a line: clock times, dates, zones, ranges."""

import re
from dataclasses import dataclass

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DATE = (
    r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}\.\d{1,2}\.\d{4}|"
    rf"{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?(?!\d|:\d)|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s\d{{4}})?(?!\w|:\d)"
)
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp]\.?[Mm]\b\.?)?|\d{1,2}\s?[AaPp]\.?[Mm]\b\.?|T\+\d+\w*"
_ZONE = r"(?:UTC|GMT|Z|[ECMP][SD]?T|CES?T|BST|JST|IST|AES?T|A[ck]*[SD]T)\b(?:[+-]\d{1,2})?|[+-]\d{2}:?\d{2}\b"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\b\.?"
_PART = rf"(?:{_DATE}|{_CLOCK}|{_ZONE}|{_DAY})"
_WHEN = re.compile(
    rf"(?P<lead>[\s>*_`~≈@(\[]*(?:(?:around|about|approx\.?|approximately|circa|ca\.|by|at|on|from|between|day)\s+)?)"
    rf"(?P<at>{_PART}(?:[\sT,/()\[\]*_~–—-]{{0,4}}(?:(?:to|until|at|and|on)\s+)?[~(\[]?{_PART}){{0,7}})"
    rf"(?![\w%])(?P<tail>[\s:)\]*_`|,;.–—=>-]*)"
)
_TELLS_TIME = re.compile(rf"{_DATE}|{_CLOCK}")


@dataclass(frozen=True, slots=True)
class When:
    """A time as it is written, and where the words that follow it start."""

    at: str
    end: int


def leading_time(text: str, start: int, end: int) -> When | None:
    """Return the time that opens `[start, end)` of `text`; a weekday or zone alone is none."""
    match = _WHEN.match(text, start, min(end, start + 200))
    if match is None or not _TELLS_TIME.search(match["at"]):
        return None
    at = match["at"].strip(" *_`([-–—,/")
    return When(at + ")" if "(" in at and ")" not in at else at, match.end())
