"""Documents that nearly repeat each other: one leads, and the others are shown beneath it."""

from collections.abc import Container, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Families:
    """The near-duplicates of one generation; a document without any is a family of its own."""

    _leaders: Mapping[str, str]
    _members: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, leaders: Mapping[str, str]) -> "Families":
        """Index near-duplicates, given the leader of each document but the leaders."""
        members: dict[str, list[str]] = {}
        for document, leader in leaders.items():
            members.setdefault(leader, [leader]).append(document)
        return cls(leaders, {leader: tuple(family) for leader, family in members.items()})

    def leader(self, document: str, found: Container[str]) -> str:
        """Return the document that stands for another one: its leader, where passages of that were found too."""
        leader = self._leaders.get(document, document)
        return leader if leader in found else document

    def others(self, document: str) -> tuple[str, ...]:
        """Return the rest of a document's family, its leader first."""
        family = self._members.get(self._leaders.get(document, document), ())
        return tuple(one for one in family if one != document)
