"""Answers, hits, the status and a diagnosis as a terminal shows them."""

from datetime import UTC, datetime, timedelta

import pytest

from api.answering.answer import Outcome, StatementKind
from api.checks import Check, Diagnosis
from api.overview import diagnosis_text, status_text
from api.rendering import age_text, answer_text, hits_text
from api.schemas.answers import Answer, Citation, Confidence, Statement
from api.schemas.knowledge import DocumentSummary, KnowledgeStatus, SourceStatus
from api.schemas.search import SearchHit, SearchResponse
from api.terminal import Line, laid_out, plain_text
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.knowledge.manifest import DocumentState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COMMAND = "kubectl -n data exec $POD -- sh -c 'df -h /pgdata && du -sh /pgdata/pg_wal /pgdata/base /pgdata/log'"


def _citation(number: int, first: int, last: int) -> Citation:
    return Citation(
        document_id="d",
        passage_id=f"p{number}",
        source="docs",
        path="runbooks/disk.md",
        kind=DocumentKind.RUNBOOK,
        status=DocumentStatus.SUPERSEDED,
        title="Disk full",
        heading_path=["Disk full", "Mitigation"],
        line_start=first,
        line_end=last,
        char_start=0,
        char_end=4,
        quote="text",
        url="https://git.example/disk.md",
        revision="abc",
        updated_at=NOW - timedelta(days=400),
        number=number,
    )


def _answer(*statements: Statement, outcome: Outcome = Outcome.ANSWERED) -> Answer:
    hit = SearchHit(**_citation(1, 3, 9).model_dump(exclude={"number"}), score=1.0)
    abstained = outcome is Outcome.ABSTAINED
    return Answer(
        id="a",
        question="q",
        outcome=outcome,
        reason="the reason",
        statements=list(statements),
        confidence=Confidence(words="high", reasons=["all words are there"]),
        missing=["the owner"] if abstained else [],
        nearest=[hit] if abstained else [],
        warnings=["disk.md is superseded"],
        generation=1,
        took_ms=1.0,
    )


STEP = Statement(text="Look first.", kind=StatementKind.STEP, number=3, citations=[_citation(1, 3, 4)])
DROP = Statement(
    text=COMMAND,
    kind=StatementKind.COMMAND,
    language="sh",
    depth=1,
    destructive="deletes the database",
    citations=[_citation(2, 8, 9)],
)
AGAIN = Statement(text="Look again.", kind=StatementKind.STEP, number=4, citations=[_citation(1, 6, 6)])


def test_an_answer_opens_with_its_outcome_in_words_and_its_reason() -> None:
    rows = plain_text(answer_text(_answer(STEP), now=NOW)).splitlines()

    assert rows[0] == "Answered: the reason"
    assert rows[1] == "Confidence: high — all words are there"


def test_a_step_keeps_its_number_and_names_its_source() -> None:
    assert "3. Look first. [1]" in plain_text(answer_text(_answer(STEP), now=NOW)).splitlines()


def test_a_command_stands_on_lines_of_its_own_unwrapped_after_the_word_destructive() -> None:
    rows = plain_text(answer_text(_answer(DROP), now=NOW), width=60).splitlines()

    at = rows.index("   DESTRUCTIVE: deletes the database")
    assert rows[at + 1 : at + 3] == ["   sh [2]", f"       {COMMAND}"]


def test_a_source_is_listed_once_with_all_lines_that_were_used() -> None:
    text = plain_text(answer_text(_answer(STEP, DROP, AGAIN), now=NOW), width=200)

    assert text.count("[1] Disk full > Mitigation — docs/runbooks/disk.md:3-6 (runbook, SUPERSEDED, updated") == 1
    assert "13 months ago" in text
    assert "https://git.example/disk.md" in text


def test_a_table_row_names_the_column_of_each_cell() -> None:
    row = Statement(
        text="| pool | 20 | |",
        header="| Key | Value | Note |",
        kind=StatementKind.TABLE_ROW,
        citations=[_citation(1, 3, 3)],
    )

    assert "Key: pool; Value: 20 [1]" in plain_text(answer_text(_answer(row), now=NOW))


