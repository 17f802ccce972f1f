"""Tests of groups: which statements are shown as one piece, and how rows and commands are read."""

from api.answering.answer import Outcome, StatementKind
from api.schemas.answers import Statement
from tests.ui.canned_answers import abstained_answer, runbook_answer
from tests.ui.material import DATA_STORES, DISK, said
from ui.components.commands import command_text
from ui.components.groups import GroupKind, cells, grouped, new_group
from ui.components.verdict import verdict_markup


def test_consecutive_statements_of_one_kind_and_section_are_one_group() -> None:
    kinds = [group.kind.value for group in grouped(runbook_answer().statements)]

    assert kinds == ["paragraph", "list", "command", "list", "command", "list", "command", "list", "table"]


def test_sentences_of_two_documents_are_two_paragraphs() -> None:
    statements = [
        said(DISK, "At 100 % the database stops, and orders with it.", 1),
        said(DATA_STORES, "Its owner is team-platform.", 2),
    ]

    assert len(grouped(statements)) == 2


def test_every_kind_of_statement_has_a_group() -> None:
    for kind in StatementKind:
        assert new_group(Statement(text="x", kind=kind, citations=[])).kind in GroupKind


def test_every_outcome_has_words() -> None:
    for outcome in Outcome:
        assert "gw-badge" in verdict_markup(abstained_answer().model_copy(update={"outcome": outcome}))


def test_escaped_pipes_stay_in_their_cell() -> None:
    assert cells(r"| a \| b | `c` |") == ["a | b", "`c`"]
    assert cells("a | b") == ["a", "b"]


def test_a_command_loses_its_fence_and_its_indentation() -> None:
    fenced = said(DISK, "```sql\n   SELECT slot_name, active FROM pg_replication_slots;\n   ```", 1, kind="command")

    assert command_text(fenced) == "SELECT slot_name, active FROM pg_replication_slots;"
