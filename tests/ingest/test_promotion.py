"""A new generation is served only if its checks hold; otherwise the old one serves on."""

from pathlib import Path

import pytest

from ingest.building import Workshop
from ingest.errors import PromotionRefused, UsageError
from ingest.knowledge.run_log import RunOutcome
from ingest.pipeline import ingest
from ingest.promotion import Gate, Question, read_questions
from ingest.runs import Options
from tests.fakes import FakeSource

LONG = {
    f"{name}.md": f"# {name}\n\n" + "\n\n".join(f"## Part {n}\n\n{name} part {n}." for n in range(40)) for name in "ab"
}
SHORT = {path: text[:20] for path, text in LONG.items()}


def test_a_generation_that_holds_up_is_promoted_and_its_checks_are_kept(workshop: Workshop) -> None:
    result = ingest(workshop, [FakeSource(LONG)])

    assert {one.name: one.passed for one in result.checks} == {
        "counts": True,
        "passages kept": True,
        "sample reads": True,
        "found by title": True,
        "found by identifier": True,
    }
    assert workshop.manifest.runs.latest()[0].checks == result.checks


def test_a_run_that_would_lose_most_passages_is_refused_and_the_old_generation_serves_on(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(LONG)])
    rows = workshop.manifest.rows()

    with pytest.raises(PromotionRefused, match=r"passages kept: \d+ of 80 passages lost.*--accept-checks"):
        ingest(workshop, [FakeSource(SHORT)])

    assert (workshop.store.current(), workshop.store.generations()) == (1, [1])
    assert workshop.manifest.rows() == rows
    run = workshop.manifest.runs.latest()[0]
    assert run.outcome is RunOutcome.REFUSED
    assert [one.name for one in run.checks if not one.passed] == ["passages kept"]


def test_a_person_can_accept_what_the_checks_say(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(LONG)])

    result = ingest(workshop, [FakeSource(SHORT)], Options(gate=Gate(accept=True)))

    assert result.generation == 2
    assert [one.name for one in result.checks if not one.passed] == ["passages kept"]


def test_passages_of_removed_documents_do_not_count_as_lost(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(LONG)])

    result = ingest(workshop, [FakeSource({"a.md": LONG["a.md"]})], Options(confirm_deletions=True))

    assert result.generation == 2


def test_a_question_of_the_site_that_is_not_answered_any_more_refuses_the_generation(workshop: Workshop) -> None:
    pages = {f"p{n}.md": f"# Page {n}\n\nThe word of page {n} is w{n}word.\n" for n in range(8)}
    gate = Gate(questions=tuple(Question(f"w{n}word", f"wiki/p{n}.md") for n in range(8)))
    first = ingest(workshop, [FakeSource(pages)], Options(gate=gate))
    moved = {f"q{n}.md": pages[f"p{n}.md"] for n in range(4)} | {f"p{n}.md": pages[f"p{n}.md"] for n in range(4, 8)}

    assert next(one for one in first.checks if one.name == "recorded questions").detail == "8 of 8 found"
    with pytest.raises(PromotionRefused, match="recorded questions: 4 of 8 found, 100% before"):
        ingest(workshop, [FakeSource(moved)], Options(gate=gate))


def test_recorded_questions_are_read_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "How?", "document": "wiki/a.md"}\n\n')

    assert read_questions(file) == (Question("How?", "wiki/a.md"),)


@pytest.mark.parametrize("line", ["no json", '{"question": "How?"}', "[1]"])
def test_a_wrong_line_of_recorded_questions_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"question": "How?", "document": "wiki/a.md"}}\n{line}\n')

    with pytest.raises(UsageError, match=r"line 2 of .*questions.jsonl"):
        read_questions(file)


def test_missing_recorded_questions_are_told_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="correct the path"):
        read_questions(tmp_path / "nothing.jsonl")
