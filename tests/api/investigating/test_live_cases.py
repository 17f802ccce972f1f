"""Investigations of live sources through the desk: prepared, asked once, kept, run again, removed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.errors import NotFound, UsageError
from api.investigating.bundle_places import BundlePlaces
from api.investigating.desk import Investigations
from api.investigating.live_cases import LiveCases, incident_of
from api.investigating.parts import open_investigator
from api.investigation.observations import SourceClass
from api.investigation.windows import moment_of
from api.schemas.investigation_runs import AskedWindow, InvestigationRequest, RunState
from api.storage.database import Database
from api.telemetry.bundles import open_bundle
from api.telemetry.live.cases import CaseOpener
from tests.api.investigating.offices import wait_until
from tests.api.telemetry.live.live_sources import WINDOW, FakeSource, down

START, END = moment_of(WINDOW.start), moment_of(WINDOW.end)
NOW = END + timedelta(hours=1)


def _request(**given: object) -> InvestigationRequest:
    return InvestigationRequest.model_validate({"window": {"start": START, "end": END}, "component": "cart", **given})


@pytest.fixture
def source() -> FakeSource:
    return FakeSource("a")


@pytest.fixture
def opened(tmp_path: Path, source: FakeSource) -> Iterator[tuple[Investigations, BundlePlaces]]:
    places = BundlePlaces(None, tmp_path / "uploads")
    sources = (source, FakeSource("b", down))
    desk = Investigations(
        Database(f"sqlite:///{tmp_path / 'g.sqlite'}"),
        places,
        CaseOpener(sources, open_bundle),
        open_investigator(),
        live=LiveCases(sources, places),
    )
    with closing(desk):
        desk.open()
        yield desk, places


def _ended(desk: Investigations, investigation_id: str) -> RunState:
    wait_until(lambda: desk.summary(investigation_id).state.ended, 60)
    return desk.summary(investigation_id).state


def test_a_window_of_live_sources_is_investigated_and_kept_as_a_bundle(
    opened: tuple[Investigations, BundlePlaces], source: FakeSource
) -> None:
    desk, places = opened

    asked = desk.start(_request(symptom="carts are slow", severity="critical"))
    state = _ended(desk, asked.id)
    again = desk.start(InvestigationRequest(bundle=asked.bundle))
    _ended(desk, again.id)

    result = desk.detail(asked.id).result
    assert state is RunState.DONE
    assert result is not None
    assert (result.incident.symptom.text, result.incident.symptom.component) == ("carts are slow", "cart")
    assert any("it is down" in one.detail for one in result.gaps)
    assert source.asked == 2
    assert desk.report(again.id) == desk.report(asked.id)
    assert (places.folder(asked.bundle) / "recorded" / "bundle.json").is_file()


def test_what_was_kept_goes_with_the_last_investigation_that_names_it(
    opened: tuple[Investigations, BundlePlaces],
) -> None:
    desk, places = opened
    first = desk.start(_request(sources=["a"]))
    _ended(desk, first.id)
    second = desk.start(InvestigationRequest(bundle=first.bundle))
    _ended(desk, second.id)

    desk.delete(first.id)
    kept = places.folder(first.bundle).is_dir()
    desk.delete(second.id)

    assert kept
    with pytest.raises(NotFound):
        places.folder(first.bundle)


def test_the_same_key_starts_one_investigation_and_leaves_one_folder(
    opened: tuple[Investigations, BundlePlaces],
) -> None:
    desk, places = opened
    request = InvestigationRequest(window=AskedWindow(start=datetime.now(UTC) - timedelta(minutes=5)))

    found = {desk.start(request, request_key="k").id for _ in range(3)}

    assert len(found) == 1
    assert len(list(places.live.iterdir())) == 1
    _ended(desk, found.pop())


def test_a_source_that_is_not_there_is_refused_with_those_there_are(
    opened: tuple[Investigations, BundlePlaces],
) -> None:
    with pytest.raises(UsageError, match="no source 'c'; there are 'a', 'b'"):
        opened[0].start(_request(sources=["c"]))


@pytest.mark.parametrize("sources", [(), (FakeSource("told", gives=frozenset({SourceClass.CHANGE})),)])
def test_without_telemetry_it_is_said_how_to_connect_it(tmp_path: Path, sources: tuple[FakeSource, ...]) -> None:
    with pytest.raises(UsageError, match="GROUNDWATCH_TELEMETRY_FILE"):
        LiveCases(sources, BundlePlaces(None, tmp_path / "uploads")).prepare(_request())


def test_a_window_ends_now_and_healthy_time_lies_before_it() -> None:
    request = InvestigationRequest(window=AskedWindow(start=NOW - timedelta(minutes=10)), alert="CartSlow")

    incident = incident_of(request, "live:1", NOW)

    assert incident.window.seconds == 600
    assert incident.baseline == incident.window.before(1_800)
    assert (incident.symptom.text, incident.symptom.alert) == ("CartSlow", "CartSlow")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"window": {"start": NOW + timedelta(hours=1)}}, "holds no time"),
        ({"window": {"start": END, "end": START}}, "holds no time"),
        ({"window": {"start": END - timedelta(days=8), "end": END}}, "longer than seven days"),
        ({"baseline": {"start": START, "end": END}}, "overlaps window"),
    ],
)
def test_a_window_that_can_not_be_meant_is_refused(given: dict[str, object], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        incident_of(_request(**given), "live:1", NOW)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"bundle": "a", "window": {"start": START}},
        {"bundle": "a", "component": "x"},
        {"window": {"start": "2026-01-01T00:00:00"}},
    ],
)
def test_a_request_is_of_a_bundle_or_of_a_window(given: dict[str, object]) -> None:
    reading: Callable[[object], InvestigationRequest] = InvestigationRequest.model_validate

    with pytest.raises(ValidationError):
        reading(given)


@pytest.mark.parametrize("reference", ["live:", "live:..", "live:../uploads", "live:x/../../y", "live:gone"])
def test_no_name_of_a_live_case_leads_elsewhere(tmp_path: Path, reference: str) -> None:
    (tmp_path / "live" / "x").mkdir(parents=True)
    places = BundlePlaces(None, tmp_path / "uploads")

    with pytest.raises((UsageError, NotFound)):
        places.folder(reference)


def test_live_cases_that_nothing_names_are_swept(tmp_path: Path) -> None:
    for name in ("named", "left"):
        (tmp_path / "live" / name).mkdir(parents=True)
    places = BundlePlaces(None, tmp_path / "uploads")

    swept = places.sweep({"live:named"}, before=datetime.now(UTC).timestamp() + 60)

    assert swept == 1
    assert [one.name for one in places.live.iterdir()] == ["named"]


def test_a_request_is_the_same_after_it_went_over_the_wire() -> None:
    for request in (InvestigationRequest(bundle="a"), _request(labels={"team": "shop"}, sources=["a"])):
        again = InvestigationRequest.model_validate_json(request.model_dump_json())

        assert again == request
