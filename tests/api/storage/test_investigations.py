"""Investigations in a real database: kept whole, in order, whoever writes; the same in SQLite and PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from api.errors import NotFound, UsageError
from api.investigation.investigations import Stage
from api.schemas.investigation_forms import to_detail, to_result
from api.schemas.investigation_runs import InvestigationSummary, RunState
from api.schemas.investigations import StepView
from api.storage.database import Database
from api.storage.investigation_claims import ClaimLost, ClaimTable, Outcome
from api.storage.investigation_tables import investigation_table, observation_table, step_table
from api.storage.investigations import MAX_WAITING, InvestigationTable
from ingest.errors import StorageFailed
from tests.api.investigated import CPU, investigation
from tests.api.storage.postgresql_server import postgresql

MOMENT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        yield stack.enter_context(postgresql()) if request.param == "postgresql" else ""


@pytest.fixture
def url(server: str, tmp_path: Path) -> str:
    return server or f"sqlite:///{tmp_path / 'groundwatch.sqlite'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(Database(url)) as opened:
        with opened.transaction() as connection:
            for table in (step_table(), observation_table(), investigation_table()):
                connection.execute(table.delete())
        yield opened


@pytest.fixture
def table(database: Database) -> InvestigationTable:
    return InvestigationTable(database)


@pytest.fixture
def claims(database: Database) -> ClaimTable:
    return _claims(database, "me")


def _claims(database: Database, holder: str) -> ClaimTable:
    return ClaimTable(database, holder, gone=lambda _other: False)


def _add(table: InvestigationTable, name: str, *, key: str | None = None, minutes: int = 0) -> InvestigationSummary:
    asked = InvestigationSummary(
        id=name,
        title=f"The\x00 {name}\n" * 90,
        state=RunState.QUEUED,
        bundle=f"team/{name}",
        created_at=MOMENT + timedelta(minutes=minutes),
        steps=0,
        attempts=0,
    )
    return table.add(asked, request_key=key, request_digest=f"digest of {key}")


def _step(text: str) -> StepView:
    return StepView(number=7, stage=Stage.FINDING, specialist="metrics", text=text, ref="metrics-1")


def test_what_came_of_one_is_kept_whole(table: InvestigationTable, claims: ClaimTable) -> None:
    _add(table, "a")
    given = investigation(title="odd \x00 \u2028 title")
    claims.take(MOMENT)
    claims.append("a", [_step("one\x00"), _step("two")])
    details = [to_detail(one) for one in given.observations]

    claims.finish("a", Outcome(RunState.DONE, result=to_result(given), observations=details), MOMENT)

    summary = table.summary("a")
    assert (summary.state, summary.steps, summary.component, summary.ended_at) == (RunState.DONE, 2, "cart", MOMENT)
    assert len(summary.title) <= 300
    assert table.result("a") == to_result(given)
    assert table.observations("a") == details
    assert table.observation("a", CPU.id) == details[0]
    assert [(one.number, one.text) for one in table.steps("a", after=0)] == [(1, "one "), (2, "two")]
    assert [one.number for one in table.steps("a", after=1)] == [2]


def test_a_result_is_kept_as_a_whole_or_not_at_all(table: InvestigationTable, claims: ClaimTable) -> None:
    _add(table, "a")
    claims.take(MOMENT)
    twice = [to_detail(CPU), to_detail(CPU)]

    with pytest.raises(StorageFailed):
        claims.finish("a", Outcome(RunState.DONE, result=to_result(investigation()), observations=twice), MOMENT)

    assert (table.summary("a").state, table.result("a"), table.observations("a")) == (RunState.RUNNING, None, [])


def test_the_oldest_is_taken_first_and_each_once(table: InvestigationTable, claims: ClaimTable) -> None:
    for name, minutes in (("b", 2), ("a", 5), ("c", 1)):
        _add(table, name, minutes=minutes)

    taken = [claims.take(MOMENT, besides=before) for before in ([], ["c"], ["b", "c"], ["a", "b", "c"])]

    assert [one and one.investigation_id for one in taken] == ["c", "b", "a", None]


def test_what_another_holds_is_taken_once_its_time_is_over(table: InvestigationTable, database: Database) -> None:
    _add(table, "a")
    mine, other = _claims(database, "me"), _claims(database, "other")
    mine.take(MOMENT)
    mine.keep(["a"], MOMENT + timedelta(seconds=50))

    early, late = other.take(MOMENT + timedelta(seconds=100)), other.take(MOMENT + timedelta(seconds=111))

    assert (early, late and late.attempts) == (None, 2)
    with pytest.raises(ClaimLost):
        mine.append("a", [_step("late")])
    mine.release("a")
    assert table.summary("a").state is RunState.RUNNING


def test_many_at_once_take_each_once_and_number_without_holes(table: InvestigationTable, url: str) -> None:
    for number in range(8):
        _add(table, f"i{number}", minutes=number)
    taken: list[str] = []

    def work(name: int) -> None:
        with closing(Database(url)) as database:
            claims, mine = _claims(database, f"p{name}"), list[str]()
            while (claim := claims.take(MOMENT, besides=mine)) is not None:
                mine.append(claim.investigation_id)
                for number in range(3):
                    claims.append(claim.investigation_id, [_step(f"{number}")])
            taken.extend(mine)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [f"i{number}" for number in range(8)]
    assert all([one.number for one in table.steps(name, after=0)] == [1, 2, 3] for name in taken)


def test_a_key_gives_what_it_was_first_used_for_whoever_asks_at_once(table: InvestigationTable, url: str) -> None:
    found: list[str] = []

    def ask(number: int) -> None:
        with closing(Database(url)) as database:
            found.append(_add(InvestigationTable(database), f"i{number}", key="k").id)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == 1
    with pytest.raises(UsageError, match="was used for another request"):
        table.add(_renamed(table.summary(found[0])), request_key="k", request_digest="another")


def _renamed(summary: InvestigationSummary) -> InvestigationSummary:
    return summary.model_copy(update={"id": "new"})


def test_too_many_that_wait_are_refused(table: InvestigationTable) -> None:
    for number in range(MAX_WAITING):
        _add(table, f"i{number}")

    with pytest.raises(UsageError, match="200 investigations wait already"):
        _add(table, "more")


def test_one_is_called_off_whether_it_waits_or_runs_and_what_ended_stays(
    table: InvestigationTable, claims: ClaimTable
) -> None:
    for name in ("a", "b"):
        _add(table, name, minutes=ord(name))
    claims.take(MOMENT)

    states = [table.cancel(name, MOMENT).state for name in ("a", "b")]

    assert states == [RunState.CANCELLED] * 2
    with pytest.raises(ClaimLost):
        claims.finish("a", Outcome(RunState.FAILED, "late"), MOMENT)
    assert table.cancel("a", MOMENT + timedelta(hours=1)).ended_at == MOMENT


def test_a_deleted_one_takes_its_parts_along(table: InvestigationTable, claims: ClaimTable) -> None:
    _add(table, "a")
    claims.take(MOMENT)
    claims.append("a", [_step("one")])
    claims.finish("a", Outcome(RunState.DONE, result=to_result(investigation()), observations=[to_detail(CPU)]), MOMENT)

    table.delete("a")

    assert (table.steps("a", after=0), table.observations("a")) == ([], [])
    with pytest.raises(NotFound):
        table.result("a")


def test_the_list_reads_no_results_and_pages(table: InvestigationTable) -> None:
    for number in range(5):
        _add(table, f"i{number}", minutes=number)

    page = table.page(state=RunState.QUEUED, offset=1, limit=2)

    assert ([one.id for one in page.investigations], page.total) == (["i3", "i2"], 5)


def test_the_tables_are_as_the_code_has_them(database: Database, url: str) -> None:
    engine = create_engine(url)
    found = inspect(engine)

    for table in (investigation_table(), step_table(), observation_table()):
        assert {one["name"] for one in found.get_columns(table.name)} == {one.name for one in table.columns}
    engine.dispose()


def test_a_result_of_another_form_is_told_and_not_guessed(table: InvestigationTable, database: Database) -> None:
    _add(table, "a")
    with database.transaction() as connection:
        connection.execute(investigation_table().update().values(result='{"version": 2}', state="done"))

    with pytest.raises(StorageFailed, match="form that this version can't read"):
        table.result("a")


def test_an_outcome_can_be_kept_without_a_result(table: InvestigationTable, claims: ClaimTable) -> None:
    _add(table, "a")
    claims.take(MOMENT)

    claims.finish("a", replace(Outcome(RunState.FAILED), error="cut off\x00"), MOMENT)

    assert (table.summary("a").state, table.summary("a").error) == (RunState.FAILED, "cut off ")
