"""What is synced on a schedule: a job a source, and the deployment that a Prefect server is given for it."""

from datetime import timedelta
from pathlib import Path

import pytest

from flows.jobs import Job, deployment, jobs_of
from flows.timetable import Schedule
from ingest.bootstrap import SourceRequest
from ingest.sources.declarations import Declarations, load_declarations

HOUR = timedelta(hours=1)
TEXT = """
version: 1
sources:
  - {name: wiki, type: folder, path: ., schedule: {every: 15m}}
  - {name: notes, type: folder, path: ., schedule: {cron: "15 3 * * *"}}
  - {name: all, type: folder, path: .}
"""


@pytest.fixture
def declared(tmp_path: Path) -> Declarations:
    (tmp_path / "groundwatch.yaml").write_text(TEXT)
    return load_declarations(tmp_path / "groundwatch.yaml")


def test_each_source_has_its_own_schedule_or_the_usual_one(declared: Declarations) -> None:
    requests = [SourceRequest((), name) for name in ("wiki", "notes", "all")]

    jobs = jobs_of(requests, declared, HOUR, file="/srv/groundwatch.yaml")

    assert [(job.name, job.schedule) for job in jobs] == [
        ("wiki", Schedule(every=timedelta(minutes=15))),
        ("notes", Schedule(cron="15 3 * * *")),
        ("all", Schedule(every=HOUR)),
        ("all-2", None),
    ]
    assert jobs[0].parameters == {
        "file": "/srv/groundwatch.yaml",
        "requests": [{"paths": (), "name": "wiki", "kind": None, "url_prefix": None, "excludes": None}],
    }
    assert jobs[-1].parameters == {"file": "/srv/groundwatch.yaml"}


def test_paths_of_the_command_line_are_synced_and_nothing_else() -> None:
    requests = [SourceRequest(("/srv/a/docs",)), SourceRequest(("/srv/b/docs",))]

    jobs = jobs_of(requests, None, HOUR, everything=False)

    assert [job.name for job in jobs] == ["docs", "docs-2", "all"]
    assert jobs[-1].requests == tuple(requests)


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_a_deployment_carries_schedule_tags_and_one_run_at_a_time() -> None:
    by_clock = deployment(Job("wiki", Schedule(cron="15 3 * * *"), tags=("groundwatch", "source:wiki")))
    by_hand = deployment(Job("all", None))

    sent = by_clock.model_dump(mode="json")
    assert [one["schedule"]["cron"] for one in sent["schedules"]] == ["15 3 * * *"]
    assert sent["tags"] == ["groundwatch", "source:wiki"]
    assert sent["entrypoint"] == "flows.refresh_knowledge.refresh_knowledge"
    assert (sent["concurrency_limit"], sent["concurrency_options"]["collision_strategy"]) == (1, "CANCEL_NEW")
    assert sent["paused"] is False
    assert not by_hand.schedules
    assert by_hand.model_dump(mode="json")["concurrency_options"]["collision_strategy"] == "ENQUEUE"
