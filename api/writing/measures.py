"""Quantities and dates in a text, so that "5 minutes", "5m" and "300 s" are one and a changed unit is another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

UNITS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("us", "µs", "microsecond", "microseconds"), ("time", "0.000001")),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), ("time", "0.001")),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("time", "1")),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), ("time", "60")),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("time", "3600")),
    **dict.fromkeys(("d", "day", "days"), ("time", "86400")),
    **dict.fromkeys(("w", "week", "weeks"), ("time", "604800")),
    **dict.fromkeys(("month", "months"), ("months", "1")),
    **dict.fromkeys(("y", "year", "years"), ("months", "12")),
    **dict.fromkeys(("byte", "bytes"), ("size", "1")),
    **{name: ("size", f"1e{3 * power}") for power, name in enumerate(("kb", "mb", "gb", "tb", "pb"), start=1)},
    **{
        name: ("size", str(1024**power))
        for power, letter in enumerate("kmgtp", start=1)
        for name in (f"{letter}i", f"{letter}ib")
    },
    **dict.fromkeys(("%", "percent", "per cent"), ("share", "0.01")),
    **dict.fromkeys(("mbps", "mbit/s"), ("rate", "1e6")),
    **dict.fromkeys(("gbps", "gbit/s"), ("rate", "1e9")),
}
"""Every unit that is known to equal another, by its factor to the smallest of its kind; all else is a plain count."""

_NUMBER_WORDS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\w-])(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})(?![\w-])",
        rf"(?<!\w)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (?P<year>\d{{4}})(?!\w)",
        rf"(?<!\w){_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})(?!\w)",
        rf"(?<!\w){_MONTH} (?P<year>\d{{4}})(?!\w)",
        rf"(?<!\w)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?!\w)",
        rf"(?<!\w){_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:])",
    )
)
_WORDS = "|".join(_NUMBER_WORDS)
_QUANTITY = re.compile(
    r"(?<![\w.\-:/$])(?P<number>\d+(?:[.,]\d+)*|(?:" + _WORDS + r")(?=[\s-]))"
    r"(?:(?P<gap>[\s-]?)(?P<unit>%|per cent\b|[A-Za-zµ]+(?:/s)?))?(?![\w]*[:/]\d)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?<=\d)\s?[-–](?=\d)")
_TO = re.compile(r"\s*(?:to|or|and)?\s*")
_BAREUNITS = frozenset({"m", "d", "w", "y"})  # units only where they touch their number
_UNCOUNTED = """
a an and are as at but by each for from if in into is it of on or per so than that the then there to was
were when which with
"""
_NOT_COUNTED = frozenset(_UNCOUNTED.split())


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its kind ("time", "size", "share", … or "" for a plain count) in that kind's smallest unit.

    `noun` is the word that a plain count counts ("" where none follows); `start` and `end` are offsets.
    """

    text: str
    value: Decimal
    kind: str
    noun: str
    start: int
    end: int
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is told; a part that is not told is None."""

    text: str
    year: int | None
    month: int | None
    day: int | None

    def within(self, other: "Day") -> bool:
        """Whether `other` tells all that this one tells, and the same."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or mine == theirs for mine, theirs in pairs)


def find_dates(text: str) -> tuple[list[Day], str]:
    """Return the dates of a text, and the text with blanks in their place."""
    found: list[Day] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            named = parts.get("month")
            month = _MONTHS.index(named[:3].lower()) + 1 if named else int(parts["number"])
            day, year = parts.get("day"), parts.get("year")
            found.append(Day(match.group(), int(year) if year else None, month, int(day) if day else None))
            text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    return found, text


def find_quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text with their units; dates and names with digits are none."""
    text = _RANGE.sub(lambda found: " " * len(found.group()), text)
    found = list(_quantities(text))
    for number, (first, second) in enumerate(pairwise(found)):
        # "40 to 45 seconds": the first number is of the second one's unit.
        if not first.kind and second.kind and _TO.fullmatch(text, first.end, second.start):
            found[number] = replace(first, value=first.value * second.factor, kind=second.kind, noun="")
    return found


def is_unit(word: str) -> bool:
    """Tell whether a word is a unit of measure that is known here."""
    return word.lower() in UNITS


def is_supported(wanted: Quantity, told: Sequence[Quantity], beside: str = "") -> bool:
    """Tell whether one of `told` is the same quantity; `beside` is their text, which may name a unit in a key."""
    return any(_same(wanted, one, beside) for one in told)


def _quantities(text: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(text):
        written = match["number"]
        value = _NUMBER_WORDS.get(written.lower())
        number = Decimal(value) if value is not None else _number(written)
        if number is None:
            continue
        unit, end = (match["unit"] or "").removesuffix("/s"), match.end("number")
        known = UNITS.get(unit.lower())
        if known and (match["gap"] == "" or unit.lower() not in _BAREUNITS):
            factor = Decimal(known[1])
            yield Quantity(match.group(), number * factor, known[0], "", match.start(), match.end(), factor)
        elif unit and match["gap"] == "" and value is None:
            continue  # a name such as 5xx or 2nd, which is looked for as it is written
        else:
            noun = "" if unit.lower() in _NOT_COUNTED else unit.lower()
            yield Quantity(match.group("number"), number, "", noun, match.start(), end)


def _number(written: str) -> Decimal | None:
    plain = written.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", written) else written
    plain = plain.replace(",", ".")
    return Decimal(plain) if plain.count(".") <= 1 else None


def _same(wanted: Quantity, told: Quantity, beside: str) -> bool:
    if wanted.kind == told.kind:
        return wanted.value == told.value
    if wanted.kind and not told.kind:
        factors = [Decimal(UNITS[name][1]) for name in _units_in_names(beside) if UNITS[name][0] == wanted.kind]
        share = wanted.kind == "share" and told.value <= 1
        return (share and wanted.value == told.value) or any(wanted.value == told.value * one for one in factors)
    # A number said without its unit is the same only where nothing else is counted by it.
    return not wanted.kind and not wanted.noun and str(told.value) != "" and wanted.text == told.text.split()[0]


def _units_in_names(text: str) -> list[str]:
    """Return the units that names state: `timeout-ms`, `latency_seconds`, `retention_days`."""
    parts = re.findall(r"[A-Za-z0-9]+[._\-]((?:" + "|".join(map(re.escape, _NAMED)) + r"))(?![a-z])", text.lower())
    return [part for part in parts if part in UNITS]


_NAMED = ("ms", "milliseconds", "seconds", "secs", "sec", "s", "minutes", "min", "hours", "days", "bytes", "mb", "gb")
