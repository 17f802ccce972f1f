"""How severe a log line is, in one order for the words and numbers of all loggers."""

from enum import IntEnum


class Severity(IntEnum):
    """OpenTelemetry's six ranges of severity, and 0 for what is not told."""

    UNKNOWN = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5
    FATAL = 6


_WORDS = {
    **dict.fromkeys(("trace", "finest", "verbose", "silly"), Severity.TRACE),
    **dict.fromkeys(("debug", "fine", "finer", "dbg"), Severity.DEBUG),
    **dict.fromkeys(("info", "information", "informational", "notice", "log", "config"), Severity.INFO),
    **dict.fromkeys(("warn", "warning"), Severity.WARN),
    **dict.fromkeys(("error", "err", "severe", "eror"), Severity.ERROR),
    **dict.fromkeys(("fatal", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic"), Severity.FATAL),
}


def severity_of(text: str) -> Severity:
    """Return the severity that a logger's word or number says; UNKNOWN for what is neither.

    Numbers from 10 to 60 are bunyan's and pino's, those up to 7 syslog's (RFC 5424), and 8 to 24 OpenTelemetry's.
    """
    word = text.strip().lower()
    if not word.isdigit():
        return _WORDS.get(word, Severity.UNKNOWN)
    number = int(word[:6])
    if number in {10, 20, 30, 40, 50, 60}:
        return Severity(number // 10)
    if number <= 7:
        return (Severity.FATAL, Severity.FATAL, Severity.FATAL, Severity.ERROR, Severity.WARN, Severity.INFO,
                Severity.INFO, Severity.DEBUG)[number]  # fmt: skip
    return Severity(min(6, (number - 1) // 4 + 1)) if number <= 24 else Severity.UNKNOWN
