"""Statements of an answer in the groups that they are shown in: paragraphs, lists, commands, tables."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from api.schemas.answers import Statement

_CELL_BORDER = re.compile(r"(?<!\\)\|")


class GroupKind(StrEnum):
    """How a group of statements is shown."""

    PARAGRAPH = "paragraph"
    LIST = "list"
    COMMAND = "command"
    TABLE = "table"


_GROUP_OF: dict[str, GroupKind] = {
    "sentence": GroupKind.PARAGRAPH,
    "step": GroupKind.LIST,
    "item": GroupKind.LIST,
    "command": GroupKind.COMMAND,
    "table_row": GroupKind.TABLE,
}


@dataclass(frozen=True, slots=True)
class Group:
    """Consecutive statements of one section that are shown as one piece; never empty."""

    kind: GroupKind
    statements: tuple[Statement, ...]

    @property
    def depth(self) -> int:
        """Nesting depth of the first statement."""
        return self.statements[0].depth

    def takes(self, statement: Statement) -> bool:
        """Tell whether `statement` continues this group."""
        first = self.statements[0]
        return (
            self.kind is not GroupKind.COMMAND
            and _GROUP_OF[statement.kind] is self.kind
            and section_of(statement) == section_of(first)
            and (self.kind is not GroupKind.TABLE or statement.header == first.header)
        )

    def extended(self, statement: Statement) -> "Group":
        """Return this group with `statement` at its end."""
        return Group(self.kind, (*self.statements, statement))


def grouped(statements: Iterable[Statement]) -> list[Group]:
    """Group `statements` in their order."""
    groups: list[Group] = []
    for statement in statements:
        if groups and groups[-1].takes(statement):
            groups[-1] = groups[-1].extended(statement)
        else:
            groups.append(new_group(statement))
    return groups


def new_group(statement: Statement) -> Group:
    """Return a group that starts with `statement`."""
    return Group(_GROUP_OF[statement.kind], (statement,))


def section_of(statement: Statement) -> tuple[str, tuple[str, ...]]:
    """Return document and heading path of what `statement` rests on first; empty where it rests on nothing."""
    if not statement.citations:
        return "", ()
    first = statement.citations[0]
    return first.document_id, tuple(first.heading_path)


def cells(row: str) -> list[str]:
    """Return the cells of a pipe-table row, without the escapes of pipes inside them."""
    inner = row.strip()
    inner = inner.removeprefix("|")
    inner = re.sub(r"(?<!\\)\|$", "", inner)
    return [cell.strip().replace("\\|", "|") for cell in _CELL_BORDER.split(inner)]
