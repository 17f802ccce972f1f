"""A deterministic answer put into a language model's words, of which none is shown that code did not check."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from api.answering.answer import Answer, Outcome, Removed, Statement, StatementKind, Writing
from api.errors import LanguageModelError
from api.llm.chat_model import ChatModel, ChatRequest, Message, Usage
from api.retrieval.search import Hit
from api.writing.checks import Checker
from api.writing.checks_surface import plain_text
from api.writing.draft_stream import DraftStream, Unreadable
from api.writing.drafts import SCHEMA, Draft
from api.writing.pack import build_pack
from api.writing.procedures import is_procedure, rests_on
from api.writing.prompting import question_messages, repair_messages
from api.writing.settling import Written, objection, with_gaps
from api.writing.warned import is_warning

_LEAST_SECONDS = 5.0  # with less time than this a second attempt is not begun

OnStatement = Callable[[Statement], None]
PriceOf = Callable[[Usage], float | None]


@dataclass(frozen=True, slots=True)
class WritingLimits:
    """How much a model is given and may say; past `removed_share` the documents' own words are shown instead."""

    evidence_tokens: int = 6_000
    answer_tokens: int = 1_500
    seconds: float = 60.0
    removed_share: float = 1 / 3
    statements: int = 40


@dataclass(slots=True)
class _Account:
    """What the attempts at one answer took."""

    began: float
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    def add(self, usage: Usage, cost: float | None) -> None:
        self.prompt_tokens += usage.prompt_tokens
        self.completion_tokens += usage.completion_tokens
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


@dataclass(slots=True)
class _Collected:
    """Statements that passed and sentences that did not, in the order in which they came."""

    statements: list[Statement] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    seen: set[tuple[object, ...]] = field(default_factory=set)


class Writer:
    """Write answers with a language model; safe to use from several threads."""

    def __init__(
        self, model: ChatModel, limits: WritingLimits | None = None, price_of: PriceOf = lambda _usage: None
    ) -> None:
        self._model = model
        self._limits = limits or WritingLimits()
        self._price_of = price_of

    def write(
        self, question: str, answer: Answer, hits: Sequence[Hit], on_statement: OnStatement | None = None
    ) -> Answer:
        """Return the answer in the model's words, or as it was with the reason why those are not shown.

        `on_statement` gets each statement as soon as it has passed, but none of a procedure or a conflict, of
        which only the whole can be judged. An abstention stays one: the model is not asked. Never raises a
        LanguageModelError.
        """
        if answer.outcome is Outcome.ABSTAINED or not answer.statements:
            return answer
        account = _Account(time.monotonic())
        whole = answer.outcome is Outcome.CONFLICT or is_procedure(question, answer)
        try:
            written = self._written(question, answer, hits, account, None if whole else on_statement)
        except LanguageModelError as error:
            return self._finished(answer, account, fallback=plain_text(str(error)))
        fallback = objection(question, answer, written, removed_share=self._limits.removed_share)
        if not fallback:
            shown = replace(answer, statements=written.statements)
            if whole and on_statement is not None:
                for statement in written.statements:
                    on_statement(statement)
            return self._finished(with_gaps(question, shown, written.envelope), account, removed=written.removed)
        return self._finished(
            with_gaps(question, answer, written.envelope), account, fallback=fallback, removed=written.removed
        )

    def _written(
        self,
        question: str,
        answer: Answer,
        hits: Sequence[Hit],
        account: _Account,
        on_statement: OnStatement | None,
    ) -> Written:
        """Ask the model, and once more where its text cannot be read at all; raises LanguageModelError."""
        pack = build_pack(answer, hits, budget=self._limits.evidence_tokens)
        if not pack.excerpts:
            raise LanguageModelError(
                f"no passage fits into {self._limits.evidence_tokens} tokens of evidence; allow the model more"
            )
        checker = Checker.of(pack, question)
        asked = question_messages(question, answer, pack, most=self._limits.statements)
        stream, collected = DraftStream(), _Collected()
        self._attempt(asked, stream, collected, answer, checker, account, on_statement)
        readable = collected.statements or stream.envelope().seen
        if not readable and self._limits.seconds - account.seconds > _LEAST_SECONDS:
            problem = "it holds no JSON object with statements"
            again = repair_messages(asked, stream.text, problem)
            stream, collected = DraftStream(), _Collected()
            self._attempt(again, stream, collected, answer, checker, account, on_statement)
        return Written(tuple(collected.statements), tuple(collected.removed), stream.envelope())

    def _attempt(
        self,
        messages: tuple[Message, ...],
        stream: DraftStream,
        collected: _Collected,
        answer: Answer,
        checker: Checker,
        account: _Account,
        on_statement: OnStatement | None,
    ) -> None:
        for draft in self._drafts(messages, stream, account):
            found = _judged(draft, answer, checker, collected)
            if isinstance(found, Removed):
                collected.removed.append(found)
            elif len(collected.statements) < self._limits.statements:
                collected.statements.append(found)
                if on_statement is not None:
                    on_statement(found)
            else:
                collected.removed.append(
                    Removed(plain_text(found.text), f"more than {self._limits.statements} statements are not shown")
                )
                return

    def _drafts(
        self, messages: tuple[Message, ...], stream: DraftStream, account: _Account
    ) -> Iterator[Draft | Unreadable]:
        """Yield what one call to the model says, piece by piece; raises LanguageModelError where it breaks off."""
        request = ChatRequest(
            messages=messages,
            json_schema=SCHEMA,
            max_tokens=self._limits.answer_tokens,
            seconds=max(1.0, self._limits.seconds - account.seconds),
        )
        usage: Usage | None = None
        for delta in self._model.stream(request):
            usage = delta.usage or usage
            yield from stream.feed(delta.text)
            if stream.full:
                usage = usage or Usage()
                break
        if usage is None:
            raise LanguageModelError(f"{self._model.name} broke off in the middle of its answer; ask again")
        account.add(usage, self._price_of(usage))
        yield from stream.finish()

    def _finished(
        self, answer: Answer, account: _Account, *, fallback: str = "", removed: Sequence[Removed] = ()
    ) -> Answer:
        writing = Writing(
            model=self._model.name,
            fallback=fallback,
            removed=tuple(removed),
            prompt_tokens=account.prompt_tokens,
            completion_tokens=account.completion_tokens,
            cost=account.cost,
            seconds=round(account.seconds, 3),
        )
        return replace(answer, writing=writing)


def _judged(draft: Draft | Unreadable, answer: Answer, checker: Checker, collected: _Collected) -> Statement | Removed:
    """Check one draft by itself, then against the answer that it is to stand for and what was said before."""
    if isinstance(draft, Unreadable):
        return Removed(plain_text(draft.text), f"it cannot be read: {plain_text(draft.reason, 160)}")
    found = checker.check(draft)
    if isinstance(found, Removed):
        return found
    if found.destructive and not is_warning(found.text) and not rests_on(found, answer):
        return Removed(plain_text(found.text), "it destroys something, and the documents' own answer does not give it")
    places = tuple((one.stored.passage.id, one.span.start) for one in found.citations)
    key = (found.text.casefold(), *(places if found.kind is StatementKind.COMMAND else ()))
    if key in collected.seen:
        return Removed(plain_text(found.text), "it was said before")
    collected.seen.add(key)
    return found
