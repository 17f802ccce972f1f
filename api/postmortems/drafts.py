"""A draft of a postmortem: sections of statements, each citing what it rests on, or put to the team as a question."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class SectionKind(StrEnum):
    """The sections of a draft, in their order."""

    SUMMARY = "summary"
    IMPACT = "impact"
    DETECTION = "detection"
    TIMELINE = "timeline"
    CAUSAL_CHAIN = "causal_chain"
    CONTRIBUTING = "contributing_factors"
    RULED_OUT = "ruled_out"
    WENT_WELL = "went_well"
    GAPS = "gaps_and_contradictions"
    ACTIONS = "action_items"


class Sure(StrEnum):
    """How far a statement is settled: known from what it cites, likely by the verdict, or a question for the team."""

    KNOWN = "known"
    LIKELY = "likely"
    QUESTION = "question"


class ActionKind(StrEnum):
    """What an action item is for."""

    PREVENT = "prevent"
    DETECT = "detect"
    MITIGATE = "mitigate"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence. `findings`, `observations` and `gaps` (by place) are what it rests on; a question may have none.

    `at` is the instant that a line of the timeline is about, in microseconds since the epoch. `action` is the kind of
    an action item.
    """

    text: str
    sure: Sure = Sure.KNOWN
    findings: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()
    gaps: tuple[int, ...] = ()
    at: int | None = None
    action: ActionKind | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One section with its statements, in their order."""

    kind: SectionKind
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; `title` is that of the incident."""

    title: str
    sections: tuple[Section, ...]

    @property
    def statements(self) -> Iterator[Statement]:
        """All statements, in the order of reading."""
        return (one for section in self.sections for one in section.statements)
