"""What a person said of the documents below some paths: kind, status, owners and the like."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ingest.knowledge.documents import DocumentKind, DocumentStatus


@dataclass(frozen=True, slots=True)
class PathTerms:
    """What the rules say of one path; None and empty where they say nothing.

    `access` names the groups that alone may read the document.
    """

    kind: DocumentKind | None = None
    status: DocumentStatus | None = None
    superseded_by: str | None = None
    owners: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    review_by: date | None = None
    access: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A short name of these terms that changes with them; "" where they say nothing."""
        if self == NO_TERMS:
            return ""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:8]


NO_TERMS = PathTerms()

TermsOfPath = Callable[[str], PathTerms]
"""Returns the terms of a path; it can be pickled."""


def no_terms(_path: str) -> PathTerms:
    """Say nothing of any path."""
    return NO_TERMS
