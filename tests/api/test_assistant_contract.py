"""What both assistants keep to: the one that opens the index, and the one that asks a running API."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.answering.answer import Outcome
from api.assistant import Assistant
from api.client import ApiClient
from api.errors import GroundwatchError, KnowledgeMissing, NotFound, UsageError
from api.local import LocalAssistant
from api.schemas.answers import AnswerEvent, AskRequest, EvidenceEvent, StatementEvent
from api.schemas.corrections import DocumentCorrection
from api.schemas.feedback import FeedbackRequest
from api.schemas.places import Filters
from api.schemas.search import SearchRequest
from ingest.errors import ModelMismatch
from ingest.knowledge.documents import DocumentKind
from tests.api.world import OtherEmbedder, app_of, open_world, served
from tests.small_knowledge import WordEmbedder

KINDS = ("local", "client")
DISK = AskRequest(question="What do I do when DbDiskFull fires?")


def _assistants(
    kind: str, data_dir: Path, embedder: WordEmbedder | None = None
) -> Iterator[LocalAssistant | ApiClient]:
    world = open_world(data_dir, embedder=embedder)
    if kind == "local":
        yield world.assistant
        world.assistant.close()
        return
    with served(app_of(world)) as url:
        client = ApiClient(url)
        yield client
        client.close()


@pytest.fixture(params=KINDS)
def assistant(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[LocalAssistant | ApiClient]:
    yield from _assistants(request.param, data_dir)


@pytest.fixture(params=KINDS)
def assistant_before_the_first_ingest(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Assistant]:
    yield from _assistants(request.param, tmp_path / "nothing")


@pytest.fixture(params=KINDS)
def assistant_with_another_model(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[Assistant]:
    yield from _assistants(request.param, data_dir, OtherEmbedder())


def test_a_hit_quotes_its_span_of_the_document(assistant: Assistant) -> None:
    hit = assistant.search(SearchRequest(query="DbDiskFull", limit=1)).hits[0]
    text = assistant.document(hit.document_id).text

    assert hit.path == "runbooks/DbDiskFull.md"
    assert text[hit.char_start : hit.char_end] == hit.quote
    assert text.split("\n")[hit.line_start - 1] in hit.quote


def test_every_citation_quotes_its_span_of_the_document(assistant: Assistant) -> None:
    answer = assistant.ask(DISK)
    citations = [citation for statement in answer.statements for citation in statement.citations]
    texts = {citation.document_id: assistant.document(citation.document_id).text for citation in citations}

    assert answer.outcome == "answered"
    assert citations
    assert all(texts[c.document_id][c.char_start : c.char_end] == c.quote for c in citations)


def test_a_stream_gives_evidence_then_statements_then_the_answer(assistant: Assistant) -> None:
    events = list(assistant.ask_events(DISK))

    answer = events[-1]
    assert isinstance(events[0], EvidenceEvent)
    assert events[0].hits
    assert isinstance(answer, AnswerEvent)
    assert [event.statement for event in events if isinstance(event, StatementEvent)] == answer.answer.statements


def test_the_same_question_gets_the_same_answer_under_another_id(assistant: Assistant) -> None:
    first, second = assistant.ask(DISK), assistant.ask(DISK)

    changing = {"id", "took_ms", "conversation_id"}
    assert first.model_dump(exclude=changing) == second.model_dump(exclude=changing)
    assert first.id != second.id


def test_a_text_with_every_line_separator_of_unicode_comes_through(assistant: Assistant) -> None:
    question = "What does DbDiskFull\u2028mean\x85now?"

    events = list(assistant.ask_events(AskRequest(question=question)))

    assert isinstance(events[-1], AnswerEvent)
    assert events[-1].answer.question == question


@pytest.mark.parametrize(
    "name",
    ["runbooks/DbDiskFull.md", "docs/runbooks/DbDiskFull.md", "runbooks/empty.md"],
    ids=["path", "full", "failed"],
)
def test_an_excluded_document_is_not_used(assistant: Assistant, name: str) -> None:
    filters = Filters(exclude_documents=[name])

    found = assistant.search(SearchRequest(query="DbDiskFull", filters=filters))

    assert name.removeprefix("docs/") not in {hit.path for hit in found.hits}


def test_a_document_is_excluded_by_its_id(assistant: Assistant) -> None:
    best = assistant.search(SearchRequest(query="DbDiskFull", limit=1)).hits[0]

    answer = assistant.ask(DISK.model_copy(update={"filters": Filters(exclude_documents=[best.document_id])}))

    assert best.document_id not in {c.document_id for s in answer.statements for c in s.citations}
    assert best.document_id not in {hit.document_id for hit in answer.nearest}


def test_filters_narrow_a_search(assistant: Assistant) -> None:
    filters = Filters(sources=["docs"], kinds=[DocumentKind.POSTMORTEM])

    found = assistant.search(SearchRequest(query="search alias", filters=filters))

    assert {hit.kind for hit in found.hits} == {DocumentKind.POSTMORTEM}


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(sources=["wiki"]), r"unknown source 'wiki'; known: 'docs'"),
        (Filters(services=["dbs"]), r"unknown service 'dbs'; known: 'db'"),
        (Filters(exclude_documents=["DbDiskFul.md"]), r"'DbDiskFul.md'; did you mean 'runbooks/DbDiskFull.md'"),
    ],
)
def test_an_unknown_name_in_a_filter_is_told_with_the_known_ones(
    assistant: Assistant, filters: Filters, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        assistant.search(SearchRequest(query="disk", filters=filters))


@pytest.mark.parametrize("question", ["", " \n\t", "why " * 2_500])
def test_an_empty_or_overlong_question_is_wrong_use(assistant: Assistant, question: str) -> None:
    with pytest.raises(UsageError, match=r"empty|at most"):
        assistant.ask(AskRequest(question=question))
    with pytest.raises(UsageError, match=r"empty|at most"):
        list(assistant.ask_events(AskRequest(question=question)))


def test_the_status_counts_documents_by_kind_status_and_source(assistant: Assistant) -> None:
    status = assistant.status()

    assert (status.generation, status.documents, status.failed) == (1, 6, 1)
    assert status.kinds == {"architecture": 1, "postmortem": 1, "runbook": 4}
    assert status.statuses == {"current": 5, "superseded": 1}
    assert [(source.source, source.indexed, source.failed, source.complete) for source in status.sources] == [
        ("docs", 6, 1, True)
    ]


def test_documents_are_listed_by_path_the_failed_one_with_its_reason(assistant: Assistant) -> None:
    page = assistant.documents(source="docs", state=None, kind=None, query="", offset=1, limit=3)
    failed = assistant.documents(source=None, state="failed", kind=None, query="", offset=0, limit=10).documents

    assert (page.total, len(page.documents)) == (7, 3)
    assert [one.path for one in page.documents] == sorted(one.path for one in page.documents)
    assert [(one.path, one.state) for one in failed] == [("runbooks/empty.md", "failed")]
    assert failed[0].reason


def test_documents_are_found_by_part_of_title_or_path(assistant: Assistant) -> None:
    page = assistant.documents(source=None, state="indexed", kind="runbook", query="CACHE", offset=0, limit=10)

    assert [one.path for one in page.documents] == ["runbooks/cache-failover-new.md", "runbooks/cache-failover-old.md"]


def test_a_document_comes_with_spans_of_its_text(assistant: Assistant) -> None:
    found = assistant.documents(source=None, state=None, kind=None, query="DbDiskFull", offset=0, limit=1)

    detail = assistant.document(found.documents[0].id)

    assert detail.document.services == ["db"]
    assert detail.document.passages == len(detail.passages)
    assert [section.heading_path[-1] for section in detail.sections if section.heading_path] == [
        "DbDiskFull",
        "Diagnosis",
        "Mitigation",
    ]
    assert all(0 <= one.char_start < one.char_end <= len(detail.text) for one in detail.passages)


@pytest.mark.parametrize("document_id", ["nothing", "../v1/knowledge", "6f1f7f0e-3b3c-5d0a-9a53-47726f756e64", "a b?c"])
def test_an_unknown_document_is_not_found(assistant: Assistant, document_id: str) -> None:
    with pytest.raises(NotFound):
        assistant.document(document_id)


def test_a_document_that_could_not_be_read_is_not_found_for_that_reason(assistant: Assistant) -> None:
    failed = assistant.documents(source=None, state="failed", kind=None, query="", offset=0, limit=1).documents[0]

    with pytest.raises(NotFound, match=failed.reason):
        assistant.document(failed.id)


def test_feedback_sent_again_replaces_what_was_said_before(assistant: Assistant) -> None:
    said = FeedbackRequest(answer_id="a1", question="why?", outcome=Outcome.ANSWERED, rating="up")

    first = assistant.send_feedback(said)
    again = assistant.send_feedback(said.model_copy(update={"rating": "down", "comment": "step 3 is old"}))
    other = assistant.send_feedback(said.model_copy(update={"answer_id": "a2"}))

    assert first.id == again.id != other.id


def test_a_correction_is_kept_for_the_next_ingest(assistant: LocalAssistant | ApiClient) -> None:
    found = assistant.documents(source=None, state=None, kind=None, query="data-stores", offset=0, limit=1)
    document = found.documents[0]

    assistant.correct(document.id, DocumentCorrection(kind=DocumentKind.RUNBOOK))
    stored = assistant.correct(document.id, DocumentCorrection(services=["checkout"]))

    assert (stored.kind, stored.services) == (DocumentKind.RUNBOOK, ["checkout"])
    assert "next ingest" in stored.effect


def test_an_unknown_document_cannot_be_corrected(assistant: LocalAssistant | ApiClient) -> None:
    with pytest.raises(NotFound):
        assistant.correct("nothing", DocumentCorrection(services=[]))


def test_before_the_first_ingest_the_status_is_empty(assistant_before_the_first_ingest: Assistant) -> None:
    status = assistant_before_the_first_ingest.status()

    assert (status.generation, status.documents, status.sources) == (None, 0, [])


def test_before_the_first_ingest_a_question_is_told_what_to_run(assistant_before_the_first_ingest: Assistant) -> None:
    with pytest.raises(KnowledgeMissing, match="groundwatch ingest"):
        assistant_before_the_first_ingest.ask(DISK)
    with pytest.raises(KnowledgeMissing, match="groundwatch ingest"):
        next(iter(assistant_before_the_first_ingest.ask_events(DISK)))


def test_an_index_of_another_model_is_refused_by_both_names(assistant_with_another_model: Assistant) -> None:
    with pytest.raises(ModelMismatch, match=r"words@1.*other@2.*knowledge reembed"):
        assistant_with_another_model.ask(DISK)


def test_an_index_of_another_model_can_still_be_read(assistant_with_another_model: Assistant) -> None:
    status = assistant_with_another_model.status()

    assert (status.generation, status.model) == (1, "words@1")


def test_every_error_is_one_of_ours(assistant_with_another_model: Assistant) -> None:
    with pytest.raises(GroundwatchError):
        assistant_with_another_model.search(SearchRequest(query="x"))
