"""Cutting passages into citable units."""

from pathlib import Path

import pytest

from api.answering.answer import StatementKind
from api.answering.units import Unit, units
from tests.small_knowledge import build_knowledge

TEXT = """# Title

First sentence, e.g. this one. Second sentence: see v1.2 of it! Third?

3. Do this
   on two lines:
   ```bash
   kubectl get pods
     --watch
   ```
   - a nested item
4. [ ] Do that

| A | B |
|---|---|
| 1 | `x` |

> A quoted line.

* * *
"""


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> list[Unit]:
    folder: Path = tmp_path_factory.mktemp("units")
    searcher = build_knowledge(folder, {"a.md": TEXT})
    hits = searcher.search("title", limit=10, per_document=10)
    return [unit for hit in sorted(hits, key=lambda h: h.stored.passage.ordinal) for unit in units(hit.stored)]


def test_prose_is_cut_into_sentences_but_not_at_abbreviations(cut: list[Unit]) -> None:
    sentences = [unit.text for unit in cut if unit.kind is StatementKind.SENTENCE]

    assert sentences == [
        "First sentence, e.g. this one.",
        "Second sentence: see v1.2 of it!",
        "Third?",
        "A quoted line.",
    ]


def test_steps_keep_their_numbers_and_leave_their_content_to_units_of_its_own(cut: list[Unit]) -> None:
    steps = [(unit.number, unit.text) for unit in cut if unit.kind is StatementKind.STEP]

    assert steps == [(3, "Do this on two lines:"), (4, "Do that")]


def test_a_command_is_the_inside_of_its_fence_with_its_language(cut: list[Unit]) -> None:
    command = next(unit for unit in cut if unit.kind is StatementKind.COMMAND)

    assert command.text == "kubectl get pods\n  --watch"
    assert command.language == "bash"
    assert command.depth == 1


def test_rows_know_their_columns_and_rules_are_not_said(cut: list[Unit]) -> None:
    row = next(unit for unit in cut if unit.kind is StatementKind.TABLE_ROW)

    assert (row.header, row.text) == ("| A | B |", "| 1 | `x` |")
    assert all("* *" not in unit.text for unit in cut)


def test_every_unit_lies_where_it_says(cut: list[Unit]) -> None:
    lines = TEXT.split("\n")

    for unit in cut:
        assert TEXT[unit.span.start : unit.span.end] == unit.quote
        assert unit.quote in "\n".join(lines[unit.span.line_start - 1 : unit.span.line_end])
