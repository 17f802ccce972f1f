"""An answer put into words by a language model, through the assistant and its stream."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.llm.chat_model import ChatDelta, ChatRequest, Usage
from api.local import LocalAssistant
from api.schemas.answers import AnswerEvent, AskRequest, StatementEvent
from api.writing.writer import Writer
from tests.api.world import open_world


class Scripted:
    """A model that says one thing."""

    name = "scripted"

    def __init__(self, text: str) -> None:
        self._text = text

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the text, and then the usage."""
        yield ChatDelta(self._text)
        yield ChatDelta("", Usage(100, 20))


QUESTION = "Why did search return nothing?"


def _assistant(data_dir: Path, text: str) -> LocalAssistant:
    return open_world(data_dir, writer=lambda: Writer(Scripted(text))).assistant


def _draft(data_dir: Path, text: str) -> str:
    """Return a model's draft of one sentence that quotes the first citation of the extractive answer."""
    plain = open_world(data_dir).assistant
    quote = plain.ask(AskRequest(question=QUESTION)).statements[0].citations[0].quote
    plain.close()
    return json.dumps(
        {
            "statements": [
                {"text": text or quote, "kind": "sentence", "citations": [{"evidence": "E1", "quote": quote}]}
            ],
            "missing": [],
            "insufficient": False,
        }
    )


def test_a_sentence_that_passes_its_checks_is_shown_as_written(data_dir: Path) -> None:
    assistant = _assistant(data_dir, _draft(data_dir, ""))

    answer = assistant.ask(AskRequest(question=QUESTION))

    assert answer.writing is not None
    assert answer.writing.fallback == ""
    assert [statement.written for statement in answer.statements] == [True]
    assert answer.statements[0].citations[0].quote


def test_a_number_that_no_document_holds_is_never_shown(data_dir: Path) -> None:
    assistant = _assistant(data_dir, _draft(data_dir, "Search returned nothing for 9000 minutes."))

    answer = assistant.ask(AskRequest(question=QUESTION))

    assert answer.writing is not None
    assert "9000" not in json.dumps([statement.text for statement in answer.statements])
    assert any("9000" in removed.text for removed in answer.writing.removed)
    assert answer.writing.fallback


def test_whoever_wants_the_documents_own_words_gets_them(data_dir: Path) -> None:
    assistant = _assistant(data_dir, "never asked")

    answer = assistant.ask(AskRequest(question=QUESTION, writer="none"))

    assert answer.writing is None
    assert not any(statement.written for statement in answer.statements)


def test_a_stream_tells_each_checked_statement_and_then_the_whole(data_dir: Path) -> None:
    assistant = _assistant(data_dir, _draft(data_dir, ""))

    events = list(assistant.ask_events(AskRequest(question=QUESTION)))

    told = [event.statement for event in events if isinstance(event, StatementEvent)]
    assert isinstance(events[-1], AnswerEvent)
    assert told == events[-1].answer.statements


@pytest.mark.parametrize("text", ["", "{", "I cannot help with that.", '{"statements": []}'])
def test_a_model_that_says_nothing_of_use_leaves_the_extractive_answer(data_dir: Path, text: str) -> None:
    assistant = _assistant(data_dir, text)

    answer = assistant.ask(AskRequest(question=QUESTION))

    assert answer.statements
    assert answer.writing is not None
    assert answer.writing.fallback
