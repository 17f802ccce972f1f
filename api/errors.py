"""The errors of the api package; they extend the tree of ingest.errors.

GroundwatchError
├── UsageError
├── KnowledgeError …       see ingest.errors
├── NotFound               no such document, answer or passage
├── NotAllowed             the API key is missing or wrong
└── ServiceUnreachable     a running API was expected and does not answer
"""

from ingest.errors import GroundwatchError, KnowledgeError, KnowledgeMissing, UsageError

__all__ = [
    "GroundwatchError",
    "KnowledgeError",
    "KnowledgeMissing",
    "NotAllowed",
    "NotFound",
    "ServiceUnreachable",
    "UsageError",
]


class NotFound(GroundwatchError):
    """What was asked for by id or path does not exist."""


class NotAllowed(GroundwatchError):
    """The caller may not do this."""


class ServiceUnreachable(GroundwatchError):
    """The API does not answer, or answers something else."""
