"""Conversations that the fake assistant keeps, where it is told to; a follow-up is any question that says "it"."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from api.answering.answer import Outcome, StatementKind
from api.errors import NotFound
from api.schemas.answers import Answer, AskRequest, CalibrationFacts, Confidence, Removed, Statement, Writing
from api.schemas.conversations import (
    Conversation,
    ConversationPage,
    ConversationSummary,
    ExportedConversation,
    ExportFormat,
    SinceThen,
    StaleDocument,
    StoredAnswer,
    Turn,
)
from api.schemas.places import Filters
from tests.ui.canned_answers import PARTIAL_QUESTION, partial_answer, runbook_answer
from tests.ui.material import DATA_STORES, DISK, WHAT_TO_DO, said

STARTED = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)
FOLLOW_UP = "And how do I confirm that it worked?"
ASKED_AS = "How do I confirm that it worked (OrdersDiskAlmostFull)?"


@dataclass
class CannedConversations:
    """Conversations by id; nothing is kept unless `keeps` is set."""

    keeps: bool = False
    turns: dict[str, list[Turn]] = field(default_factory=dict)

    def keep(self, request: AskRequest, answer: Answer) -> Answer:
        """Return `answer` as a turn of the conversation that `request` names, or of a new one."""
        if not self.keeps:
            return answer
        key = request.conversation_id or f"conversation-{len(self.turns) + 1}"
        turns = self.turns.setdefault(key, [])
        again = turns and turns[-1].question == request.question and turns[-1].answer.asked_as
        asked_as = ASKED_AS if turns and "it" in request.question.split() and not again else ""
        facts = {"id": f"{key}-{len(turns) + 1}", "conversation_id": key, "asked_as": asked_as}
        kept = answer.model_copy(update=facts)
        self.add(key, kept, filters=request.filters)
        return kept

    def add(
        self, key: str, answer: Answer, *, filters: Filters | None = None, stale: list[StaleDocument] | None = None
    ) -> None:
        """Add a turn to a conversation."""
        turns = self.turns.setdefault(key, [])
        turn = Turn(
            position=len(turns) + 1,
            asked_at=STARTED + timedelta(minutes=len(turns)),
            question=answer.question,
            filters=filters or Filters(),
            answer=answer.model_copy(update={"conversation_id": key}),
            stale=stale or [],
        )
        turns.append(turn)

    def page(self, *, offset: int, limit: int) -> ConversationPage:
        heads = [self._summary(key) for key in reversed(self.turns)]
        return ConversationPage(
            conversations=heads[offset : offset + limit], total=len(heads), offset=offset, limit=limit
        )

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        turns = self._found(conversation_id)[offset : offset + limit]
        return Conversation(conversation=self._summary(conversation_id), turns=turns, offset=offset, limit=limit)

    def delete(self, conversation_id: str) -> None:
        self._found(conversation_id)
        del self.turns[conversation_id]

    def export(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        text = "\n".join(turn.question for turn in self._found(conversation_id))
        return ExportedConversation(file_name=f"conversation.{format}", media_type="text/plain", text=text)

    def answer(self, answer_id: str) -> StoredAnswer:
        for key, turns in self.turns.items():
            for turn in turns:
                if turn.answer.id == answer_id:
                    return StoredAnswer(conversation=self._summary(key), turn=turn)
        raise NotFound(f"no answer has the id {answer_id!r}")

    def _found(self, key: str) -> list[Turn]:
        if key not in self.turns:
            raise NotFound(f"no conversation has the id {key!r}: it was deleted or never kept")
        return self.turns[key]

    def _summary(self, key: str) -> ConversationSummary:
        turns = self.turns[key]
        return ConversationSummary(
            id=key,
            title=turns[0].question[:120],
            created_at=turns[0].asked_at,
            updated_at=turns[-1].asked_at,
            turns=len(turns),
        )


def written_answer() -> Answer:
    """Return an answer that a language model wrote, with a calibrated confidence and a caveat."""

    def step(quote: str, **facts: object) -> Statement:
        return said(DISK, quote, 1, headings=WHAT_TO_DO, **facts)

    cited = step("4. Confirm that `node_filesystem_avail_bytes` rises.", kind=StatementKind.SENTENCE)
    worded = "Watch `node_filesystem_avail_bytes`: it has to rise once the logs are gone."
    return runbook_answer().model_copy(
        update={
            "id": "answer-written",
            "question": FOLLOW_UP,
            "asked_as": ASKED_AS,
            "outcome": Outcome.CAVEAT,
            "reason": "The runbook names the metric; it does not say how fast it has to rise.",
            "statements": [
                cited.model_copy(update={"text": worded, "written": True}),
                said(DATA_STORES, "Its owner is team-platform.", 2, headings=["Where data lives"]),
            ],
            "warnings": [],
            "confidence": Confidence(
                words="moderate",
                value=0.74,
                reasons=["The alert's name stands in the evidence."],
                calibration=CalibrationFacts(
                    name="public runbooks", n=1_412, brier=0.118, ece=0.031, fitted="2025-05-30"
                ),
            ),
            "writing": Writing(
                model="example-large",
                fallback="",
                removed=[Removed(text="It takes about 5 minutes.", reason="no cited passage says 5")],
                prompt_tokens=2_140,
                completion_tokens=96,
                cost=0.0041,
                seconds=1.8,
            ),
        }
    )


def fallen_back_answer() -> Answer:
    """Return an answer in the documents' own words, since the model's were not supported."""
    writing = Writing(
        model="example-large",
        fallback="3 of its 4 sentences had no support in the cited passages",
        removed=[Removed(text="Reboot the primary.", reason="no cited passage says so")],
        prompt_tokens=1_900,
        completion_tokens=80,
        cost=None,
        seconds=2.2,
    )
    return partial_answer().model_copy(update={"id": "answer-fallen-back", "writing": writing})


def filled_conversations() -> CannedConversations:
    """Return one conversation of four turns, the second of which rests on what has changed, and a short one."""
    kept = CannedConversations(keeps=True)
    kept.add("conversation-disk", runbook_answer())
    stale = [
        StaleDocument(state=SinceThen.CHANGED, document_id=DATA_STORES.document_id, title=DATA_STORES.title),
        StaleDocument(state=SinceThen.GONE),
    ]
    kept.add("conversation-disk", partial_answer(), stale=stale)
    kept.add("conversation-disk", fallen_back_answer().model_copy(update={"question": f"{PARTIAL_QUESTION} In short."}))
    kept.add("conversation-disk", written_answer())
    kept.add("conversation-short", runbook_answer().model_copy(update={"id": "answer-short"}))
    return kept
