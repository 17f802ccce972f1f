"""The errors of the api package; they extend the tree of ingest.errors.

GroundwatchError
├── UsageError
├── KnowledgeError …       see ingest.errors
├── NotFound               no such document, answer or passage
├── NotAllowed             the API key is missing or wrong
├── ServiceUnreachable     a running API was expected and does not answer
├── InvalidWindow          a stretch of time that holds none, or lies beyond the calendar
├── TelemetryUnreadable    a source of telemetry is there and can't be read
└── LanguageModelError     a language model did not give what was asked: the extractive answer stands
    ├── LanguageModelDown      unreachable, overloaded or out of credit
    ├── LanguageModelRefused   it refused, or its answer is empty or cut off
    └── BudgetSpent            the limit on tokens, time or money is reached
"""

from ingest.errors import GroundwatchError, KnowledgeError, KnowledgeMissing, UsageError

__all__ = [
    "BudgetSpent",
    "GroundwatchError",
    "InvalidWindow",
    "KnowledgeError",
    "KnowledgeMissing",
    "LanguageModelDown",
    "LanguageModelError",
    "LanguageModelRefused",
    "NotAllowed",
    "NotFound",
    "ServiceUnreachable",
    "TelemetryUnreadable",
    "UsageError",
]


class NotFound(GroundwatchError):
    """What was asked for by id or path does not exist."""


class NotAllowed(GroundwatchError):
    """The caller may not do this."""


class ServiceUnreachable(GroundwatchError):
    """The API does not answer, or answers something else."""


class InvalidWindow(GroundwatchError):
    """A stretch of time that holds no time, or lies beyond the years that a date can hold."""


class TelemetryUnreadable(GroundwatchError):
    """A source of telemetry is there and can't be read; the text names it, the place in it, and what to do."""


class LanguageModelError(GroundwatchError):
    """A language model did not give what was asked of it; the text names it and what to do."""


class LanguageModelDown(LanguageModelError):
    """The model's provider cannot be reached, is overloaded, or wants another key or more credit."""


class LanguageModelRefused(LanguageModelError):
    """The model refused, or its answer is empty or was cut off."""


class BudgetSpent(LanguageModelError):
    """A limit on tokens, time or money is reached."""
