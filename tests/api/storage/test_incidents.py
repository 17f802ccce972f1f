"""Incidents in a real database: nothing is lost or doubled, whoever writes; the same in SQLite and PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from api.errors import NotFound, UsageError
from api.incidents.alerts import Severity
from api.incidents.grouping import Outcome
from api.incidents.incidents import IncidentState, Inquest, Moment, Rules
from api.incidents.service_graph import ServiceGraph
from api.schemas.investigation_runs import InvestigationSummary, RunState
from api.storage.database import Database
from api.storage.incident_book import MAX_HISTORY, IncidentBook
from api.storage.incident_inquests import InquestTable, StartLimits
from api.storage.incident_tables import incident_alert_table, incident_history_table, incident_table
from api.storage.incidents import IncidentFilter, IncidentTable
from api.storage.investigation_tables import investigation_table
from api.storage.investigations import InvestigationTable
from tests.api.alerting import MOMENT, alert, migrated, minutes
from tests.api.storage.postgresql_server import postgresql

GRAPH = ServiceGraph([("front", "checkout")])


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        yield stack.enter_context(postgresql()) if request.param == "postgresql" else ""


@pytest.fixture
def url(server: str, tmp_path: Path) -> str:
    return server or migrated(tmp_path)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    tables = (incident_history_table(), incident_alert_table(), incident_table(), investigation_table())
    with closing(Database(url)) as opened:
        with opened.transaction() as connection:
            for table in tables:
                connection.execute(table.delete())
        yield opened


@pytest.fixture
def book(database: Database) -> IncidentBook:
    return IncidentBook(database, Rules())


@pytest.fixture
def table(database: Database) -> IncidentTable:
    return IncidentTable(database)


def _open(book: IncidentBook, service: str = "checkout", **given: object) -> str:
    (taken,) = book.take([alert(service=service, **given)], MOMENT, GRAPH)  # type: ignore[arg-type]  # of alert()
    assert taken.incident_id is not None
    return taken.incident_id


def _investigation(database: Database, name: str) -> None:
    asked = InvestigationSummary(
        id=name, title=name, state=RunState.QUEUED, bundle=name, created_at=MOMENT, steps=0, attempts=0
    )
    InvestigationTable(database).add(asked, request_key=None, request_digest="")


def test_an_incident_is_kept_whole_with_its_alerts_and_history(book: IncidentBook, table: IncidentTable) -> None:
    hostile = "Ünïcode \U0001f525 \x00 <b> ' \" ; --"
    first = alert(service="front", summary_label=hostile)

    book.take([first, alert("Slow", at=1), alert("Slow", at=1)], MOMENT, GRAPH)
    book.take([alert("Slow", at=1, resolved=True)], MOMENT + minutes(2), GRAPH)

    (listed,) = table.page(IncidentFilter(), offset=0, limit=10).incidents
    detail = table.detail(listed.id)
    assert detail.incident == listed
    assert (listed.alerts, listed.messages, listed.firing, listed.services) == (2, 4, 1, ["front", "checkout"])
    assert listed.opened_at == MOMENT
    assert [(one.name, one.status.value, one.messages) for one in detail.alerts] == [
        ("HighErrorRate", "firing", 1),
        ("Slow", "resolved", 3),
    ]
    assert detail.alerts[0].labels["summary_label"].startswith("Ünïcode \U0001f525")
    assert [one.moment for one in detail.history] == [Moment.OPENED, Moment.JOINED]


def test_ids_that_cannot_be_are_not_found(table: IncidentTable, book: IncidentBook) -> None:
    for name in ("none", "x" * 5_000, "nul\x00", "\ud800"):
        with pytest.raises(NotFound):
            table.detail(name)
        with pytest.raises(NotFound):
            book.resolve(name, "", "", MOMENT)


def test_a_list_holds_what_goes_on_first_and_the_worst_of_it(book: IncidentBook, table: IncidentTable) -> None:
    over = _open(book, "a", severity=Severity.CRITICAL)
    mild = _open(book, "b", severity=Severity.WARNING)
    bad = _open(book, "c", severity=Severity.CRITICAL)
    book.resolve(over, "Ada", "", MOMENT)

    page = table.page(IncidentFilter(), offset=0, limit=2)

    assert [one.id for one in page.incidents] == [bad, mild]
    assert page.total == 3


@pytest.mark.parametrize(
    ("wanted", "services"),
    [
        (IncidentFilter(state=IncidentState.RESOLVED), ["a"]),
        (IncidentFilter(severity=Severity.WARNING), ["b"]),
        (IncidentFilter(service="c"), ["c"]),
        (IncidentFilter(text="RATE AT B"), ["b"]),
        (IncidentFilter(text="100%_"), []),
        (IncidentFilter(service="c", state=IncidentState.RESOLVED), []),
    ],
)
def test_a_list_is_filtered(
    book: IncidentBook, table: IncidentTable, wanted: IncidentFilter, services: list[str]
) -> None:
    book.resolve(_open(book, "a"), "", "", MOMENT)
    _open(book, "b", severity=Severity.WARNING)
    _open(book, "c")

    page = table.page(wanted, offset=0, limit=10)

    assert [one.service for one in page.incidents] == services


def test_several_writers_at_once_lose_nothing_and_open_one_incident(url: str, table: IncidentTable) -> None:
    def write(writer: int) -> None:
        with closing(Database(url)) as own:
            for number in range(5):
                IncidentBook(own, Rules()).take([alert(pod=f"{writer}-{number}"), alert(pod="shared")], MOMENT, GRAPH)

    threads = [threading.Thread(target=write, args=(one,)) for one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (one,) = table.page(IncidentFilter(), offset=0, limit=10).incidents
    assert (one.alerts, one.messages, one.firing) == (21, 40, 21)


def test_changes_come_in_the_order_of_their_revisions(book: IncidentBook, table: IncidentTable) -> None:
    first, second = _open(book, "a"), _open(book, "b")
    seen = table.revision()

    book.acknowledge(first, "Ada", "", MOMENT)
    book.resolve(second, "Ben", "", MOMENT)
    book.reopen(first, "Ada", "not resolved, so nothing", MOMENT)

    assert [(one.id, one.state.value) for one in table.changes(seen)] == [(first, "acknowledged"), (second, "resolved")]
    assert len({one.revision for one in table.changes(0)}) == 2


def test_what_people_do_is_kept_with_who_and_why(book: IncidentBook, table: IncidentTable) -> None:
    name = _open(book)

    book.acknowledge(name, "Ada", "looking", MOMENT)
    book.resolve(name, "Ben", "rolled back", MOMENT)
    with pytest.raises(UsageError, match="is resolved"):
        book.acknowledge(name, "Ada", "", MOMENT)
    book.reopen(name, "Cid", "it is not", MOMENT)

    detail = table.detail(name)
    assert [(one.moment.value, one.who, one.text) for one in detail.history[1:]] == [
        ("acknowledged", "Ada", "looking"),
        ("resolved", "Ben", "rolled back"),
        ("reopened", "Cid", "it is not"),
    ]
    assert (detail.incident.state, detail.incident.acknowledged_by) == (IncidentState.OPEN, "")


def test_a_history_is_bounded_and_says_what_it_left_out(book: IncidentBook, table: IncidentTable) -> None:
    book.take([alert(pod=str(number)) for number in range(MAX_HISTORY + 7)], MOMENT, GRAPH)

    (one,) = table.page(IncidentFilter(), offset=0, limit=1).incidents
    detail = table.detail(one.id)
    assert (len(detail.history), detail.history_left_out) == (MAX_HISTORY, 7)
    assert (len(detail.alerts), detail.alerts_left_out) == (500, 7)


def test_quiet_incidents_end(book: IncidentBook, table: IncidentTable) -> None:
    name = _open(book)
    book.take([alert(resolved=True)], MOMENT + minutes(1), GRAPH)

    assert book.settle(MOMENT + minutes(5)) == 0
    assert book.settle(MOMENT + minutes(6)) == 1

    assert table.summary(name).state is IncidentState.RESOLVED


def test_an_alert_that_comes_back_much_later_opens_another_incident(book: IncidentBook, table: IncidentTable) -> None:
    first = _open(book)
    book.take([alert(resolved=True)], MOMENT + minutes(1), GRAPH)
    book.settle(MOMENT + minutes(6))

    (again,) = book.take([alert(at=600)], MOMENT + minutes(600), GRAPH)
    (repeated,) = book.take([alert(at=600)], MOMENT + minutes(601), GRAPH)

    assert again.outcome is Outcome.OPENED
    assert again.incident_id == repeated.incident_id != first
    assert [one.status.value for one in table.detail(first).alerts] == ["resolved"]


def test_an_alert_that_comes_back_to_an_incident_that_it_left_is_counted_there(
    book: IncidentBook, table: IncidentTable
) -> None:
    first = _open(book)
    book.take([alert(resolved=True)], MOMENT + minutes(1), GRAPH)
    book.settle(MOMENT + minutes(6))
    (second,) = book.take([alert(at=80)], MOMENT + minutes(80), GRAPH)
    book.take([alert(at=80, resolved=True)], MOMENT + minutes(81), GRAPH)
    book.settle(MOMENT + minutes(86))
    book.reopen(first, "Ada", "", MOMENT + minutes(140))
    book.resolve(first, "Ada", "", MOMENT + minutes(150))

    (back,) = book.take([alert(at=160)], MOMENT + minutes(160), GRAPH)
    (again,) = book.take([alert(at=160)], MOMENT + minutes(161), GRAPH)

    assert second.incident_id != first
    assert [(one.outcome, one.incident_id) for one in (back, again)] == [
        (Outcome.REOPENED, first),
        (Outcome.REPEATED, first),
    ]
    assert (table.summary(first).alerts, table.summary(first).firing) == (1, 1)


def test_no_more_incidents_are_claimed_than_may_be_investigated_at_once(database: Database, book: IncidentBook) -> None:
    inquests = InquestTable(database, StartLimits(at_once=2, per_hour=9))
    for service in ("a", "b", "c"):
        _open(book, service, severity=Severity.CRITICAL if service == "c" else Severity.WARNING)

    first = inquests.claim(MOMENT)
    second = inquests.claim(MOMENT)
    third = inquests.claim(MOMENT)

    assert first is not None
    assert first.service == "c"
    assert second is not None
    assert third is None


def test_the_next_incident_is_claimed_once_an_investigation_has_ended(
    database: Database, book: IncidentBook, table: IncidentTable
) -> None:
    inquests = InquestTable(database, StartLimits(at_once=1, per_hour=9))
    _open(book, "a")
    _open(book, "b")
    claimed = inquests.claim(MOMENT)
    assert claimed is not None
    first = claimed.id
    _investigation(database, "run-1")
    book.link(first, "run-1", "", MOMENT)
    assert (inquests.note_ended(), inquests.claim(MOMENT)) == (0, None)

    InvestigationTable(database).cancel("run-1", datetime.now(UTC))

    assert inquests.note_ended() == 1
    assert table.summary(first).investigation.stage is Inquest.ENDED
    assert table.summary(first).investigation.state is RunState.CANCELLED
    following = inquests.claim(MOMENT)
    assert following is not None
    assert following.id != first


def test_what_a_writer_remembers_does_not_undo_that_an_incident_is_claimed(
    database: Database, book: IncidentBook, table: IncidentTable
) -> None:
    inquests = InquestTable(database, StartLimits(at_once=9, per_hour=9))
    name = _open(book)
    assert inquests.claim(MOMENT) is not None

    book.take([alert("Slow")], MOMENT, GRAPH)

    assert table.summary(name).investigation.stage is Inquest.ASKING
    assert inquests.claim(MOMENT) is None


def test_no_more_are_claimed_within_an_hour_than_is_set(database: Database, book: IncidentBook) -> None:
    inquests = InquestTable(database, StartLimits(at_once=9, per_hour=1))
    _open(book, "a")
    _open(book, "b")

    claimed = [inquests.claim(MOMENT + minutes(at)) for at in (0, 1, 59, 61)]

    assert [one is not None for one in claimed] == [True, False, False, True]


def test_what_could_not_be_started_is_tried_again_and_given_up_at_last(
    database: Database, book: IncidentBook, table: IncidentTable
) -> None:
    inquests = InquestTable(database, StartLimits(at_once=1, per_hour=9))
    name = _open(book)

    claimed = []
    for minute in range(8):
        facts = inquests.claim(MOMENT + minutes(minute))
        claimed.append(facts.attempt if facts else None)
        inquests.not_started(name, "no source is connected", MOMENT + minutes(minute))

    assert claimed == [1, 2, 3, 4, 5, None, None, None]
    inquest = table.summary(name).investigation
    assert (inquest.stage, inquest.problem) == (Inquest.REFUSED, "no source is connected")


def test_what_a_process_left_half_way_is_claimed_by_another(database: Database, book: IncidentBook) -> None:
    inquests = InquestTable(database, StartLimits(at_once=1, per_hour=9))
    _open(book)
    assert inquests.claim(MOMENT) is not None

    claimed = [inquests.claim(MOMENT + minutes(at)) for at in (1, 2)]

    assert claimed[0] is None
    assert claimed[1] is not None
    assert claimed[1].attempt == 2


def test_the_tables_are_as_the_newest_migration_leaves_them(url: str, database: Database) -> None:
    engine = create_engine(url)

    for table in (incident_table(), incident_alert_table(), incident_history_table()):
        columns = {column["name"] for column in inspect(engine).get_columns(table.name)}
        assert columns == {column.name for column in table.columns}
    engine.dispose()
