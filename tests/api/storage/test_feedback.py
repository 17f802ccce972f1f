"""Feedback in a real database: kept, replaced, migrated once, and refused clearly where it cannot be kept."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.answering.answer import Outcome
from api.schemas.feedback import FeedbackRequest
from api.storage.database import Database
from api.storage.feedback import FeedbackTable, feedback_table
from ingest.errors import StorageFailed, UsageError

SAID = FeedbackRequest(answer_id="a", question="why?\x00", outcome=Outcome.PARTIAL, rating="down", comment="no")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "feedback.sqlite"


@pytest.fixture
def table(file: Path) -> Iterator[FeedbackTable]:
    opened = FeedbackTable(Database(f"sqlite:///{file}"))
    yield opened
    opened.close()


def _rows(file: Path) -> list[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT answer_id, question, rating, comment FROM feedback ORDER BY id").fetchall()


def test_what_is_sent_again_replaces_what_was_kept(table: FeedbackTable, file: Path) -> None:
    first = table.store(SAID)
    second = table.store(SAID.model_copy(update={"rating": "up", "comment": ""}))

    assert first.id == second.id
    assert second.stored_at >= first.stored_at
    assert _rows(file) == [("a", "why? ", "up", "")]


def test_a_second_opening_finds_what_the_first_one_kept(table: FeedbackTable, file: Path) -> None:
    table.store(SAID)
    with closing(FeedbackTable(Database(f"sqlite:///{file}"))) as again:
        again.store(SAID.model_copy(update={"answer_id": "b"}))

    assert [row[0] for row in _rows(file)] == ["a", "b"]


def test_several_openings_at_once_migrate_one_after_another(file: Path) -> None:
    failures: list[Exception] = []

    def store(number: int) -> None:
        with closing(FeedbackTable(Database(f"sqlite:///{file}"))) as table:
            try:
                table.store(SAID.model_copy(update={"answer_id": str(number)}))
            except StorageFailed as error:
                failures.append(error)

    threads = [threading.Thread(target=store, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(_rows(file)) == 4


def test_the_migrations_make_the_table_that_the_code_uses(table: FeedbackTable, file: Path) -> None:
    table.store(SAID)
    with closing(sqlite3.connect(file)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(feedback)")]

    assert columns == [column.name for column in feedback_table().columns]


def test_a_damaged_database_is_told_with_its_place(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("no database " * 100)

    with (
        closing(FeedbackTable(Database(f"sqlite:///{file}"))) as table,
        pytest.raises(StorageFailed, match=r"feedback\.sqlite.*GROUNDWATCH_DATABASE_URL"),
    ):
        table.store(SAID)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageFailed, match="folder"):
        FeedbackTable(Database(f"sqlite:///{tmp_path / 'file' / 'x.sqlite'}")).store(SAID)


def test_an_unreachable_server_is_told_without_the_password() -> None:
    url = "postgresql+psycopg://groundwatch:hidden-word@127.0.0.1:1/groundwatch"

    with pytest.raises(StorageFailed) as raised:
        FeedbackTable(Database(url)).store(SAID)

    assert "hidden-word" not in str(raised.value)
    assert "127.0.0.1" in str(raised.value)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "postgresql+nodriver://x/y"])
def test_a_url_of_another_kind_is_wrong_use(url: str) -> None:
    with pytest.raises(UsageError, match="GROUNDWATCH_DATABASE_URL"):
        FeedbackTable(Database(url)).store(SAID)
