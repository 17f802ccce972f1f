"""Answers for the tests of conversations: two steps from one document, a sentence from another."""

from datetime import UTC, datetime

from api.answering.answer import Outcome, StatementKind
from api.schemas.answers import Answer, Citation, Confidence, Removed, Statement, Writing
from api.schemas.conversations import Conversation, ConversationSummary, Turn
from api.schemas.places import Filters
from api.schemas.search import DocumentName, SearchHit
from ingest.knowledge.documents import DocumentKind, DocumentStatus

MOMENT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
SECRET = "Only the payments group may read this."


def place(document: str, quote: str, **facts: object) -> dict[str, object]:
    """Return the fields of a place in a document, of revision 1."""
    return {
        "document_id": document,
        "passage_id": f"{document}-1",
        "source": "docs",
        "path": f"runbooks/{document}.md",
        "kind": DocumentKind.RUNBOOK,
        "status": DocumentStatus.CURRENT,
        "title": f"Title of {document}",
        "heading_path": [f"Title of {document}"],
        "line_start": 3,
        "line_end": 4,
        "char_start": 10,
        "char_end": 10 + len(quote),
        "quote": quote,
        "url": f"https://git.example.com/{document}",
        "revision": "1",
        "updated_at": MOMENT,
        **facts,
    }


def said(
    document: str, quote: str, chip: int, kind: StatementKind = StatementKind.SENTENCE, /, **facts: object
) -> Statement:
    """Return a statement that is `quote`, cited under number `chip`."""
    citation = Citation.model_validate({**place(document, quote), "number": chip})
    return Statement.model_validate({"text": quote, "kind": kind, "citations": [citation], **facts})


def answer(answer_id: str = "a1", question: str = "What do I do when DbDiskFull fires?", **facts: object) -> Answer:
    """Return an answer from the documents "disk" and "pay", with "near" nearest."""
    also = [DocumentName(document_id="twin", source="docs", path="twin.md", title="Twin", url=None)]
    values: dict[str, object] = {
        "id": answer_id,
        "question": question,
        "outcome": Outcome.PARTIAL,
        "reason": "runbooks/pay.md covers what is asked",
        "statements": [
            said("disk", "See what takes the space.", 1, StatementKind.STEP, number=1),
            said("disk", "rm -rf /tmp/x", 1, StatementKind.COMMAND, destructive="removes files", language="sh"),
            said("pay", SECRET, 2),
            said("pay", "And this as well.", 2),
        ],
        "confidence": Confidence(words="moderate", reasons=["Title of pay is current"]),
        "missing": ["“rotate”"],
        "nearest": [SearchHit.model_validate({**place("near", "Near."), "score": 1.0, "also": also})],
        "warnings": ["runbooks/pay.md is draft"],
        "writing": Writing(
            model="some-model",
            fallback="",
            removed=[Removed(text=SECRET, reason="not in the span")],
            prompt_tokens=10,
            completion_tokens=5,
            cost=None,
            seconds=0.4,
        ),
        "generation": 7,
        "took_ms": 12.0,
    }
    return Answer.model_validate(values | facts)


def conversation(*answers: Answer, title: str = "What do I do when DbDiskFull fires?") -> Conversation:
    """Return a conversation of these answers."""
    summary = ConversationSummary(
        id="0123456789abcdef", title=title, created_at=MOMENT, updated_at=MOMENT, turns=len(answers)
    )
    turns = [
        Turn(position=number, asked_at=MOMENT, question=one.question, filters=Filters(), answer=one)
        for number, one in enumerate(answers, start=1)
    ]
    return Conversation(conversation=summary, turns=turns, offset=0, limit=50)
