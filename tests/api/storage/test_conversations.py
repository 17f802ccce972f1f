"""Conversations in a real database: in order whoever writes, paged, limited, deleted, purged."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from api.errors import NotFound
from api.storage.conversation_tables import conversation_table, turn_table
from api.storage.conversations import MAX_ANSWER_CHARACTERS, MAX_TURNS, ConversationTable, TurnRow
from api.storage.database import Database
from ingest.errors import StorageFailed, UsageError

MOMENT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "groundwatch.sqlite"


@pytest.fixture
def table(file: Path) -> Iterator[ConversationTable]:
    with closing(Database(f"sqlite:///{file}")) as database:
        yield ConversationTable(database)


def _row(answer_id: str, *, question: str = "why?", at: datetime = MOMENT, answer: str = "{}") -> TurnRow:
    return TurnRow(answer_id, at, question, "", ("a", "b"), "{}", 7, answer)


def test_turns_come_back_as_they_were_kept_in_their_order(table: ConversationTable) -> None:
    table.append("c", _row("1", question="first?\x00"), starts=True)
    table.append("c", _row("2", at=MOMENT + timedelta(minutes=1)))

    first, second = table.turns("c", offset=0, limit=10)
    assert (first.answer_id, first.position, first.question, first.drawn_from) == ("1", 1, "first? ", ("a", "b"))
    assert (second.position, second.asked_at) == (2, MOMENT + timedelta(minutes=1))
    assert table.turns("c", offset=1, limit=10) == [second]
    assert table.latest("c", 1) == [second]


def test_the_list_shows_what_was_added_to_last_first_and_is_paged(table: ConversationTable) -> None:
    for number, name in enumerate(("a", "b", "c")):
        table.append(name, _row(name, question=f"{name} " * 200, at=MOMENT + timedelta(hours=number)), starts=True)
    table.append("a", _row("later", at=MOMENT + timedelta(days=1)))

    page = table.page(offset=0, limit=2)

    assert [one.id for one in page.conversations] == ["a", "c"]
    assert page.total == 3
    assert page.conversations[0].turns == 2
    assert len(page.conversations[0].title) <= 120
    assert [one.id for one in table.page(offset=2, limit=2).conversations] == ["b"]


def test_many_writers_at_once_get_a_position_each(table: ConversationTable, file: Path) -> None:
    table.append("c", _row("0"), starts=True)

    def write(writer: int) -> None:
        with closing(Database(f"sqlite:///{file}")) as database:
            for number in range(5):
                ConversationTable(database).append("c", _row(f"{writer}-{number}"))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    rows = table.turns("c", offset=0, limit=100)
    assert [row.position for row in rows] == list(range(1, 22))
    for writer in range(4):
        own = [row.answer_id for row in rows if row.answer_id.startswith(f"{writer}-")]
        assert own == [f"{writer}-{number}" for number in range(5)]
    assert table.summary("c").turns == 21


def test_a_conversation_takes_so_many_turns_and_no_more(table: ConversationTable) -> None:
    for number in range(MAX_TURNS):
        table.append("c", _row(str(number)), starts=number == 0)

    with pytest.raises(UsageError, match="start a new one"):
        table.append("c", _row("one more"))

    assert table.summary("c").turns == MAX_TURNS


def test_an_answer_that_is_too_large_is_not_kept(table: ConversationTable) -> None:
    with pytest.raises(UsageError, match="not kept"):
        table.append("c", _row("1", answer="x" * (MAX_ANSWER_CHARACTERS + 1)), starts=True)

    assert table.page(offset=0, limit=5).total == 0


def test_a_turn_of_a_conversation_that_was_deleted_meanwhile_does_not_bring_it_back(table: ConversationTable) -> None:
    table.append("c", _row("1"), starts=True)
    table.delete("c")

    with pytest.raises(NotFound, match="'c'"):
        table.append("c", _row("2"))

    assert table.page(offset=0, limit=5).total == 0
    with pytest.raises(NotFound):
        table.answer("1")


def test_an_answer_is_found_by_its_id_with_its_conversation(table: ConversationTable) -> None:
    table.append("c", _row("1", question="Why?"), starts=True)

    found = table.answer("1")

    assert (found.conversation.id, found.conversation.title, found.turn.position) == ("c", "Why?", 1)


@pytest.mark.parametrize("name", ["", "nothing", "x" * 10_000, "\x00", "a/b", "ü"])
def test_an_id_that_nothing_bears_is_not_found(table: ConversationTable, name: str) -> None:
    for look in (table.summary, table.answer, table.delete):
        with pytest.raises(NotFound) as raised:
            look(name)
        assert len(str(raised.value)) < 400


def test_the_purge_takes_what_nothing_was_added_to_since(table: ConversationTable) -> None:
    table.append("old", _row("1"), starts=True)
    table.append("kept", _row("2"), starts=True)
    table.append("kept", _row("3", at=MOMENT + timedelta(days=2)))

    assert table.purge(MOMENT + timedelta(days=1)) == 1
    assert [one.id for one in table.page(offset=0, limit=5).conversations] == ["kept"]
    with pytest.raises(NotFound):
        table.answer("1")


def test_the_tables_are_what_the_migrations_leave(table: ConversationTable, file: Path) -> None:
    table.page(offset=0, limit=1)

    engine = create_engine(f"sqlite:///{file}")
    with closing(engine.raw_connection()):
        for expected in (conversation_table(), turn_table()):
            found = {column["name"]: str(column["type"]) for column in inspect(engine).get_columns(expected.name)}
            assert found == {column.name: str(column.type) for column in expected.columns}
    engine.dispose()


def test_a_database_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        closing(Database(f"sqlite:///{tmp_path / 'file' / 'x.sqlite'}")) as database,
        pytest.raises(StorageFailed, match="folder"),
    ):
        ConversationTable(database).page(offset=0, limit=1)
