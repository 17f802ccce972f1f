"""The Ask page: a question, its answer on the left, the evidence on the right."""

from collections.abc import Iterator

from api.errors import GroundwatchError
from api.schemas.answers import AnswerEvent, AskEvent, AskRequest, ErrorEvent, EvidenceEvent, StatementEvent
from ui.components.answer_view import AnswerView
from ui.components.notices import show_error, show_first_ingest, show_notice
from ui.components.question_form import requested_in_address, show_question_form, write_address
from ui.components.results import Result, keep_result, kept_result
from ui.connection import assistant
from ui.knowledge_facts import knowledge_status
from ui.screens.ask_start import show_start


def show() -> None:
    """Show the question form and, where the address holds a question, its answer."""
    try:
        status = knowledge_status()
    except GroundwatchError as error:
        show_error(error, kept="Your question stays in the address of this page.")
        return
    if status.generation is None or not status.documents:
        show_first_ingest()
        return
    asked = requested_in_address()
    submitted = show_question_form(asked, status)
    if submitted is not None:
        write_address(submitted)
        keep_result(None)
        asked = submitted
    if asked is None:
        show_start(status)
        return
    _show_answer(asked)


def _show_answer(request: AskRequest) -> None:
    """Show the kept result of `request`, or ask, showing each part as it arrives."""
    view = AnswerView(request)
    result = kept_result(request)
    if result is not None:
        view.show_all(result)
        return
    view.start()
    try:
        _follow(request, view, assistant().ask_events(request))
    except GroundwatchError as error:
        with view.below:
            show_error(error, kept=view.kept_words)


def _follow(request: AskRequest, view: AnswerView, events: Iterator[AskEvent]) -> None:
    """Show `events` as they come; the whole answer is kept, so that a rerun asks nothing again."""
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
                keep_result(result)
                view.finish(result)
                return
            case ErrorEvent():
                view.stop()
                with view.below:
                    show_notice(event.title, f"{event.detail} {view.kept_words}".strip(), symbol="error")
                return
    view.stop()
    with view.below:
        show_notice("The answer broke off", f"The API ended the stream early. {view.kept_words}", symbol="error")
