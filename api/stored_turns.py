"""From a kept turn to the turn on the wire, and to what a follow-up may refer to."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from pydantic import ValidationError

from api.answering.answer import Outcome, StatementKind
from api.conversations.thread import CitedDocument, EarlierTurn, ShownStep
from api.schemas.answers import Answer, Confidence
from api.schemas.conversations import Turn
from api.schemas.places import Filters
from api.serving import Serving
from api.staleness import ShownDocuments, recalled
from api.storage.conversations import TurnRow


class Knowledge(Protocol):
    """What leases the generation that is being served."""

    def reading(self) -> AbstractContextManager[Serving]:
        """Lease the current generation; raises KnowledgeMissing."""


class ShownNow:
    """The documents that are shown now; their revisions are gathered once a generation."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._revisions: tuple[int, dict[str, str]] | None = None

    @contextmanager
    def now(self) -> Iterator[ShownDocuments]:
        """Lease the documents that may be shown now; raises KnowledgeMissing, since then nothing can be judged."""
        with self._knowledge.reading() as serving:
            kept = self._revisions
            if kept is None or kept[0] != serving.description.generation:
                revisions = {facts.id: facts.revision for facts in serving.reader.documents()}
                kept = self._revisions = (serving.description.generation, revisions)
            reader = serving.reader
            yield ShownDocuments(kept[1], lambda key: found.text if (found := reader.document(key)) else None)


def turn_of(row: TurnRow, shown: ShownDocuments) -> Turn:
    """Return a kept turn as it may be shown now."""
    found = recalled(_answer(row), row.drawn_from, shown)
    return Turn(
        position=row.position,
        asked_at=row.asked_at,
        question=row.question,
        filters=_filters(row),
        answer=found.answer,
        stale=list(found.stale),
    )


def earlier_turn(turn: Turn) -> EarlierTurn:
    """Return what a follow-up may refer to; of what is withheld nothing is left."""
    citations = [c for statement in turn.answer.statements for c in statement.citations]
    cited = {c.document_id: c.title for c in reversed(citations)}
    order = dict.fromkeys(c.document_id for c in citations)
    steps = [
        ShownStep(statement.number, statement.text, statement.citations[0].document_id)
        for statement in turn.answer.statements
        if statement.kind is StatementKind.STEP and statement.number is not None and statement.citations
    ]
    return EarlierTurn(
        turn.question, turn.answer.asked_as, tuple(CitedDocument(key, cited[key]) for key in order), tuple(steps)
    )


def _answer(row: TurnRow) -> Answer:
    """Return the answer as it was kept; one that this version cannot read says so."""
    try:
        return Answer.model_validate_json(row.answer)
    except ValidationError:
        return Answer(
            id=row.answer_id,
            question=row.question,
            asked_as=row.asked_as,
            outcome=Outcome.ABSTAINED,
            reason="another version of Groundwatch kept this answer, and this one cannot read it; ask again",
            statements=[],
            confidence=Confidence(words="none"),
            missing=[],
            nearest=[],
            warnings=[],
            generation=row.generation,
            took_ms=0.0,
        )


def _filters(row: TurnRow) -> Filters:
    try:
        return Filters.model_validate_json(row.filters)
    except ValidationError:
        return Filters()
