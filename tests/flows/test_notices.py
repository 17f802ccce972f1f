"""Who is told of a run: failures, refusals and crashes reach the webhook, a person's own stop does not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import GroundwatchError, PromotionRefused, StorageFailed, SyncCancelled
from ingest.knowledge.manifest import DocumentState, ManifestRow
from ingest.knowledge.run_log import ChangeKind, CheckResult, DocumentChange
from ingest.runs import IngestResult, SourceResult

Sent = list[dict[str, Any]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    """Serve a webhook that the settings name, and return what it is sent."""
    received: Sent = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("GROUNDWATCH_NOTIFY_WEBHOOK", f"http://127.0.0.1:{server.server_port}/hook")
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(
    ("error", "outcome", "check"),
    [
        (StorageFailed("the disk is full; free some space"), "failed", ""),
        (
            PromotionRefused(
                "check 'counts' failed",
                (CheckResult("counts", False, "2 documents, expected 3"), CheckResult("sample reads", True, "2")),
            ),
            "refused",
            "counts",
        ),
    ],
)
def test_a_run_that_fails_is_told_with_its_reason(
    error: GroundwatchError, outcome: str, check: str, sent: Sent
) -> None:
    with pytest.raises(type(error)):
        run_that_raises(error)

    assert [(one["outcome"], one["check"], one["reason"]) for one in sent] == [(outcome, check, str(error))]
    assert sent[0]["sources"] == ["wiki"]
    assert sent[0]["served"] == "What was served before still is."


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_a_secret_in_a_reason_is_not_sent_on(sent: Sent) -> None:
    with pytest.raises(StorageFailed):
        run_that_raises(StorageFailed("cannot reach https://robot:hunter2swordfish@wiki.example.org/x; check it"))

    assert "hunter2swordfish" not in json.dumps(sent)
    assert "wiki.example.org" in sent[0]["reason"]


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("stop", [SyncCancelled("the run was cancelled"), KeyboardInterrupt()])
def test_a_run_that_a_person_stopped_is_no_news(stop: BaseException, sent: Sent) -> None:
    with pytest.raises(type(stop)):
        run_that_raises(stop)

    assert sent == []


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_a_crash_is_told_as_one(sent: Sent) -> None:
    with pytest.raises(SystemExit):
        run_that_raises(SystemExit(3))

    assert [one["outcome"] for one in sent] == ["crashed"]


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_a_webhook_that_is_down_leaves_the_run_with_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_NOTIFY_WEBHOOK", "http://127.0.0.1:1/hook")

    with pytest.raises(StorageFailed, match="the disk is full"):
        run_that_raises(StorageFailed("the disk is full"))


def test_documents_that_fail_for_the_first_time_are_told_where_a_person_wants_it(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.notices import tell_of_failures

    tell_of_failures("refresh knowledge", None, result_with_failures(), "")
    assert sent == []
    monkeypatch.setenv("GROUNDWATCH_NOTIFY_NEW_FAILURES", "true")

    tell_of_failures("refresh knowledge", None, result_with_failures(), "")

    assert [one["outcome"] for one in sent] == ["new_failures"]
    assert sent[0]["failures"] == [{"source": "wiki", "path": "new.md", "reason": "is empty"}]
    assert sent[0]["counts"] == {"indexed": 3, "unchanged": 0, "removed": 0, "failed": 3}


@pytest.mark.parametrize("line", ["webhook: https://chat.example.org/a", "webhook_env: CHAT_HOOK"])
def test_the_webhook_may_stand_in_the_declarations(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.notices import webhook

    monkeypatch.setenv("CHAT_HOOK", "https://chat.example.org/a")
    file = tmp_path / "groundwatch.yaml"
    file.write_text(f"version: 1\nnotify:\n  {line}\n")

    assert webhook(str(file)) == "https://chat.example.org/a"


@pytest.mark.parametrize(
    "text", ["version: 1\n", "version: 1\nnotify: {webhook_env: NOT_SET}\n", "version: nonsense\n"]
)
def test_nobody_is_told_where_no_webhook_is_known(text: str, tmp_path: Path) -> None:
    from flows.notices import webhook

    file = tmp_path / "groundwatch.yaml"
    file.write_text(text)

    assert webhook(str(file)) is None


def run_that_raises(error: BaseException) -> None:
    """Run a flow with the hooks of the real one, that ends with an error."""
    from prefect import flow

    from flows.notices import tell_of_trouble

    @flow(name="refresh knowledge", on_failure=[tell_of_trouble], on_crashed=[tell_of_trouble])
    def failing(requests: list[dict[str, str]]) -> None:
        raise error

    failing(requests=[{"name": "wiki"}])


def result_with_failures() -> IngestResult:
    """Return a result with a document that failed now, one that failed again, and one that was not tried."""
    failed = tuple(
        ManifestRow("wiki", path, "", DocumentState.FAILED, "", reason="is empty", attempts=attempts)
        for path, attempts in (("new.md", 1), ("again.md", 2), ("untouched.md", 1))
    )
    changes = tuple(DocumentChange("wiki", path, ChangeKind.FAILED, "is empty") for path in ("new.md", "again.md"))
    source = SourceResult("wiki", indexed=3, unchanged=0, removed=0, failed=failed, passages=9)
    return IngestResult(2, (source,), embedded=9, reused=0, seconds=1.0, changes=changes)
