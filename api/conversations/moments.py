"""Times as people write them: "30m", "10:00", "2026-09-22 10:00", and stretches of time in a sentence."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.errors import UsageError

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AMOUNT = r"(?P<amount>\d{1,6}(?:\.\d{1,3})?)\s*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)"
_SPAN = re.compile(_AMOUNT, re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:\s?(?:Z|UTC))?", re.IGNORECASE
)
_MOMENT = (
    r"(?:\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:\s?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:\s?(?:Z|UTC)\b)?)"
)
_FROM_TO = re.compile(
    rf"\b(?:from|between)\s+(?P<start>{_MOMENT})\s+(?:to|until|till|and|-)\s+(?P<end>{_MOMENT})", re.IGNORECASE
)
_SINCE = re.compile(rf"\b(?:since|from|after)\s+(?:about\s+)?(?P<start>{_MOMENT})", re.IGNORECASE)
_LAST = re.compile(rf"\b(?:(?:in|over|for|within|during)\s+)?(?:the\s+)?(?:last|past)\s+{_AMOUNT}\b", re.IGNORECASE)
_ONE = re.compile(
    r"\b(?:the\s+)?(?:last|past)\s+(?P<unit>minute|hour|day)\b|\b(?P<half>(?:last|past) half hour)\b", re.IGNORECASE
)
_AGO = re.compile(rf"\bsince\s+{_AMOUNT}(?:\s+ago)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, in UTC; without an end, until now. `written` is what stood for it."""

    start: datetime
    end: datetime | None = None
    written: str = ""


def span_of(text: str) -> timedelta:
    """Return a span such as "30m", "2h" or "1.5 days". Raises UsageError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None or not float(found["amount"]):
        raise UsageError(f"{text[:80]!r} is no span of time; write it as 30m, 2h or 1d")
    return _span(found)


def moment_of_words(text: str, now: datetime) -> datetime:
    """Return an instant; a time of day is the last one before `now`, and what names no zone is UTC.

    Raises UsageError.
    """
    said = text.strip()
    clock = _CLOCK.fullmatch(said)
    if clock is not None:
        today = now.astimezone(UTC).replace(
            hour=int(clock["hour"]), minute=int(clock["minute"]), second=int(clock["second"] or 0), microsecond=0
        )
        return today if today <= now else today - timedelta(days=1)
    try:
        moment = datetime.fromisoformat(re.sub(r"\s?(?:UTC)$", "Z", said, flags=re.IGNORECASE))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text[:80]!r} is no time; write it as 2026-09-22T10:00:00Z, or as 10:00 for the last time that it was so "
            "in UTC"
        ) from error


def stretch_in(text: str, now: datetime) -> Stretch | None:
    """Return the stretch of time that a sentence names, or None. Raises UsageError for one that holds no time."""
    if found := _FROM_TO.search(text):
        start, end = moment_of_words(found["start"], now), moment_of_words(found["end"], now)
        if end <= start and _CLOCK.fullmatch(found["start"].strip()):
            start -= timedelta(days=1)
        if end <= start:
            raise UsageError(f"{found.group()!r} ends before it starts; write the earlier time first")
        return Stretch(start, end, found.group())
    if found := _SINCE.search(text):
        return Stretch(moment_of_words(found["start"], now), None, found.group())
    if found := _LAST.search(text) or _AGO.search(text):
        return Stretch(now - _span(found), None, found.group())
    if found := _ONE.search(text):
        span = timedelta(minutes=30) if found["half"] else timedelta(seconds=_UNITS[found["unit"][0].lower()])
        return Stretch(now - span, None, found.group())
    return None


def _span(found: re.Match[str]) -> timedelta:
    return timedelta(seconds=float(found["amount"]) * _UNITS[found["unit"][0].lower()])
