"""Questions to a small knowledge base: what is said, what is cited, what is missing, and when it abstains."""

import pytest

from api.answering.answer import Answer, Outcome, StatementKind
from api.answering.answerer import Answerer
from api.errors import UsageError
from api.retrieval.search import Hit, Searcher
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.passages import PassageFilter
from tests.api.shop import FILES
from tests.small_knowledge import build_knowledge


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return build_knowledge(tmp_path_factory.mktemp("answers"), FILES)


@pytest.fixture(scope="module")
def answerer(searcher: Searcher) -> Answerer:
    return Answerer(searcher)


def _texts(answer: Answer) -> list[str]:
    return [statement.text for statement in answer.statements]


def test_an_alert_by_name_gives_its_runbook_in_order(answerer: Answerer) -> None:
    answer = answerer.answer("What do I do when DbDiskFull fires?")

    steps = [(s.kind, s.number) for s in answer.statements if s.kind is StatementKind.STEP]
    assert answer.outcome is Outcome.ANSWERED
    assert [number for _, number in steps] == [1, 2, 1, 2, 3]
    assert "du -sh /var/lib/db/*" in _texts(answer)


def test_destructive_commands_are_marked_and_others_are_not(answerer: Answerer) -> None:
    answer = answerer.answer("What do I do when DbDiskFull fires?")

    marked = {statement.text: statement.destructive for statement in answer.statements}
    assert marked["DROP TABLE old_events;"] == "drops a database object"
    assert marked["Remove the old logs with `rm -rf /var/lib/db/log`."] == "deletes files without asking"
    assert marked["du -sh /var/lib/db/*"] is None
    assert any("marked" in warning for warning in answer.warnings)


@pytest.mark.parametrize(
    "question",
    [
        "What do I do when DbDiskFull fires?",
        "How large is the connection pool of checkout per pod?",
        "Why did search return nothing?",
        "How do I fail over the cache?",
        "checkout.pool.timeout",
    ],
)
def test_every_citation_resolves_to_its_quote(answerer: Answerer, searcher: Searcher, question: str) -> None:
    answer = answerer.answer(question)

    assert answer.statements
    for statement in answer.statements:
        for citation in statement.citations:
            document = searcher.reader.document(citation.stored.document.id)
            assert document is not None
            assert document.text[citation.span.start : citation.span.end] == citation.quote
            lines = document.text.split("\n")[citation.span.line_start - 1 : citation.span.line_end]
            assert citation.quote in "\n".join(lines)


def test_a_name_that_no_document_holds_is_a_veto(answerer: Answerer) -> None:
    answer = answerer.answer("What do I do when DbDiskStuck fires?")

    assert answer.outcome is Outcome.ABSTAINED
    assert answer.missing == ("DbDiskStuck",)
    assert answer.statements == ()
    assert answer.nearest


def test_a_question_about_something_else_is_not_answered(answerer: Answerer) -> None:
    answer = answerer.answer("How do I rebalance Kafka partitions?")

    assert answer.outcome is Outcome.ABSTAINED
    assert "“kafka”" in answer.missing
    assert answer.confidence.words == "none"


def test_two_questions_of_which_one_has_an_answer_are_partly_answered(answerer: Answerer) -> None:
    answer = answerer.answer("Why did search return nothing, and who sells Kafka licences?")

    assert answer.outcome is Outcome.PARTIAL
    assert "“kafka”" in answer.missing
    assert any("swapped the alias" in text for text in _texts(answer))
    assert answer.nearest


def test_documents_that_disagree_on_a_figure_are_shown_side_by_side(answerer: Answerer) -> None:
    answer = answerer.answer("How large is the connection pool of checkout per pod?")

    assert answer.outcome is Outcome.CONFLICT
    assert "20" in answer.reason
    assert "30" in answer.reason
    cited = {citation.stored.document.path for s in answer.statements[:2] for citation in s.citations}
    assert cited == {"runbooks/checkout-pool.md", "architecture/data-stores.md"}
    assert answer.confidence.words == "low"


def test_a_table_row_comes_with_its_columns(answerer: Answerer) -> None:
    answer = answerer.answer("checkout.pool.timeout")

    rows = [statement for statement in answer.statements if statement.kind is StatementKind.TABLE_ROW]
    assert [row.text for row in rows] == ["| `checkout.pool.timeout` | 3 s | acquire |"]
    assert rows[0].header == "| Key | Value | Note |"


def test_a_cause_is_taken_from_the_root_cause_section(answerer: Answerer) -> None:
    answer = answerer.answer("Why did search return nothing in February?")

    assert _texts(answer)[0] == "The reindex job swapped the alias before the new index was complete."


def test_a_superseded_source_is_named_with_its_successor(answerer: Answerer, searcher: Searcher) -> None:
    current = next(d.id for d in searcher.reader.documents() if d.path == "runbooks/cache-failover-new.md")
    answer = answerer.answer("How do I fail over the cache?", PassageFilter(exclude_documents=(current,)))

    assert "runbooks/cache-failover-old.md is superseded; use runbooks/cache-failover-new.md" in answer.warnings
    assert answer.confidence.words != "high"


def test_the_current_document_answers_where_both_are_there(answerer: Answerer) -> None:
    answer = answerer.answer("How do I fail over the cache?")

    assert answer.statements[0].citations[0].stored.document.path == "runbooks/cache-failover-new.md"
    assert answer.warnings == ()


def test_an_excluded_document_is_never_cited(answerer: Answerer, searcher: Searcher) -> None:
    excluded = next(d.id for d in searcher.reader.documents() if d.path == "runbooks/DbDiskFull.md")
    answer = answerer.answer("What do I do when DbDiskFull fires?", PassageFilter(exclude_documents=(excluded,)))

    assert answer.outcome is Outcome.ABSTAINED
    assert all(hit.stored.document.id != excluded for hit in answer.nearest)


def test_a_filter_on_kind_holds_for_answers(answerer: Answerer) -> None:
    where = PassageFilter(kinds=(DocumentKind.POSTMORTEM,))

    answer = answerer.answer("Why did search return nothing?", where)

    assert {c.stored.document.kind for s in answer.statements for c in s.citations} == {DocumentKind.POSTMORTEM}


def test_evidence_is_shown_before_the_answer_is_made(answerer: Answerer) -> None:
    shown: list[Hit] = []

    answerer.answer("DbDiskFull", on_evidence=shown.extend)

    assert shown[0].stored.document.path == "runbooks/DbDiskFull.md"


def test_no_number_is_given_without_a_calibration(answerer: Answerer) -> None:
    assert answerer.answer("DbDiskFull").confidence.value is None


def test_an_empty_question_is_refused(answerer: Answerer) -> None:
    with pytest.raises(UsageError, match="empty"):
        answerer.answer(" ")


@pytest.mark.parametrize(
    "question", ["?", "and and and", "why", "\u202edisk full", "<script>alert(1)</script> disk", "0x00", "how"]
)
def test_odd_questions_get_an_answer_object_and_no_error(answerer: Answerer, question: str) -> None:
    assert answerer.answer(question).outcome in Outcome
