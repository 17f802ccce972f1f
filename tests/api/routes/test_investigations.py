"""Tests of the routes to investigations, over a desk with a real database and a stand-in for the investigator."""

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.investigating.advising import Advice
from api.routes.event_streams import Pace
from api.routes.investigation_acts import act_routes
from api.routes.investigation_events import event_routes
from api.routes.investigation_guidance import guidance_routes
from api.routes.investigations import UPLOAD_PATH, investigation_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from api.schemas.investigation_runs import InvestigationDetail, InvestigationSummary, RunState
from api.schemas.investigations import ObservationDetail
from tests.api.investigated import CPU, FakeInvestigator
from tests.api.investigating.offices import Office, no_documents, open_office, wait_until
from tests.api.world import served

ALL = "/v1/investigations"
FAST = Pace(tick=0.01, look=0.2, heartbeat=0.05)


@pytest.fixture
def investigator() -> FakeInvestigator:
    return FakeInvestigator()


@pytest.fixture
def office(tmp_path: Path, investigator: FakeInvestigator) -> Iterator[Office]:
    with closing(open_office(tmp_path, investigator)) as opened:
        (tmp_path / "bundles" / "one").mkdir()
        yield opened
        investigator.gate.set()


@pytest.fixture
def http(office: Office) -> Iterator[TestClient]:
    with TestClient(_app(office), raise_server_exceptions=False) as client:
        yield client


def _app(office: Office, *, threads: int = 4) -> FastAPI:
    app, workers = FastAPI(), Workers(threads)
    app.include_router(event_routes(office.desk, workers, FAST))
    app.include_router(investigation_routes(office.desk, workers))
    app.include_router(act_routes(office.desk, workers))
    app.include_router(guidance_routes(Advice(office.desk, no_documents), workers))
    install_problem_handlers(app)
    return app


def _start(http: TestClient, **headers: str) -> InvestigationSummary:
    response = http.post(ALL, json={"bundle": "one"}, headers=headers)
    assert response.status_code == 202, response.text
    return InvestigationSummary.model_validate_json(response.content)


def _archive(*names: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 2
            tar.addfile(member, io.BytesIO(b"{}"))
    return data.getvalue()


def test_an_investigation_is_accepted_with_its_place_and_read_once_it_is_done(http: TestClient, office: Office) -> None:
    response = http.post(ALL, json={"bundle": "one", "title": "Night"})
    asked = InvestigationSummary.model_validate_json(response.content)
    office.ended(asked.id)

    detail = InvestigationDetail.model_validate_json(http.get(response.headers["location"]).content)

    assert (response.status_code, asked.state) == (202, RunState.QUEUED)
    assert (detail.investigation.title, detail.investigation.state) == ("Night", RunState.DONE)
    assert detail.result is not None
    rows = http.get(f"{ALL}/{asked.id}/{detail.result.observations[0].link}")
    assert ObservationDetail.model_validate_json(rows.content).id == CPU.id


def test_the_report_is_markdown_and_the_same_each_time(http: TestClient, office: Office) -> None:
    first, second = (office.ended(_start(http).id).id for _ in range(2))

    reports = [http.get(f"{ALL}/{name}/report.md") for name in (first, first, second)]

    assert reports[0].headers["content-type"] == "text/markdown; charset=utf-8"
    assert reports[0].content == reports[1].content == reports[2].content
    assert reports[0].text.startswith("# Incident one\n\n**Verdict: likely.**")


@pytest.mark.parametrize("bundle", ["../one", "/etc", "one/..", "", "a\\b", "one\x00"])
def test_a_bundle_outside_of_its_folder_is_a_problem(http: TestClient, bundle: str) -> None:
    response = http.post(ALL, json={"bundle": bundle})

    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


def test_a_bundle_that_is_not_there_is_not_found(http: TestClient) -> None:
    assert http.post(ALL, json={"bundle": "two"}).status_code == 404


def test_a_request_that_was_sent_twice_starts_one(http: TestClient) -> None:
    first, second = (_start(http, **{"Idempotency-Key": "k"}) for _ in range(2))

    assert first.id == second.id
    assert http.post(ALL, json={"bundle": "one", "title": "x"}, headers={"Idempotency-Key": "k"}).status_code == 422


def test_the_list_is_paged_and_narrowed_by_state(http: TestClient, office: Office) -> None:
    for _ in range(3):
        office.ended(_start(http).id)

    page = http.get(ALL, params={"state": "done", "limit": 2}).json()

    assert (page["total"], len(page["investigations"])) == (3, 2)
    assert http.get(ALL, params={"state": "failed"}).json()["total"] == 0
    assert http.get(ALL, params={"state": "asleep"}).status_code == 422
    assert http.get(ALL, params={"limit": 201}).status_code == 422


def test_one_is_called_off_and_deleted(http: TestClient, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    asked = _start(http)

    cancelled = http.post(f"{ALL}/{asked.id}/cancel")
    report = http.get(f"{ALL}/{asked.id}/report.md")
    deleted = http.delete(f"{ALL}/{asked.id}")

    assert cancelled.json()["state"] == "cancelled"
    assert (report.status_code, deleted.status_code) == (422, 204)
    assert http.delete(f"{ALL}/{asked.id}").status_code == 404


@pytest.mark.parametrize("rest", ["", "/events", "/observations/o1", "/report.md"])
def test_an_unknown_one_is_not_found(http: TestClient, rest: str) -> None:
    assert http.get(f"{ALL}/nothing{rest}").status_code == 404


def test_an_unknown_observation_is_not_found(http: TestClient, office: Office) -> None:
    done = office.ended(_start(http).id)

    response = http.get(f"{ALL}/{done.id}/observations/o000000000000")

    assert response.status_code == 404
    assert "holds no observation" in response.json()["detail"]


def test_a_bundle_can_be_sent(http: TestClient, office: Office) -> None:
    archive = _archive("incident-7/case.json")

    response = http.post(
        UPLOAD_PATH, content=archive, params={"title": ""}, headers={"Content-Type": "application/gzip"}
    )

    ended = office.ended(response.json()["id"])
    assert (response.status_code, ended.state, ended.title) == (202, RunState.DONE, "Incident incident-7")
    assert response.headers["location"] == f"{ALL}/{ended.id}"


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (_archive("../evil"), "application/gzip", "may not be"),
        (b"nothing", "application/zip", "neither"),
        (b"", "application/gzip", "neither"),
        (_archive("a"), "text/plain", "is no archive's"),
        (_archive("a"), "multipart/form-data", "is no archive's"),
    ],
    ids=["outside", "no archive", "empty", "another type", "a form"],
)
def test_an_upload_that_may_not_be_is_a_problem_and_leaves_nothing(
    http: TestClient, office: Office, content: bytes, kind: str, told: str
) -> None:
    response = http.post(UPLOAD_PATH, content=content, headers={"Content-Type": kind})

    assert response.status_code == 422
    assert told in response.json()["detail"]
    assert not office.places.uploads.exists() or list(office.places.uploads.iterdir()) == []


