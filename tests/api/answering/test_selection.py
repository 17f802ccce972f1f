"""Which units are said: of the right part of a runbook, of a postmortem, and under a heading that is asked."""

import pytest

from api.answering.answerer import Answerer
from api.retrieval.search import Searcher
from tests.small_knowledge import WordEmbedder, build_knowledge

FILES = {
    "runbooks/queue.md": """# Queue alerts

## QueueConsumersGone

No consumer takes messages from the queue any more.

### Quick checks

- Look at `queue_consumers` of the worker
- Restart the worker

## QueueDiskFull

The disk of the broker is full and publishers are blocked.

### Quick checks

- Look at `queue_disk_free` of the broker
- Purge the dead letters
""",
    "runbooks/table.md": """# Rules of the ledger

| alert | meaning |
|---|---|
| LedgerLate | Ledger has high latency of postings |
| LedgerDown | Ledger has no replica that answers |
| LedgerLost | Ledger has high number of lost postings |
""",
    "postmortems/2026-01-04-tax.md": """# Tax rates were wrong

## Summary

Invoices carried the tax rates of last year for three hours.

## Root cause

The rates were read from a snapshot that a job had not renewed.

## Resolution

The snapshot was renewed by hand and the invoices were sent again.

## Action items

- Alert on the age of the snapshot
""",
    "faq.md": """# Questions

## Why is my parcel label blank?

The printer has no ribbon. Load one and print again.

## Why is my parcel late?

The courier collects once a day.
""",
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    reader = build_knowledge(tmp_path_factory.mktemp("selection"), FILES).reader
    return Answerer(Searcher(reader, WordEmbedder()))


def _said(answerer: Answerer, question: str) -> str:
    return " | ".join(statement.text for statement in answerer.answer(question).statements)


def test_of_a_runbook_for_many_alerts_only_the_part_below_the_name_is_said(answerer: Answerer) -> None:
    said = _said(answerer, 'QueueDiskFull queue_disk_free{job="broker"} < 100 the disk of the broker is full')

    assert "Purge the dead letters" in said
    assert "consumer" not in said
    assert "Restart the worker" not in said


def test_of_a_table_the_row_is_said_that_holds_the_words(answerer: Answerer) -> None:
    said = _said(answerer, "Ledger has high number of lost postings")

    assert "LedgerLost" in said
    assert "LedgerDown" not in said


def test_who_tells_of_a_symptom_hears_why_it_was_and_what_ended_it(answerer: Answerer) -> None:
    said = _said(answerer, "Invoices carried the tax rates of last year")

    assert "a job had not renewed" in said
    assert "renewed by hand" in said
    assert "Alert on the age" not in said


def test_what_stands_under_a_heading_that_puts_the_question_is_the_answer(answerer: Answerer) -> None:
    said = _said(answerer, "Why is my parcel label blank?")

    assert "The printer has no ribbon." in said
    assert "courier" not in said
