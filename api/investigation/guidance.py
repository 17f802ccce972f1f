"""Guidance: what documents advise for an incident; never evidence, and never read by what decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Source:
    """Where words stand: a document, its lines from 1, and its address where the source has any.

    `flags` say in what ways the cited text addresses a language model; it is then shown as data only.
    """

    document: str
    title: str
    path: str
    revision: str
    first_line: int
    last_line: int
    url: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerStep:
    """One step as the document has it; `observations` are ids that bear on it, empty where it is still to do.

    `destructive` says what a command destroys; such a step always stays to do.
    """

    text: str
    source: Source
    command: bool = False
    destructive: str | None = None
    observations: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether nothing of this investigation bears on it yet."""
        return not self.observations


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook's section with its steps in document order."""

    title: str
    source: Source
    steps: tuple[LedgerStep, ...]


@dataclass(frozen=True, slots=True)
class Recheck:
    """What this incident's observations say of a component that a past incident names.

    `agree` and `disagree` are ids of observations; both empty means "not seen here".
    """

    component: str
    agree: tuple[str, ...]
    disagree: tuple[str, ...]

    @property
    def words(self) -> str:
        """The result for a reader."""
        if self.agree and self.disagree:
            return "partly seen here"
        if self.agree:
            return "seen here too"
        return "looked at here, and as always" if self.disagree else "not seen here"


@dataclass(frozen=True, slots=True)
class PastIncident:
    """A past incident that resembles this one: the words on its cause as they stand, and what is so today."""

    title: str
    source: Source
    text: str
    rechecks: tuple[Recheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Guidance:
    """What documents advise; it has no place in a hypothesis, a finding or a verdict."""

    runbooks: tuple[Runbook, ...] = ()
    similar: tuple[PastIncident, ...] = ()


class KnowledgeSource(Protocol):
    """Documents that may hold advice; only such as the asker may read."""

    def runbooks(self, alert: str, component: str, words: Sequence[str], *, limit: int) -> Sequence[Runbook]:
        """Return runbooks, best first, with every step open."""

    def similar(self, words: Sequence[str], *, limit: int) -> Sequence[PastIncident]:
        """Return past incidents of different documents, best first, not yet re-checked."""
