"""What a run leaves in the log: how far it is, what it changed, how it ended; and how it is stopped."""

from collections.abc import Callable

import pytest

from ingest.building import Workshop
from ingest.errors import KnowledgeLocked, SourceUnreadable, SyncCancelled
from ingest.knowledge.run_log import ChangeKind, RunOutcome
from ingest.pipeline import ingest
from ingest.runs import Options
from tests.fakes import FakeSource

PAGES = {"cpu.md": "# CPU\n\nThrottle it.\n", "disk.md": "# Disk\n\nRemove old logs.\n"}
RULES = """groups:
- name: disk
  rules:
  - alert: DiskFull
    expr: node_filesystem_avail_bytes < 1e9
  - alert: DiskSlow
    expr: rate(node_disk_io_time_seconds_total[5m]) > 0.9
"""


def test_a_run_is_logged_with_its_diff(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(workshop, [FakeSource({"cpu.md": "# CPU\n\nBurn it.\n", "net.md": "# Net\n\nPull.\n"})])

    (run, first) = workshop.manifest.runs.latest()
    assert (run.outcome, run.generation, run.sources) == (RunOutcome.SUCCEEDED, 2, ("wiki",))
    assert [one.stage for one in run.stages] == ["discover", "read", "embed", "build"]
    changes = workshop.manifest.runs.changes(run.id)
    assert {one.path: one.change for one in changes} == {
        "cpu.md": ChangeKind.CHANGED,
        "net.md": ChangeKind.ADDED,
        "disk.md": ChangeKind.REMOVED,
    }
    assert sorted(changes, key=lambda one: one.path) == sorted(result.changes, key=lambda one: one.path)
    assert first.generation == 1


def test_a_failure_is_logged_with_its_reason(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES, unreadable={"x.md": "no permission"})])

    changes = workshop.manifest.runs.changes(workshop.manifest.runs.latest()[0].id)

    assert [(one.path, one.detail) for one in changes if one.change is ChangeKind.FAILED] == [("x.md", "no permission")]


def test_a_run_that_cannot_list_anything_is_logged_as_failed(workshop: Workshop) -> None:
    with pytest.raises(SourceUnreadable):
        ingest(workshop, [FakeSource(PAGES, refusals=1)])

    run = workshop.manifest.runs.latest()[0]
    assert (run.outcome, run.reason) == (RunOutcome.FAILED, "source 'wiki' does not answer; try again")


@pytest.mark.parametrize("stage", ["read", "embed", "build", "check"])
def test_a_run_is_cancelled_at_any_stage_and_the_old_generation_serves_on(workshop: Workshop, stage: str) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    with pytest.raises(SyncCancelled, match="what was served before still is"):
        ingest(workshop, [FakeSource(PAGES | {"net.md": "# Net\n\nPull.\n"})], progress=cancelling(workshop, stage))

    assert (workshop.store.current(), workshop.store.generations()) == (1, [1])
    assert workshop.manifest.runs.latest()[0].outcome is RunOutcome.CANCELLED
    assert workshop.manifest.runs.in_hand() == {}
    assert ingest(workshop, [FakeSource(PAGES | {"net.md": "# Net\n\nPull.\n"})]).generation == 2


def test_nothing_can_be_cancelled_where_no_run_is_at_work(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    assert workshop.manifest.runs.cancel() is False


def test_documents_in_hand_tell_how_far_they_are(workshop: Workshop) -> None:
    seen: dict[str, set[str]] = {}

    def look(stage: str, done: int, total: int) -> None:
        seen[stage] = set(workshop.manifest.runs.in_hand().values())

    ingest(workshop, [FakeSource(PAGES, unreadable={"x.md": "no permission"})], progress=look)

    assert seen["read"] == {"parsed", "failed"}
    assert workshop.manifest.runs.in_hand() == {}


def test_two_runs_at_once_are_kept_apart(workshop: Workshop) -> None:
    def second(stage: str, done: int, total: int) -> None:
        with pytest.raises(KnowledgeLocked):
            ingest(workshop, [FakeSource({}, name="other")])

    ingest(workshop, [FakeSource(PAGES)], progress=second)

    assert len(workshop.manifest.runs.latest()) == 1


def test_a_run_that_still_counts_as_running_when_the_next_begins_was_killed(workshop: Workshop) -> None:
    workshop.manifest.runs.begin(["wiki"])

    ingest(workshop, [FakeSource(PAGES)])

    assert workshop.manifest.runs.latest()[1].outcome is RunOutcome.KILLED


def test_an_alert_taken_out_of_its_rule_file_goes_and_the_others_stay(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource({"rules.yaml": RULES})])
    shorter = RULES[: RULES.index("  - alert: DiskSlow")]

    result = ingest(workshop, [FakeSource({"rules.yaml": shorter})])

    assert [row.path for row in workshop.manifest.rows()] == ["rules.yaml#DiskFull"]
    assert [(one.path, one.change) for one in result.changes if one.change is ChangeKind.REMOVED] == [
        ("rules.yaml#DiskSlow", ChangeKind.REMOVED)
    ]


def test_the_alerts_of_a_rule_file_that_cannot_be_read_any_more_stay(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource({"rules.yaml": RULES})])

    broken = ingest(workshop, [FakeSource({}, unreadable={"rules.yaml": "no permission"})])
    ingest(workshop, [FakeSource({"rules.yaml": RULES})])

    assert [row.reason for row in broken.sources[0].failed] == ["no permission"]
    assert broken.generation == 1
    assert [row.path for row in workshop.manifest.rows()] == ["rules.yaml#DiskFull", "rules.yaml#DiskSlow"]


def test_only_what_failed_is_tried_again_on_request(workshop: Workshop) -> None:
    damaged = PAGES | {"x.pdf": b"%PDF-1.7\n1 0 obj\n<<"}
    ingest(workshop, [FakeSource(damaged)])
    idle, asked = FakeSource(damaged), FakeSource(damaged)

    ingest(workshop, [idle])
    ingest(workshop, [asked], Options(retry_failed=True))

    assert (idle.fetched, asked.fetched) == ([], ["x.pdf"])
    assert next(row for row in workshop.manifest.rows() if row.path == "x.pdf").attempts == 2


def cancelling(workshop: Workshop, when: str) -> Callable[[str, int, int], None]:
    """Return a listener that asks the run to stop when a stage begins to report."""

    def listen(stage: str, done: int, total: int) -> None:
        if stage == when:
            workshop.manifest.runs.cancel()

    return listen
