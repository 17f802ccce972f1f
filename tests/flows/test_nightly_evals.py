"""The nightly evaluations keep their history, leave artifacts, and tell of what got worse."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from api.evaluations import EvaluationHistory
from api.schemas.evaluations import EvaluationSummary
from flows.jobs import evaluation_deployment
from flows.timetable import Schedule
from tests.evals.quality.material import SmallDoor, opener, plan, score, suite

QUESTIONS = "".join(
    json.dumps({"id": str(n), "question": "cart service down", "documents": ["runbooks/cart.md"]}) + "\n"
    for n in range(12)
)


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    received: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("GROUNDWATCH_NOTIFY_WEBHOOK", f"http://127.0.0.1:{server.server_port}/hook")
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


def summary(day: int, value: float) -> EvaluationSummary:
    return EvaluationSummary(
        id=f"2026010{day}T000000Z-abcd",
        started_at=datetime(2026, 1, day, 3, tzinfo=UTC),
        seconds=1.0,
        trigger="schedule",
        revision="",
        embedding_model="words@1",
        passages=3,
        scores={"mine": [score(value=value, bar=0.9, group="" if day < 3 else "alerts")]},
    )


def test_the_trend_has_a_row_for_each_score_of_the_newest_run() -> None:
    from flows.nightly_evals import trend_rows

    (row,) = trend_rows([summary(2, 0.8), summary(1, 0.95)])

    assert (row["suite"], row["score"], row["bar"]) == ("mine", "places resolve", "90.0%")
    assert (row["01-02 03:00"], row["01-01 03:00"]) == ("80.0%", "95.0%")
    assert trend_rows([]) == []


def test_a_score_that_an_earlier_run_did_not_have_leaves_a_gap() -> None:
    from flows.nightly_evals import trend_rows

    (row,) = trend_rows([summary(3, 0.8), summary(1, 0.95)])

    assert row["01-01 03:00"] == "–"


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_a_night_is_kept_shown_and_told_where_it_got_worse(tmp_path: Path, posted: list[dict[str, Any]]) -> None:
    from prefect import flow

    from flows.nightly_evals import measure

    history = EvaluationHistory(tmp_path / "history")
    bars = [{"score": "places resolve", "at_least": 1, "reason": "promised"}]
    ours = plan(tmp_path, suite(tmp_path, "ours", QUESTIONS, bars=bars))

    @flow(name="two nights")
    def nights() -> None:
        measure(ours, history, keep=2, open_knowledge=opener())
        measure(ours, history, keep=2, open_knowledge=opener())
        assert posted == []
        measure(ours, history, keep=2, open_knowledge=opener(SmallDoor(misquotes=True)))

    nights()

    assert len(history.ids()) == 2
    assert posted[0]["outcome"] == "regressed"
    assert "ours: places resolve 1.000 -> 0.000" in posted[0]["text"]
    assert "Worse than before, beyond noise" in str(_artifact("evals-report"))
    assert "places resolve" in str(_artifact("evals-trend"))


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_the_deployment_has_the_schedule_of_the_setting() -> None:
    made = evaluation_deployment(Schedule(cron="0 2 * * *"))

    assert made.name == "evaluations"
    assert [getattr(one.schedule, "cron", None) for one in made.schedules or []] == ["0 2 * * *"]
    assert made.concurrency_limit == 1


def test_a_wrong_schedule_is_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.serve import _evaluations
    from ingest.errors import UsageError

    monkeypatch.setenv("GROUNDWATCH_EVALS_SCHEDULE", "every night")

    with pytest.raises(UsageError, match="'every night' is no cron line"):
        _evaluations()


def test_without_a_schedule_nothing_is_measured() -> None:
    from flows.serve import _evaluations

    assert _evaluations() is None


def _artifact(key: str) -> object:
    """Return the data of the latest artifact of a key."""
    import httpx
    from prefect.settings import PREFECT_API_URL

    # Not Artifact.get: it sends nulls for what it does not filter by, which the server of 3.8.8 refuses.
    return httpx.get(f"{PREFECT_API_URL.value()}/artifacts/{key}/latest").raise_for_status().json()["data"]
