"""Investigations as a service: worked on in the background, some at a time, kept whole, called off, deleted."""

import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.errors import NotFound, UsageError
from api.investigation.verdicts import VerdictState
from api.schemas.investigation_runs import InvestigationRequest, RunState
from tests.api.investigated import CPU, FakeInvestigator, Refusal, Unforeseen
from tests.api.investigating.offices import Office, open_office, wait_until


@pytest.fixture
def investigator() -> FakeInvestigator:
    return FakeInvestigator()


@pytest.fixture
def office(tmp_path: Path, investigator: FakeInvestigator) -> Iterator[Office]:
    with closing(open_office(tmp_path, investigator)) as opened:
        yield opened
        investigator.gate.set()


def _texts(office: Office, investigation_id: str) -> list[tuple[int, str]]:
    return [(one.number, one.text) for one in office.desk.steps(investigation_id, after=0)]


def test_an_investigation_is_done_in_the_background_and_kept_whole(office: Office) -> None:
    asked = office.ask("team/incident")

    ended = office.ended(asked.id)

    assert asked.state is RunState.QUEUED
    assert (ended.state, ended.verdict, ended.component) == (RunState.DONE, VerdictState.LIKELY, "cart")
    assert (ended.title, ended.attempts, ended.steps) == ("Incident incident", 1, 3)
    assert _texts(office, asked.id) == [(1, "looks at metrics"), (2, "cart stands out"), (3, "settled")]
    result = office.desk.detail(asked.id).result
    assert result is not None
    assert result.incident.title == "Incident incident"
    assert office.desk.observation(asked.id, CPU.id).rows[0][1] == 0.1234567891
    assert office.desk.report(asked.id).startswith("# Incident incident\n\n**Verdict: likely.**")


def test_at_most_so_many_are_worked_on_at_once_and_the_others_wait_in_order(
    office: Office, investigator: FakeInvestigator
) -> None:
    investigator.gate.clear()
    asked = [office.ask(f"b{number}") for number in range(5)]
    wait_until(lambda: investigator.at_work == 2)

    states = [office.desk.summary(one.id).state for one in asked]
    investigator.gate.set()
    for one in asked:
        office.ended(one.id)

    assert states == [RunState.RUNNING] * 2 + [RunState.QUEUED] * 3
    assert (investigator.most_at_work, investigator.runs) == (2, 5)


def test_the_list_is_newest_first_paged_and_by_state(office: Office, investigator: FakeInvestigator) -> None:
    asked = [office.ask(f"b{number}", title=f"Number {number}") for number in range(3)]
    for one in asked:
        office.ended(one.id)
    investigator.error = Refusal("the files are cut off; record them again")
    failed = office.ended(office.ask("b9").id)

    page = office.desk.page(state=None, offset=1, limit=2)
    done = office.desk.page(state=RunState.DONE, offset=0, limit=10)

    assert ([one.title for one in page.investigations], page.total) == (["Number 2", "Number 1"], 4)
    assert done.total == 3
    assert (failed.state, failed.error) == (RunState.FAILED, "the files are cut off; record them again")


def test_what_nobody_foresaw_fails_one_and_not_the_service(
    office: Office, investigator: FakeInvestigator, caplog: pytest.LogCaptureFixture
) -> None:
    investigator.error = Unforeseen("secret insides")
    failed = office.ended(office.ask("a").id)
    investigator.error = None

    after = office.ended(office.ask("b").id)

    assert (failed.state, after.state) == (RunState.FAILED, RunState.DONE)
    assert "secret" not in failed.error
    assert failed.error.rpartition(" ")[2] in caplog.text


def test_a_bundle_that_cannot_be_read_fails_with_the_reason(office: Office) -> None:
    assert office.places.bundles is not None
    (office.places.bundles / "bad").mkdir()
    (office.places.bundles / "bad" / "broken").touch()

    ended = office.ended(office.ask("bad").id)

    assert (ended.state, ended.error) == (RunState.FAILED, "bundle 'bad' has no case.json; write one")
    with pytest.raises(UsageError, match="is failed and has no result"):
        office.desk.report(ended.id)


