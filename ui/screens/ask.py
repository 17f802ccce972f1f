"""The Ask page: a conversation; its open turn has the answer on the left and the evidence on the right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError, NotFound
from api.schemas.answers import AnswerEvent, AskEvent, AskRequest, ErrorEvent, EvidenceEvent, StatementEvent
from api.schemas.conversations import Conversation, ConversationSummary, Turn
from api.schemas.knowledge import KnowledgeStatus
from api.schemas.places import Filters
from ui.components.answer_view import AnswerView
from ui.components.notices import show_error, show_first_ingest, show_notice
from ui.components.question_form import requested_in_address, show_question_form
from ui.components.question_head import QuestionHead
from ui.components.results import Result, keep_result, kept_result, result_of
from ui.components.thread_address import ThreadAddress, thread_in_address, turn_address, turn_parameters
from ui.components.thread_bar import show_thread_bar
from ui.components.thread_turns import turns_markup
from ui.connection import assistant
from ui.conversation_facts import forget_conversations, whole_conversation
from ui.knowledge_facts import knowledge_status
from ui.screens.ask_start import show_start

_STYLE = Path(__file__).parents[1] / "thread.css"


@dataclass(frozen=True, slots=True)
class _Thread:
    """What the address opens: a conversation with its turns, of which `alone` says that only one is wanted."""

    summary: ConversationSummary
    turns: tuple[Turn, ...]
    alone: bool = False


def show() -> None:
    """Show the conversation that the address names, and ask the question that it holds."""
    st.html(_STYLE)
    try:
        status = knowledge_status()
    except GroundwatchError as error:
        show_error(error, kept="Your question stays in the address of this page.")
        return
    if status.generation is None or not status.documents:
        show_first_ingest()
        return
    place, asked = thread_in_address(), requested_in_address()
    try:
        thread = _opened(place)
    except GroundwatchError as error:
        _show_unopened(error, status)
        return
    if asked is not None:
        _show_asked(asked, thread, status)
    elif thread is not None and thread.turns:
        _show_kept(thread, place, status)
    else:
        show_thread_bar(None)
        show_question_form(status, Filters(), conversation_id=None, first=True)
        show_start(status)


def _opened(place: ThreadAddress) -> _Thread | None:
    if place.conversation:
        found: Conversation = whole_conversation(place.conversation)
        return _Thread(found.conversation, tuple(found.turns))
    if place.answer:
        stored = assistant().stored_answer(place.answer)
        return _Thread(stored.conversation, (stored.turn,), alone=True)
    return None


def _show_unopened(error: GroundwatchError, status: KnowledgeStatus) -> None:
    """Show why a conversation cannot be opened, and what can still be done: ask."""
    show_thread_bar(None)
    if isinstance(error, NotFound):
        show_notice(
            "Conversation not found",
            "It was deleted, is older than conversations are kept here, or the link is incomplete. The documents are "
            "still there: ask again.",
            symbol="search_off",
        )
    else:
        show_error(error, kept="The link stays in the address of this page.")
    show_question_form(status, Filters(), conversation_id=None, first=True)


def _show_kept(thread: _Thread, place: ThreadAddress, status: KnowledgeStatus) -> None:
    """Show a stored conversation with one turn open: the one that the address names, else the last."""
    named = [number for number, turn in enumerate(thread.turns) if turn.answer.id == place.turn]
    at = named[0] if named else len(thread.turns) - 1
    turn = thread.turns[at]
    result = result_of(turn)
    show_thread_bar(thread.summary)
    _show_others(thread.turns[:at], thread.summary.id, before=True)
    head = QuestionHead(result.request)
    head.tell(turn.answer, undo=turn.position == thread.summary.turns)
    if thread.alone and thread.summary.turns > 1:
        words = Markup(
            '<p class="gw-muted">One of {} questions. <a class="gw-soft" href="{}">Open the conversation</a></p>'
        )
        st.html(words.format(thread.summary.turns, turn_address(thread.summary.id, turn.answer.id)))
    answer_place = st.container()
    _show_others(thread.turns[at + 1 :], thread.summary.id, before=False)
    show_question_form(status, turn.filters, conversation_id=thread.summary.id, first=False)
    with answer_place:
        AnswerView().show_all(result)


def _show_asked(request: AskRequest, thread: _Thread | None, status: KnowledgeStatus) -> None:
    """Show the kept result of `request`, or ask; each part is shown where it stays, the form is there at once."""
    kept, bar = kept_result(request), st.container()
    if thread is not None:
        with bar:
            show_thread_bar(thread.summary)
        earlier = [turn for turn in thread.turns if kept is None or turn.answer.id != kept.answer.id]
        _show_others(earlier, thread.summary.id, before=True)
    head = QuestionHead(request)
    answer_place = st.container()
    going_on = kept.answer.conversation_id if kept else request.conversation_id
    show_question_form(status, request.filters, conversation_id=going_on, first=False)
    with answer_place:
        view = AnswerView()
        if kept is not None:
            view.show_all(kept)
        result = kept or _asked(request, view)
    if result is not None:
        head.tell(result.answer, undo=True)
    if thread is None:
        with bar:
            show_thread_bar(_started(result) if result else None)


def _show_others(turns: Sequence[Turn], conversation_id: str, *, before: bool) -> None:
    if turns:
        label = "Earlier questions of this conversation" if before else "Later questions of this conversation"
        st.html(turns_markup(turns, conversation_id, label=label, nearest=-1 if before else 0))


def _started(result: Result) -> ConversationSummary | None:
    """Return the conversation that `result` started; None where it is not kept."""
    answer = result.answer
    if answer.conversation_id is None:
        return None
    now = datetime.now(UTC)
    return ConversationSummary(
        id=answer.conversation_id,
        title=" ".join(answer.question.split())[:120],
        created_at=now,
        updated_at=now,
        turns=1,
    )


def _asked(request: AskRequest, view: AnswerView) -> Result | None:
    """Ask, and put the address of the stored answer into the page's; None where there is no whole answer."""
    view.start()
    try:
        result = _follow(request, view, assistant().ask_events(request))
    except GroundwatchError as error:
        with view.below:
            show_error(error, kept=view.kept_words)
        return None
    if result is not None:
        keep_result(result)
        if result.answer.conversation_id:
            forget_conversations()
            st.query_params.from_dict(turn_parameters(result.answer.conversation_id, result.answer.id))
    return result


def _follow(request: AskRequest, view: AnswerView, events: Iterator[AskEvent]) -> Result | None:
    """Show `events` as they come; return the whole answer, None where it broke off."""
    hits = []
    for event in events:
        match event:
            case EvidenceEvent():
                hits = event.hits
                view.show_hits(hits)
            case StatementEvent():
                view.add(event.statement)
            case AnswerEvent():
                result = Result(request, tuple(hits), event.answer)
                view.finish(result)
                return result
            case ErrorEvent():
                view.stop()
                with view.below:
                    show_notice(event.title, f"{event.detail} {view.kept_words}".strip(), symbol="error")
                return None
    view.stop()
    with view.below:
        show_notice("The answer broke off", f"The API ended the stream early. {view.kept_words}", symbol="error")
    return None
