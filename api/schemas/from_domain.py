"""Domain values to their form on the wire."""

from collections.abc import Sequence
from dataclasses import asdict

from api.answering.answer import Answer, Citation, Statement, Writing
from api.retrieval.search import Hit
from api.schemas import answers as wire
from api.schemas.search import DocumentName, SearchHit
from ingest.knowledge.passages import StoredPassage
from ingest.knowledge.spans import Span


def to_search_hit(hit: Hit) -> SearchHit:
    """Return a hit whose place is the whole passage."""
    stored = hit.stored
    place = _place(stored, stored.passage.span, stored.passage.text)
    also = [
        DocumentName(document_id=one.id, source=one.source, path=one.path, title=one.title, url=one.url)
        for one in hit.also
    ]
    return SearchHit.model_validate({**place, "score": hit.score, "legs": list(hit.legs), "also": also})


def to_answer(answer: Answer, *, id: str, generation: int, took_ms: float) -> wire.Answer:
    """Return an answer whose citations are numbered by passage, in order of first use."""
    numbers = _numbers(answer.statements)
    return wire.Answer(
        id=id,
        question=answer.question,
        outcome=answer.outcome,
        reason=answer.reason,
        statements=[_statement(statement, numbers) for statement in answer.statements],
        confidence=wire.Confidence.model_validate(
            {
                "words": answer.confidence.words,
                "value": answer.confidence.value,
                "reasons": list(answer.confidence.reasons),
                "calibration": asdict(answer.confidence.calibration) if answer.confidence.calibration else None,
            }
        ),
        missing=list(answer.missing),
        nearest=[to_search_hit(hit) for hit in answer.nearest],
        warnings=list(answer.warnings),
        writing=_writing(answer.writing) if answer.writing else None,
        generation=generation,
        took_ms=took_ms,
    )


class StatementNumbers:
    """Puts statements on the wire one by one, their citations numbered by passage in order of first use."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def on_wire(self, statement: Statement) -> wire.Statement:
        """Return a statement that follows those before it."""
        for citation in statement.citations:
            self._numbers.setdefault(citation.stored.passage.id, len(self._numbers) + 1)
        return _statement(statement, self._numbers)


def _writing(writing: Writing) -> wire.Writing:
    return wire.Writing(
        model=writing.model,
        fallback=writing.fallback,
        removed=[wire.Removed(text=one.text, reason=one.reason) for one in writing.removed],
        prompt_tokens=writing.prompt_tokens,
        completion_tokens=writing.completion_tokens,
        cost=writing.cost,
        seconds=writing.seconds,
    )


def _numbers(statements: Sequence[Statement]) -> dict[str, int]:
    keys = dict.fromkeys(c.stored.passage.id for statement in statements for c in statement.citations)
    return {key: number for number, key in enumerate(keys, start=1)}


def _statement(statement: Statement, numbers: dict[str, int]) -> wire.Statement:
    return wire.Statement(
        text=statement.text,
        kind=statement.kind,
        citations=[_citation(citation, numbers) for citation in statement.citations],
        number=statement.number,
        depth=statement.depth,
        language=statement.language,
        header=statement.header,
        destructive=statement.destructive,
        written=statement.written,
    )


def _citation(citation: Citation, numbers: dict[str, int]) -> wire.Citation:
    place = _place(citation.stored, citation.span, citation.quote)
    return wire.Citation.model_validate({**place, "number": numbers[citation.stored.passage.id]})


def _place(stored: StoredPassage, span: Span, quote: str) -> dict[str, object]:
    passage, document = stored.passage, stored.document
    return {
        "document_id": document.id,
        "passage_id": passage.id,
        "source": document.source,
        "path": document.path,
        "kind": document.kind,
        "status": document.status,
        "title": document.title,
        "heading_path": list(passage.heading_path),
        "line_start": span.line_start,
        "line_end": span.line_end,
        "char_start": span.start,
        "char_end": span.end,
        "page": passage.page,
        "quote": quote,
        "url": document.url,
        "revision": document.revision,
        "updated_at": document.updated_at,
        "review_by": document.review_by,
        "flags": list(passage.flags),
    }