def test_one_at_work_is_called_off_and_its_steps_stay(office: Office, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    asked = office.ask()
    wait_until(lambda: len(_texts(office, asked.id)) == 2)

    cancelled = office.desk.cancel(asked.id)
    wait_until(lambda: investigator.at_work == 0)

    assert cancelled.state is RunState.CANCELLED
    assert office.desk.summary(asked.id).state is RunState.CANCELLED
    assert [number for number, _ in _texts(office, asked.id)] == [1, 2]
    assert investigator.cancelled_runs == 1
    assert office.desk.detail(asked.id).result is None


def test_one_that_waits_is_called_off_and_never_begun(office: Office, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    first, second, third = (office.ask(name) for name in "abc")
    wait_until(lambda: investigator.at_work == 2)

    office.desk.cancel(third.id)
    investigator.gate.set()
    for one in (first, second):
        office.ended(one.id)

    assert office.desk.summary(third.id).attempts == 0
    assert investigator.runs == 2


def test_what_has_ended_stays_as_it_is_when_it_is_called_off(office: Office) -> None:
    done = office.ended(office.ask().id)

    assert office.desk.cancel(done.id) == done


def test_the_same_request_key_starts_nothing_new_and_another_request_with_it_is_refused(office: Office) -> None:
    first = office.ask("a")
    keyed = [office.desk.start(InvestigationRequest(bundle="a"), request_key="k-1") for _ in range(3)]
    office.ask("b")

    assert len({one.id for one in keyed}) == 1
    assert keyed[0].id != first.id
    with pytest.raises(UsageError, match="was used for another request"):
        office.desk.start(InvestigationRequest(bundle="b"), request_key="k-1")


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "é", "a\nb"])
def test_a_request_key_that_cannot_be_one_is_refused(office: Office, key: str) -> None:
    office.ask("a")

    with pytest.raises(UsageError, match="Idempotency-Key"):
        office.desk.start(InvestigationRequest(bundle="a"), request_key=key)


def test_many_callers_with_one_key_at_once_start_one(office: Office) -> None:
    office.ask("a")
    ids: list[str] = []

    def ask() -> None:
        ids.append(office.desk.start(InvestigationRequest(bundle="a"), request_key="same").id)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 8
    assert len(set(ids)) == 1


def test_a_deleted_one_is_gone_with_all_that_was_kept_of_it(office: Office, investigator: FakeInvestigator) -> None:
    done = office.ended(office.ask("a").id)
    investigator.gate.clear()
    going_on = office.ask("b")
    wait_until(lambda: investigator.at_work == 1)

    for one in (done, going_on):
        office.desk.delete(one.id)
    wait_until(lambda: investigator.at_work == 0)

    for one in (done, going_on):
        with pytest.raises(NotFound, match="no investigation has the id"):
            office.desk.summary(one.id)
        assert office.desk.steps(one.id, after=0) == []
    with pytest.raises(NotFound):
        office.desk.observation(done.id, CPU.id)


def test_a_bundle_that_was_sent_is_investigated_and_goes_with_its_investigation(office: Office, tmp_path: Path) -> None:
    archive = tmp_path / "sent"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("incident-7/case.json")
        member.size = 2
        tar.addfile(member, io.BytesIO(b"{}"))

    asked = office.desk.start_upload(archive, title="", request_key="k")
    again = office.desk.start_upload(archive, title="", request_key="k")
    ended = office.ended(asked.id)

    assert again.id == asked.id
    assert (ended.state, ended.title) == (RunState.DONE, "Incident incident-7")
    assert len(list(office.places.uploads.iterdir())) == 1
    office.desk.delete(asked.id)
    assert list(office.places.uploads.iterdir()) == []


def test_an_upload_that_may_not_be_starts_nothing(office: Office, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(b"no archive")

    with pytest.raises(UsageError, match="neither"):
        office.desk.start_upload(tmp_path / "sent", title="", request_key=None)

    assert office.desk.page(state=None, offset=0, limit=1).total == 0


def test_an_unknown_one_is_not_found_whatever_its_name(office: Office) -> None:
    for name in ("nothing", "../x", "\ud800", "x" * 5000, "'; DROP TABLE investigations"):
        with pytest.raises(NotFound):
            office.desk.detail(name)
        with pytest.raises(NotFound):
            office.desk.cancel(name)
        with pytest.raises(NotFound):
            office.desk.delete(name)
        with pytest.raises(NotFound):
            office.desk.report(name)
