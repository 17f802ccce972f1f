"""The flow: the pipeline's steps as tasks that are tried again where that helps, limited, and recorded."""

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from flows.command import ingest as command
from flows.settings import FlowSettings
from ingest.building import Workshop
from ingest.errors import KnowledgeLocked, SourceUnreadable, UsageError
from ingest.runs import IngestResult, Options
from ingest.sources.source import Snapshot
from tests.fakes import FakeEmbedder, FakeSource

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

PAGES: dict[str, str | bytes] = {
    "disk.md": "# Disk full\n\nDelete logs.\n",
    "cpu.md": "# CPU high\n\nFind it with `top`.\n",
    "bad.md": b"",
}


def test_a_flow_indexes_what_the_pipeline_would_and_leaves_artifacts(workshop: Workshop) -> None:
    result = run(workshop, FakeSource(PAGES))

    first = result.sources[0]
    assert (result.generation, first.indexed, [row.path for row in first.failed]) == (1, 2, ["bad.md"])
    assert artifact("ingest-progress") == 100.0
    assert json.loads(str(artifact("ingest-sources")))[0]["indexed"] == 2
    assert rows("ingest-failures") == [{"source": "wiki", "path": "bad.md", "reason": "is empty", "attempts": 1}]
    assert rows("ingest-changes") == [
        {"change": "added", "source": "wiki", "path": "cpu.md"},
        {"change": "added", "source": "wiki", "path": "disk.md"},
    ]
    assert [row["stage"] for row in rows("ingest-timings")] == ["discover", "read", "embed", "build"]
    assert {row["check"]: row["passed"] for row in rows("ingest-checks")}["counts"] is True


def test_a_run_creates_the_limits_it_holds_to(workshop: Workshop) -> None:
    from prefect.client.orchestration import get_client

    run(workshop, FakeSource(PAGES, location="https://wiki.example.org/space"))

    with get_client(sync_client=True) as client:
        limits = {one.name: one.limit for one in client.read_global_concurrency_limits(limit=100, offset=0)}
    assert limits["groundwatch-sync"] == 1
    assert limits["groundwatch-embed"] == 2
    assert limits["groundwatch-fetch-wiki.example.org"] == 2


def test_a_run_that_does_not_get_its_turn_says_so(workshop: Workshop) -> None:
    from flows.limits import SYNC, ensure_limits, holding

    ensure_limits({SYNC: 1})

    with holding(SYNC, wait=5), pytest.raises(KnowledgeLocked, match="another run is at work"):
        run(workshop, FakeSource(PAGES), settings=FlowSettings(sync_wait_seconds=1))


def test_a_source_that_answers_the_second_time_is_asked_again(workshop: Workshop) -> None:
    result = run(workshop, FakeSource(PAGES, refusals=1))

    assert result.sources[0].problems == ()
    assert result.generation == 1


def test_a_wrong_value_is_not_tried_again(workshop: Workshop) -> None:
    source = StubbornSource({})

    with pytest.raises(UsageError, match="wrong branch"):
        run(workshop, source)

    assert source.asked == 1


def test_a_source_that_never_answers_ends_the_run_with_its_own_error(workshop: Workshop) -> None:
    with pytest.raises(SourceUnreadable, match="does not answer"):
        run(workshop, FakeSource(PAGES, refusals=9))


def test_only_what_has_no_vector_gets_to_a_task(workshop: Workshop) -> None:
    run(workshop, FakeSource(PAGES))
    assert isinstance(workshop.embedder, FakeEmbedder)
    workshop.embedder.embedded.clear()

    again = run(workshop, FakeSource(PAGES | {"new.md": "# New\n\nText.\n"}), Options(rebuild=True))

    assert (again.generation, again.embedded, again.reused) == (2, 1, 2)
    assert len(workshop.embedder.embedded) == 1


@pytest.mark.model
def test_the_command_runs_the_flow_and_tells_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / "disk.md").write_text("# Disk full\n\nDelete logs.\n")

    outcome = CliRunner().invoke(command, [str(tmp_path / "wiki"), "--json"])

    assert outcome.exit_code == 0, outcome.output
    assert json.loads(outcome.stdout)["sources"][0]["indexed"] == 1


def run(
    workshop: Workshop, source: FakeSource, options: Options | None = None, settings: FlowSettings | None = None
) -> IngestResult:
    """Run the tasks in a flow of their own."""
    from prefect import flow

    from flows.refresh_knowledge import refresh

    @flow
    def within_a_flow() -> IngestResult:
        return refresh(workshop, [source], options or Options(), settings)

    return within_a_flow()


def artifact(key: str) -> object:
    """Return the data of the latest artifact of a key."""
    from prefect.settings import PREFECT_API_URL

    # Not Artifact.get: it sends nulls for what it does not filter by, which the server of 3.8.8 refuses.
    answer = httpx.get(f"{PREFECT_API_URL.value()}/artifacts/{key}/latest").raise_for_status()
    return answer.json()["data"]


def rows(key: str) -> list[dict[str, object]]:
    """Return the rows of the latest table artifact of a key."""
    found: list[dict[str, object]] = json.loads(str(artifact(key)))
    return found


class StubbornSource(FakeSource):
    """A source that was asked for wrongly."""

    asked = 0

    def snapshot(self) -> Snapshot:
        """Refuse."""
        self.asked += 1
        raise UsageError("wrong branch 'x'; use main")
