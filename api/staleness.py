"""What became of the documents of a stored answer; what may not be shown any more is withheld from it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.answering.answer import StatementKind
from api.schemas.answers import Answer, Statement
from api.schemas.conversations import SinceThen, StaleDocument
from api.schemas.search import SearchHit

GONE = "a document that this rests on was removed, or may not be shown here"


@dataclass(frozen=True, slots=True)
class ShownDocuments:
    """The documents that this API shows now: their revisions by id, and the text of one, None where it has none."""

    revisions: Mapping[str, str]
    text_of: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Recalled:
    """A stored answer as it may be shown now, and what is stale about it."""

    answer: Answer
    stale: tuple[StaleDocument, ...]


def recalled(answer: Answer, drawn_from: Sequence[str], shown: ShownDocuments) -> Recalled:
    """Return a stored answer with the words of documents withheld that are gone or hidden now.

    `drawn_from` are the ids of documents whose words stand in `asked_as`. A hidden document cannot be told apart
    from a removed one.
    """
    cited = {c.document_id for statement in answer.statements for c in statement.citations}
    mentioned = cited | {
        key for hit in answer.nearest for key in (hit.document_id, *(one.document_id for one in hit.also))
    }
    gone = {key for key in mentioned if key not in shown.revisions}
    if gone or any(key not in shown.revisions for key in drawn_from):
        answer = _withheld(answer, gone, asked=all(key in shown.revisions for key in drawn_from))
    stale = [StaleDocument(state=SinceThen.GONE) for _ in cited & gone]
    return Recalled(answer, (*stale, *_changed(answer, shown)))


def _changed(answer: Answer, shown: ShownDocuments) -> Iterable[StaleDocument]:
    """Yield the cited documents that have another revision by now."""
    quotes: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for citation in (c for statement in answer.statements for c in statement.citations):
        if shown.revisions.get(citation.document_id, citation.revision) != citation.revision:
            quotes.setdefault(citation.document_id, []).append(citation.quote)
            titles[citation.document_id] = citation.title
    for key, cited in quotes.items():
        text = shown.text_of(key) or ""
        state = SinceThen.EDITED if all(quote in text for quote in cited) else SinceThen.CHANGED
        yield StaleDocument(state=state, document_id=key, title=titles[key])


def _withheld(answer: Answer, gone: set[str], *, asked: bool) -> Answer:
    """Return an answer without anything that could hold words of the documents in `gone`.

    Reasons and warnings name documents in free text: where one is gone, none of them is shown.
    """
    changed: dict[str, object] = {} if asked else {"asked_as": ""}
    if gone:
        changed |= {
            "reason": GONE,
            "statements": _statements(answer.statements, gone),
            "confidence": answer.confidence.model_copy(update={"reasons": []}),
            "missing": [] if answer.writing else answer.missing,
            "nearest": [_without(hit, gone) for hit in answer.nearest if hit.document_id not in gone],
            "warnings": [],
        }
        if answer.writing:
            fallback = GONE if answer.writing.fallback else ""
            changed["writing"] = answer.writing.model_copy(update={"removed": [], "fallback": fallback})
    return answer.model_copy(update=changed)


def _statements(statements: Sequence[Statement], gone: set[str]) -> list[Statement]:
    """Return statements with one line in place of each run of them that rests on a document in `gone`."""
    kept: list[Statement] = []
    run = 0
    for statement in statements:
        if any(citation.document_id in gone for citation in statement.citations):
            run += 1
            continue
        kept += _line(run)
        run = 0
        kept.append(statement)
    return [*kept, *_line(run)]


def _line(count: int) -> list[Statement]:
    if not count:
        return []
    words = "1 statement is withheld" if count == 1 else f"{count} statements are withheld"
    return [Statement(text=f"{words}: {GONE}.", kind=StatementKind.SENTENCE, citations=[])]


def _without(hit: SearchHit, gone: set[str]) -> SearchHit:
    return hit.model_copy(update={"also": [one for one in hit.also if one.document_id not in gone]})
