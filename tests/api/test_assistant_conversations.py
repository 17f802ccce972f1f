"""What both assistants keep to in conversations: the one that opens the index, and the one that asks a running API."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.assistant import Assistant
from api.client import ApiClient
from api.errors import NotFound
from api.schemas.answers import AnswerEvent, AskRequest
from tests.api.world import app_of, open_world, served

DISK = AskRequest(question="What do I do when DbDiskFull fires?")


@pytest.fixture(params=("local", "client"))
def assistant(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[Assistant]:
    world = open_world(data_dir)
    if request.param == "local":
        yield world.assistant
        world.assistant.close()
        return
    with served(app_of(world)) as url:
        client = ApiClient(url)
        yield client
        client.close()


def test_a_follow_up_goes_on_with_its_conversation_and_all_of_it_comes_back(assistant: Assistant) -> None:
    first = assistant.ask(DISK)
    key = str(first.conversation_id)
    second = assistant.ask(AskRequest(question="what does step 2 do?", conversation_id=key))

    told = assistant.conversation(key, offset=0, limit=10)
    assert second.asked_as == "What does the step “Look for idle replication slots” of DbDiskFull do?"
    assert second.question == "what does step 2 do?"
    assert [turn.answer for turn in told.turns] == [first, second]
    assert assistant.stored_answer(second.id).turn == told.turns[1]
    assert [one.id for one in assistant.conversations(offset=0, limit=5).conversations] == [key]


def test_a_streamed_answer_is_kept_like_any_other(assistant: Assistant) -> None:
    last = next(event for event in assistant.ask_events(DISK) if isinstance(event, AnswerEvent)).answer

    assert assistant.stored_answer(last.id).turn.answer == last


@pytest.mark.parametrize("form", ["markdown", "html", "json"])
def test_an_export_is_a_named_file(assistant: Assistant, form: str) -> None:
    key = str(assistant.ask(DISK).conversation_id)

    file = assistant.export_conversation(key, form)  # type: ignore[arg-type]  # one of three words

    assert file.file_name.startswith("conversation-what-do-i-do-when-dbdiskfull-fires")
    assert "idle replication slots" in file.text


def test_what_is_deleted_is_gone_everywhere(assistant: Assistant) -> None:
    answer = assistant.ask(DISK)
    key = str(answer.conversation_id)
    assistant.delete_conversation(key)

    for look in (
        lambda: assistant.conversation(key, offset=0, limit=5),
        lambda: assistant.stored_answer(answer.id),
        lambda: assistant.delete_conversation(key),
        lambda: assistant.export_conversation(key, "json"),
        lambda: assistant.ask(AskRequest(question="why?", conversation_id=key)),
        lambda: list(assistant.ask_events(AskRequest(question="why?", conversation_id=key))),
    ):
        with pytest.raises(NotFound):
            look()


def test_questions_of_one_conversation_at_once_are_all_kept_in_some_order(assistant: Assistant) -> None:
    key = str(assistant.ask(DISK).conversation_id)
    asked = [AskRequest(question=f"What is the size of pool {number}?", conversation_id=key) for number in range(6)]
    threads = [threading.Thread(target=assistant.ask, args=(request,)) for request in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    turns = assistant.conversation(key, offset=0, limit=20).turns
    assert [turn.position for turn in turns] == list(range(1, 8))
    assert {turn.question for turn in turns[1:]} == {request.question for request in asked}
