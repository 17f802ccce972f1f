"""Severities of logs: the words and numbers of syslog, OpenTelemetry, Java, Go, zap and bunyan in one order."""

import re
from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How grave a line is, as who wrote it said; UNKNOWN where it was not told."""

    UNKNOWN = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5
    FATAL = 6


class Scale(StrEnum):
    """Whose numbers severities are: syslog's fall from 0 to 7, the others rise."""

    SYSLOG = "syslog"
    OTEL = "otel"
    BUNYAN = "bunyan"


_WORDS = {
    Severity.TRACE: "trace finest finer verbose silly v t all",
    Severity.DEBUG: "debug fine config d dbg",
    Severity.INFO: "info information informational notice i inf log normal success",
    Severity.WARN: "warn warning w wrn",
    Severity.ERROR: "error err severe e eror failure failed dpanic",
    Severity.FATAL: "fatal critical crit alert emerg emergency panic f c off ftl",
}
_OF_WORD = {word: severity for severity, words in _WORDS.items() for word in words.split()}
_SYSLOG = (Severity.FATAL,) * 3 + (Severity.ERROR, Severity.WARN, Severity.INFO, Severity.INFO, Severity.DEBUG)
_IN_TEXT = re.compile(
    r"(?<![\w.])(?:level=|severity=)?\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC|"
    r"(?<=level=)(?:trace|debug|info|warn|warning|error|fatal|panic)|panic(?=:))\b"
)


def scale_of(words: Iterable[str]) -> Scale:
    """Tell whose numbers the severities of one source are, from all of them.

    Multiples of ten to 60 are bunyan's, what is never above 7 syslog's (RFC 5424), the rest OpenTelemetry's (1 to 24).
    """
    numbers = {int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 4}
    if numbers and all(number % 10 == 0 and 10 <= number <= 60 for number in numbers):
        return Scale.BUNYAN
    return Scale.SYSLOG if numbers and max(numbers) <= 7 else Scale.OTEL


def severity_of(word: str, scale: Scale = Scale.OTEL) -> Severity:
    """Return the severity that a word or number states; UNKNOWN where it states none that is known."""
    bare = word.strip().strip("<>[]()").lower().removeprefix("severity_number_")
    if bare.isascii() and bare.isdigit() and len(bare) < 4:
        return _of_number(int(bare), scale)
    return _OF_WORD.get(bare.rstrip("0123456789"), Severity.UNKNOWN)


def severity_in(text: str) -> Severity:
    """Return the severity that the start of a line states itself, for a source that tells none."""
    found = _IN_TEXT.search(text[:120])
    return severity_of(found.group(1)) if found else Severity.UNKNOWN


def _of_number(number: int, scale: Scale) -> Severity:
    if scale is Scale.SYSLOG:
        return _SYSLOG[number] if number < len(_SYSLOG) else Severity.UNKNOWN
    step = 10 if scale is Scale.BUNYAN else 4
    place = number // step if scale is Scale.BUNYAN else (number + step - 1) // step
    return Severity(place) if 1 <= place <= Severity.FATAL else Severity.UNKNOWN
