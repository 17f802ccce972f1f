"""The flow: the pipeline's steps as tasks that are tried again where that helps, cached, and recorded."""

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from flows.command import ingest as command
from ingest.errors import SourceUnreadable, UsageError
from ingest.pipeline import IngestResult, Options, Workshop
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
    assert json.loads(str(artifact("ingest-failures"))) == [
        {"source": "wiki", "path": "bad.md", "reason": "is empty"},
    ]


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


def test_a_batch_that_was_embedded_is_not_even_looked_up_and_lost_vectors_are_made_again(workshop: Workshop) -> None:
    run(workshop, FakeSource(PAGES))
    assert isinstance(workshop.embedder, FakeEmbedder)
    workshop.embedder.embedded.clear()
    workshop.cache._connection.execute("DELETE FROM vectors")  # as a person does who removes the file
    workshop.cache._connection.commit()

    result = run(workshop, FakeSource(PAGES), Options(rebuild=True))

    assert (result.generation, result.embedded) == (2, 2)
    assert len(workshop.embedder.embedded) == 2


@pytest.mark.model
def test_the_command_runs_the_flow_and_tells_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / "disk.md").write_text("# Disk full\n\nDelete logs.\n")

    outcome = CliRunner().invoke(command, [str(tmp_path / "wiki"), "--json"])

    assert outcome.exit_code == 0, outcome.output
    assert json.loads(outcome.stdout)["sources"][0]["indexed"] == 1


def run(workshop: Workshop, source: FakeSource, options: Options | None = None) -> IngestResult:
    """Run the tasks in a flow of their own."""
    from prefect import flow

    from flows.refresh_knowledge import refresh

    @flow
    def within_a_flow() -> IngestResult:
        return refresh(workshop, [source], options or Options())

    return within_a_flow()


def artifact(key: str) -> object:
    """Return the data of the latest artifact of a key."""
    from prefect.settings import PREFECT_API_URL

    # Not Artifact.get: it sends nulls for what it does not filter by, which the server of 3.8.8 refuses.
    answer = httpx.get(f"{PREFECT_API_URL.value()}/artifacts/{key}/latest").raise_for_status()
    return answer.json()["data"]


class StubbornSource(FakeSource):
    """A source that was asked for wrongly."""

    asked = 0

    def snapshot(self) -> Snapshot:
        """Refuse."""
        self.asked += 1
        raise UsageError("wrong branch 'x'; use main")