def test_an_abstention_says_what_is_missing_and_what_is_nearest() -> None:
    text = plain_text(answer_text(_answer(outcome=Outcome.ABSTAINED), now=NOW), width=200)

    assert text.startswith("Not answered: the reason")
    assert "Missing\n- the owner" in text
    assert "Nearest in the documents\n- Disk full > Mitigation — docs/runbooks/disk.md:3-9" in text
    assert "Warnings\n- disk.md is superseded" in text


def test_prose_fits_eighty_columns() -> None:
    long = STEP.model_copy(update={"text": "word " * 60})

    rows = plain_text(answer_text(_answer(long), now=NOW)).splitlines()

    assert max(len(row) for row in rows) <= 80


def test_control_characters_of_a_document_never_reach_the_terminal() -> None:
    rows = laid_out(Line("a\x1b[31mred\x07\u202eb", verbatim=True), 80)

    assert rows == ["a\ufffd[31mred\ufffd\ufffdb"]


def test_hits_are_numbered_with_the_start_of_their_passage() -> None:
    hit = SearchHit(**_citation(1, 3, 9).model_dump(exclude={"number"}) | {"quote": "\n".join("abcdefgh")}, score=1.0)
    found = SearchResponse(query="q", hits=[hit, hit], generation=1, took_ms=1.0)

    text = plain_text(hits_text(found, now=NOW), width=200)

    assert text.startswith("1. Disk full > Mitigation — docs/runbooks/disk.md:3-9")
    assert "\n\n2. Disk full" in text
    assert "   d\n   …" in text


def test_finding_nothing_says_what_to_try() -> None:
    found = SearchResponse(query="q", hits=[], generation=1, took_ms=1.0)

    assert plain_text(hits_text(found)).startswith("Nothing found. Try")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=90), "90 minutes ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=59), "59 days ago"),
        (timedelta(days=700), "22 months ago"),
        (timedelta(days=731), "2 years ago"),
        (timedelta(days=-1), "in the future"),
    ],
)
def test_an_age_is_told_in_the_largest_unit_that_counts_two(ago: timedelta, words: str) -> None:
    assert age_text(NOW - ago, NOW) == words


def test_the_status_lists_sources_problems_and_failures() -> None:
    source = SourceStatus(
        source="docs",
        location="/docs",
        indexed=5,
        failed=2,
        passages=50,
        last_run=NOW - timedelta(hours=3),
        seconds=1.0,
        complete=False,
        problems=["one folder could not be listed"],
    )
    status = KnowledgeStatus(
        generation=4,
        model="words@1",
        built_at=NOW - timedelta(hours=3),
        documents=5,
        passages=50,
        failed=2,
        store="/data",
        kinds={"runbook": 5},
        statuses={"current": 4, "draft": 1},
        sources=[source],
    )
    failed = DocumentSummary(
        id="x",
        source="docs",
        path="a.pdf",
        title="a",
        state=DocumentState.FAILED,
        kind=None,
        reason="is encrypted",
        revision="r",
    )

    text = plain_text(status_text(status, [failed], now=NOW))

    assert text.startswith("Serving generation 4: 5 documents, 50 passages")
    assert "Statuses: 4 current, 1 draft" in text
    assert "3 hours ago, incomplete" in text
    assert "docs: one folder could not be listed" in text
    assert "- docs/a.pdf: is encrypted; the version of before is still served" in text
    assert "- and 1 more" in text


def test_a_diagnosis_opens_with_the_outcome_and_says_how_to_mend() -> None:
    checks = [
        Check(name="python", state="ok", detail="3.11"),
        Check(name="model", state="fail", detail="is gone", mend="Install it."),
    ]

    rows = plain_text(diagnosis_text(Diagnosis(version="1", healthy=False, checks=checks))).splitlines()

    assert rows[0] == "1 of 2 checks failed"
    assert rows[-2:] == ["fail  model: is gone", "      Install it."]
