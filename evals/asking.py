"""Ask one question and judge what comes back: the outcome, the documents cited, and whether each citation resolves."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.answering.answer import Outcome
from api.answering.answerer import Answerer
from api.retrieval.search import Hit
from api.schemas.answers import Answer
from api.schemas.from_domain import to_answer
from api.schemas.places import Place
from ingest.knowledge.index import IndexReader
from ingest.knowledge.passages import PassageFilter
from ingest.knowledge.spans import LineIndex

_TOP = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A document's text with its lines."""

    text: str
    lines: LineIndex


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back. `top` are the documents found first, best first; `broken` says which places do not resolve."""

    answer: Answer
    outcome: Outcome
    top: tuple[str, ...]
    cited: frozenset[str]
    citations: int
    broken: tuple[str, ...]


class Asker:
    """Ask questions of one index and check every place that an answer names against the document itself."""

    def __init__(self, answerer: Answerer, reader: IndexReader) -> None:
        self._answerer = answerer
        self._reader = reader
        self._texts: dict[str, Text] = {}

    def ask(self, question: str, where: PassageFilter | None = None) -> Asked:
        """Ask a question; places are checked in the form that the API sends."""
        found: list[Hit] = []
        given = self._answerer.answer(question, where, found.extend)
        answer = to_answer(given, id="eval", generation=0, took_ms=0.0)
        citations = [citation for statement in answer.statements for citation in statement.citations]
        broken = [problem for place in (*citations, *answer.nearest) if (problem := self._problem(place))]
        return Asked(
            answer=answer,
            outcome=given.outcome,
            top=_top(found),
            cited=frozenset(citation.path for citation in citations),
            citations=len(citations),
            broken=tuple(broken),
        )

    def _problem(self, place: Place) -> str:
        """Return why a place does not resolve; empty where it does."""
        document = self._text(place.document_id)
        where = f"{place.path} [{place.char_start}:{place.char_end}]"
        if document is None:
            return f"{where}: no such document"
        if not place.quote or document.text[place.char_start : place.char_end] != place.quote:
            return f"{where}: the document does not say {place.quote[:60]!r} there"
        span = document.lines.span(place.char_start, place.char_end)
        if (span.line_start, span.line_end) != (place.line_start, place.line_end):
            return (
                f"{where}: stands on lines {span.line_start}-{span.line_end}, not {place.line_start}-{place.line_end}"
            )
        return ""

    def _text(self, document_id: str) -> Text | None:
        if document_id not in self._texts:
            document = self._reader.document(document_id)
            if document is None:
                return None
            self._texts[document_id] = Text(document.text, LineIndex.of(document.text))
        return self._texts[document_id]


def _top(hits: Sequence[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.stored.document.path for hit in hits))[:_TOP]
