"""Conversations over real knowledge and a real database: read in their thread, kept, opened with care."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.bootstrap import Local
from api.errors import NotFound
from api.kept_conversations import Conversations
from api.schemas.answers import Answer, AskRequest
from api.schemas.conversations import SinceThen
from api.storage.conversations import MAX_TURNS, ConversationTable, TurnRow
from api.storage.database import Database
from ingest.errors import StorageFailed
from tests.api.world import open_world, write_knowledge

DISK = AskRequest(question="What do I do when DbDiskFull fires?")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[ConversationTable]:
    with closing(Database(f"sqlite:///{tmp_path / 'conversations.sqlite'}")) as database:
        yield ConversationTable(database)


@pytest.fixture
def conversations(world: Local, table: ConversationTable, clock: Clock) -> Conversations:
    return Conversations(table, world.knowledge, clock=clock)


def _ask(conversations: Conversations, world: Local, request: AskRequest) -> Answer:
    """Ask as the assistant does."""
    understood = conversations.begin_or_resume(request)
    found = world.assistant.ask(request.model_copy(update={"question": understood.question, "conversation_id": None}))
    return conversations.keep(understood, found)


def _then(answer: Answer, question: str) -> AskRequest:
    return AskRequest(question=question, conversation_id=answer.conversation_id)


def test_a_follow_up_is_asked_with_its_subject_and_both_are_kept(conversations: Conversations, world: Local) -> None:
    first = _ask(conversations, world, DISK)
    second = _ask(conversations, world, _then(first, "what does step 2 do?"))

    kept = conversations.conversation(str(first.conversation_id), offset=0, limit=10)
    assert second.conversation_id == first.conversation_id
    assert (second.question, second.asked_as) == (
        "what does step 2 do?",
        "What does the step “Look for idle replication slots” of DbDiskFull do?",
    )
    assert [turn.answer for turn in kept.turns] == [first, second]
    assert kept.conversation.title == DISK.question
    assert conversations.answer(second.id).turn == kept.turns[1]


def test_the_same_words_again_are_taken_as_written(conversations: Conversations, world: Local) -> None:
    first = _ask(conversations, world, DISK)
    second = _ask(conversations, world, _then(first, "And the cache?"))
    third = _ask(conversations, world, _then(first, "and the  cache?"))

    assert second.asked_as
    assert third.asked_as == ""


def test_an_unknown_conversation_is_not_found(conversations: Conversations) -> None:
    with pytest.raises(NotFound, match="nothing"):
        conversations.begin_or_resume(AskRequest(question="why?", conversation_id="nothing"))


def test_a_database_that_cannot_be_used_costs_no_answer(world: Local, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with closing(Database(f"sqlite:///{tmp_path / 'file' / 'x.sqlite'}")) as database:
        conversations = Conversations(ConversationTable(database), world.knowledge)
        first = _ask(conversations, world, DISK)
        second = _ask(conversations, world, AskRequest(question=DISK.question, conversation_id="known"))

    for answer in (first, second):
        assert answer.statements
        assert answer.conversation_id is None
    assert "not kept" in first.warnings[-1]
    assert "taken as written" in second.warnings[-1]


def test_a_conversation_that_is_deleted_while_an_answer_is_made_costs_no_answer(
    conversations: Conversations, world: Local
) -> None:
    first = _ask(conversations, world, DISK)
    understood = conversations.begin_or_resume(_then(first, "why?"))
    conversations.delete(str(first.conversation_id))

    answer = conversations.keep(understood, first.model_copy(update={"id": "other"}))

    assert answer.conversation_id is None
    assert "not kept" in answer.warnings[-1]
    assert conversations.page(offset=0, limit=5).total == 0


def test_a_full_conversation_goes_on_in_a_new_one(
    conversations: Conversations, world: Local, table: ConversationTable, clock: Clock
) -> None:
    first = _ask(conversations, world, DISK)
    for number in range(1, MAX_TURNS):
        row = TurnRow(f"{number}", clock(), DISK.question, "", (), "{}", 1, first.model_dump_json())
        table.append(str(first.conversation_id), row)

    more = _ask(conversations, world, _then(first, "how do I silence it?"))

    assert more.conversation_id not in (None, first.conversation_id)
    assert more.asked_as == "How do I silence DbDiskFull?"
    assert "new conversation" in more.warnings[-1]


def test_keeping_nothing_keeps_nothing_and_deletes_what_was_kept(
    conversations: Conversations, world: Local, table: ConversationTable, clock: Clock
) -> None:
    first = _ask(conversations, world, DISK)
    none = Conversations(table, world.knowledge, keep_days=0, clock=clock)

    assert _ask(none, world, DISK).conversation_id is None
    assert none.page(offset=0, limit=5).total == 0
    with pytest.raises(NotFound, match="GROUNDWATCH_CONVERSATION_DAYS"):
        none.begin_or_resume(_then(first, "why?"))


def test_old_conversations_are_deleted_once_an_hour(
    conversations: Conversations, world: Local, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first = _ask(conversations, world, DISK)
    clock.now += timedelta(days=91)

    with caplog.at_level(logging.INFO, logger="api.kept_conversations"):
        assert conversations.page(offset=0, limit=5).total == 0

    assert "conversations=1 deleted" in caplog.text
    with pytest.raises(NotFound):
        conversations.answer(first.id)


def test_an_answer_of_another_version_is_told_and_breaks_nothing(
    conversations: Conversations, world: Local, table: ConversationTable, clock: Clock
) -> None:
    first = _ask(conversations, world, DISK)
    row = TurnRow("strange", clock(), "old?", "", (), "[]", 1, '{"id": "x", "future": true}')
    table.append(str(first.conversation_id), row)

    turns = conversations.conversation(str(first.conversation_id), offset=0, limit=10).turns

    assert [turn.answer.id for turn in turns] == [first.id, "strange"]
    assert "another version" in turns[1].answer.reason
    assert _ask(conversations, world, _then(first, "how do I silence it?")).statements is not None


def test_what_was_removed_edited_or_hidden_since_is_told_and_withheld(
    data_dir: Path, table: ConversationTable, clock: Clock
) -> None:
    world = open_world(data_dir)
    conversations = Conversations(table, world.knowledge, clock=clock)
    first = _ask(conversations, world, DISK)
    runbook = data_dir / "documents" / "runbooks" / "DbDiskFull.md"

    write_knowledge(data_dir, {"runbooks/DbDiskFull.md": f"{runbook.read_text()}\nOne more line.\n"})
    edited = conversations.answer(first.id).turn
    write_knowledge(data_dir, {"runbooks/DbDiskFull.md": "# DbDiskFull\n\nNothing of this is left.\n"})
    changed = conversations.answer(first.id).turn
    access = {"runbooks/DbDiskFull.md": ("storage",)}
    write_knowledge(data_dir, {"runbooks/DbDiskFull.md": "# DbDiskFull\n\nHidden from now on.\n"}, access=access)
    hidden = conversations.answer(first.id).turn
    asked = conversations.begin_or_resume(_then(first, "what does step 2 do?"))
    world.assistant.close()

    assert [one.state for one in edited.stale] == [SinceThen.EDITED]
    assert [one.state for one in changed.stale] == [SinceThen.CHANGED]
    assert SinceThen.GONE in [one.state for one in hidden.stale]
    assert "idle replication slots" not in hidden.model_dump_json()
    assert "idle replication slots" not in asked.question
    assert "idle replication slots" in changed.model_dump_json()


def test_a_store_that_fails_to_purge_is_logged_and_asked_again(
    world: Local, clock: Clock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    class Stuck(ConversationTable):
        def purge(self, before: datetime) -> int:
            raise StorageFailed("disk full")

    with closing(Database(f"sqlite:///{tmp_path / 'conversations.sqlite'}")) as database:
        conversations = Conversations(Stuck(database), world.knowledge, clock=clock)
        assert _ask(conversations, world, DISK).conversation_id

    assert "wait to be deleted: disk full" in caplog.text
