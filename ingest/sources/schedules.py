"""When a source is read again: durations such as `1h30m`, and cron lines."""

import re
from datetime import timedelta

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
_SHORTEST = timedelta(seconds=10)
_LONGEST = timedelta(days=366)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_CRON_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d{1,2}))?")


def duration(value: object) -> timedelta:
    """Return the time that a text such as '30m' or '1h30m' means; raises ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.replace(" ", "").lower()) if isinstance(value, str) else None
    if found is None or not found.group():
        raise ValueError("is no duration; write a number and a unit, such as 30m, 6h or 1d")
    amounts = {unit: int(number or 0) for unit, number in zip(_UNITS.values(), found.groups(), strict=True)}
    try:
        meant = timedelta(**amounts)
    except OverflowError as error:
        raise ValueError("is longer than a year; write a shorter duration") from error
    if not _SHORTEST <= meant <= _LONGEST:
        raise ValueError("is out of range; write a duration between 10s and 366d")
    return meant


def words(meant: timedelta) -> str:
    """Return a duration as it is written in a file."""
    seconds = int(meant.total_seconds())
    parts = []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        parts += [f"{count}{unit}"] * bool(count)
    return "".join(parts)


def check_cron(line: str) -> None:
    """Raise ValueError where `line` is no cron line of five fields, as crontab(5) describes them."""
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"has {len(fields)} fields; a cron line has five: minute hour day month weekday")
    for text, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        if not all(_fits(part, low, high, names) for part in text.lower().split(",")):
            allowed = f"{low}-{high}" + (f" or {names[0]}-{names[-1]}" if names else "")
            raise ValueError(f"has {text!r} as {name}; write * or numbers of {allowed}, with , - and /")


def _fits(part: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    found = _CRON_PART.fullmatch(part)
    if found is None or found.group(3) == "0" or found.group(3) == "00":
        return False
    bounds = [_number(word, low, names) for word in found.group(1, 2) if word is not None]
    return all(number is not None and low <= number <= high for number in bounds) and (
        len(bounds) < 2 or (bounds[0] or 0) <= (bounds[1] or 0)
    )


def _number(word: str, low: int, names: tuple[str, ...]) -> int | None:
    if word in names:
        return names.index(word) + low
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 2 else None