def test_an_upload_that_is_too_large_is_refused_before_it_is_there(http: TestClient, office: Office) -> None:
    most = office.places.most_sent
    object.__setattr__(office.places, "most_sent", 1000)

    response = http.post(UPLOAD_PATH, content=b"\x1f\x8b" * 5000, headers={"Content-Type": "application/gzip"})

    object.__setattr__(office.places, "most_sent", most)
    assert "larger than 1,000 bytes" in response.json()["detail"]
    assert list(office.places.uploads.iterdir()) == []


def test_the_description_publishes_the_form_of_a_result(http: TestClient) -> None:
    schemas = http.get("/openapi.json").json()["components"]["schemas"]

    assert schemas["InvestigationResult"]["properties"]["version"]["const"] == 1
    assert "FindingView" in schemas


def _events(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return id, name and data of each event."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "data" in fields:
            found.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
    return found


def test_the_events_are_every_step_in_order_and_the_end(http: TestClient, office: Office) -> None:
    done = office.ended(_start(http).id)

    events = _events(http.get(f"{ALL}/{done.id}/events").text)

    assert [(number, name) for number, name, _ in events] == [
        ("1", "step"),
        ("2", "step"),
        ("3", "step"),
        ("end", "end"),
    ]
    assert events[0][2]["step"]["text"] == "looks at metrics"
    assert events[-1][2]["investigation"]["state"] == "done"


def test_a_reader_goes_on_where_it_left_off_and_stops_asking_after_the_end(http: TestClient, office: Office) -> None:
    done = office.ended(_start(http).id)
    path = f"{ALL}/{done.id}/events"

    rest = _events(http.get(path, headers={"Last-Event-ID": "2"}).text)

    assert [number for number, _, _ in rest] == ["3", "end"]
    assert http.get(path, headers={"Last-Event-ID": "end"}).status_code == 204
    for wrong in ("-1", "x", "1.5", "9" * 20):
        assert http.get(path, headers={"Last-Event-ID": wrong}).status_code == 422


@contextmanager
def _following(url: str, investigation_id: str, last: str = "") -> Iterator[Iterator[str]]:
    headers = {"Last-Event-ID": last} if last else {}
    with (
        httpx.Client(base_url=url, trust_env=False, timeout=10) as client,
        client.stream("GET", f"{ALL}/{investigation_id}/events", headers=headers) as response,
    ):
        yield response.iter_lines()


def _next_id(lines: Iterator[str]) -> str:
    return next(line for line in lines if line.startswith("id: ")).removeprefix("id: ")


def test_many_readers_follow_live_and_none_holds_up_the_others(office: Office, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    asked = office.ask("one")
    wait_until(investigator.said.is_set)

    with (
        served(_app(office, threads=2)) as url,
        _following(url, asked.id) as first,
        _following(url, asked.id) as second,
        _following(url, asked.id, last="1") as third,
    ):
        begun = [[_next_id(first), _next_id(first)], [_next_id(second), _next_id(second)], [_next_id(third)]]
        quiet = next(line for line in first if line.startswith(":"))
        listed = httpx.get(f"{url}{ALL}", trust_env=False).status_code
        investigator.gate.set()
        rest = [[_next_id(one), _next_id(one)] for one in (first, second, third)]

    assert begun == [["1", "2"], ["1", "2"], ["2"]]
    assert quiet == ": still at it"
    assert listed == 200
    assert rest == [["3", "end"]] * 3


def test_a_stream_ends_when_its_investigation_is_called_off_or_deleted(
    office: Office, investigator: FakeInvestigator
) -> None:
    investigator.gate.clear()
    cancelled, deleted = office.ask("one"), office.ask("one")
    wait_until(lambda: investigator.at_work == 2)

    with served(_app(office)) as url, _following(url, cancelled.id) as first, _following(url, deleted.id) as second:
        assert _next_id(first) == _next_id(second) == "1"
        office.desk.cancel(cancelled.id)
        office.desk.delete(deleted.id)
        ends = ["".join(first), "".join(second)]

    assert '"state":"cancelled"' in ends[0]
    assert "event: error" in ends[1]
    assert "no investigation has the id" in ends[1]


def test_steps_that_another_process_adds_are_seen_too(tmp_path: Path, investigator: FakeInvestigator) -> None:
    investigator.gate.clear()
    with (
        closing(open_office(tmp_path, FakeInvestigator(), work=False)) as door,
        served(_app(door)) as url,
    ):
        asked = door.ask("one")
        with _following(url, asked.id) as lines, closing(open_office(tmp_path, investigator)):
            begun = [_next_id(lines), _next_id(lines)]
            investigator.gate.set()
            rest = [_next_id(lines), _next_id(lines)]

    assert begun + rest == ["1", "2", "3", "end"]


def test_rows_are_given_as_csv_and_the_bundle_as_an_archive(http: TestClient, office: Office) -> None:
    name = office.ended(office.ask().id).id

    rows = http.get(f"{ALL}/{name}/observations/{CPU.id}.csv")
    archive = http.get(f"{ALL}/{name}/bundle")

    assert rows.headers["content-type"] == "text/csv; charset=utf-8"
    assert rows.text.splitlines()[0] == "time,value,note"
    assert archive.headers["content-type"] == "application/gzip"
    assert archive.content.startswith(b"\x1f\x8b")
    assert int(archive.headers["content-length"]) == len(archive.content)
    assert list(office.places.uploads.iterdir()) == []


@pytest.mark.parametrize("rest", ["/bundle", "/observations/o1.csv"])
def test_files_of_what_is_not_there_are_not_found(http: TestClient, rest: str) -> None:
    answer = http.get(f"{ALL}/nothing{rest}")

    assert answer.status_code == 404
    assert "documents" not in answer.json()["next_step"]


def test_the_schema_of_results_is_published(http: TestClient) -> None:
    answer = http.get("/v1/schemas/investigation")

    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json()["title"] == "InvestigationResult"


def test_the_report_has_guidance_only_where_it_is_asked_for(http: TestClient, office: Office) -> None:
    name = office.ended(office.ask().id).id

    assert http.get(f"{ALL}/{name}/report.md").status_code == 200
    assert http.get(f"{ALL}/{name}/report.md?guidance=true").status_code == 503


def test_an_act_is_recorded_and_listed_with_the_verdict_after_it(http: TestClient, office: Office) -> None:
    started = _start(http)
    office.ended(started.id)
    body = {"kind": "reject_cause", "component": "cart", "text": "I looked", "who": "Ana"}

    acted = http.post(f"{ALL}/{started.id}/acts", json=body, headers={"Idempotency-Key": "a"})
    again = http.post(f"{ALL}/{started.id}/acts", json=body, headers={"Idempotency-Key": "a"})
    listed = http.get(f"{ALL}/{started.id}/acts").json()
    later = http.get(f"{ALL}/{started.id}/acts", params={"after": 1}).json()

    assert (acted.status_code, acted.json()["number"], again.json()["number"]) == (201, 1, 1)
    assert [one["act"]["who"] for one in listed["acts"]] == ["Ana"]
    assert (listed["last"], listed["verdict"]["component"]) == (1, "front")
    assert (later["acts"], later["last"]) == ([], 1)


def test_an_act_that_does_not_fit_is_refused_with_the_field(http: TestClient, office: Office) -> None:
    started = _start(http)
    office.ended(started.id)

    refused = http.post(f"{ALL}/{started.id}/acts", json={"kind": "reject_finding", "finding": "metrics-1"})
    unknown = http.post(f"{ALL}/{started.id}/acts", json={"kind": "confirm_finding", "finding": "x"})

    assert (refused.status_code, unknown.status_code) == (422, 422)
    assert "text is missing" in refused.text
    assert "finding 'x' is not one of this investigation" in unknown.json()["detail"]
