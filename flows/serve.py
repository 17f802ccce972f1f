"""Sync sources, and measure answers, each on its schedule: `python -m flows.serve`, the worker of a team's set."""

import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.exits import clean_exits

if TYPE_CHECKING:
    from flows.jobs import Job
    from flows.timetable import Schedule
    from ingest.bootstrap import SourceRequest

_LOG = logging.getLogger(__name__)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", help="Make all PATHs one source of this name [each PATH is a source].")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The declarations of sources [GROUNDWATCH_SOURCES_FILE, or groundwatch.yaml].",
)
@click.option(
    "--every",
    type=click.IntRange(min=1),
    help="Minutes between two runs of a source without a schedule [GROUNDWATCH_REFRESH_MINUTES].",
)
def serve(paths: tuple[Path, ...], source: str | None, file: Path | None, every: int | None) -> None:
    """Sync PATHS, or the declared sources, or all that were ever ingested: now, and on their schedules.

    With PREFECT_API_URL, each source has a deployment on that server, which keeps the schedules, shows the
    runs and can start one. Without, this process keeps the time itself. Where GROUNDWATCH_EVALS_SCHEDULE is set,
    the evaluations run on that schedule too.
    """
    with clean_exits():
        from flows.prefect_surroundings import prepare_prefect
        from ingest.settings import KnowledgeSettings

        prepare_prefect(KnowledgeSettings().data_dir, quiet=False)
        jobs = _jobs(paths, source, file, every)
        measured = _evaluations()
        try:
            _run(jobs[-1].requests, jobs[-1].file)
            if os.environ.get("PREFECT_API_URL"):
                _deploy(jobs, measured)
            else:
                _keep_time(jobs, measured)
        except KeyboardInterrupt:
            click.echo("Stopped; what is served stays.", err=True)


def _jobs(paths: Sequence[Path], source: str | None, file: Path | None, every: int | None) -> "tuple[Job, ...]":
    from flows.jobs import jobs_of
    from flows.settings import FlowSettings, settings_with
    from ingest.bootstrap import declarations_of, named_requests, open_workshop, requests_of
    from ingest.errors import UsageError

    if paths and file:
        raise UsageError("--file declares sources, and PATHs are others; give one of both")
    usual = timedelta(minutes=every or FlowSettings().refresh_minutes)
    if paths:
        return jobs_of(requests_of(paths, source), None, usual, everything=False)
    settings = settings_with(file)
    declared = declarations_of(settings)
    with closing(open_workshop(settings)) as workshop:
        requests = named_requests(workshop, settings, ())
    location = str(settings.sources_file.absolute()) if declared else None
    return jobs_of(requests, declared, usual, file=location)


def _evaluations() -> "Schedule | None":
    """Return when the evaluations run; None where no schedule is set. A wrong one is told before the first sync."""
    from evals.settings import load_eval_settings
    from flows.timetable import Schedule

    cron = load_eval_settings().evals_schedule
    if not cron:
        return None
    schedule = Schedule(cron=cron)
    schedule.next_after(datetime.now(UTC))
    return schedule


def _run(requests: "Sequence[SourceRequest]", file: str | None) -> None:
    from flows.refresh_knowledge import refresh_knowledge

    _whatever_happens(lambda: refresh_knowledge(requests=list(requests), file=file))


def _measure() -> None:
    from flows.nightly_evals import nightly_evals

    _whatever_happens(nightly_evals)


def _whatever_happens(start: Callable[[], object]) -> None:
    from ingest.errors import GroundwatchError

    try:
        start()
    except GroundwatchError as error:
        click.echo(f"This run failed, the next one may not: {error}", err=True)
    except Exception:  # the outermost loop: whatever went wrong this time, the next run is due
        _LOG.exception("this run ended in an error nobody foresaw, the next one may not")


def _deploy(jobs: "Sequence[Job]", measured: "Schedule | None") -> None:
    """Serve a deployment of each job until this process is stopped."""
    import prefect

    from flows.jobs import deployment, evaluation_deployment

    now = datetime.now(UTC)
    _note(jobs, {job.name: job.schedule.next_after(now) for job in jobs if job.schedule})
    deployments = [deployment(job) for job in jobs] + [evaluation_deployment(measured)] * (measured is not None)
    # One at a time: each run is a process with a model of its own, and all write the same index.
    prefect.serve(*deployments, limit=1)


def _keep_time(jobs: "Sequence[Job]", measured: "Schedule | None") -> None:
    """Run each job when it is due; the server that Prefect starts for a single process has no scheduler."""
    from flows.timetable import Timetable

    table = Timetable({job.name: job.schedule for job in jobs if job.schedule}, datetime.now(UTC))
    evaluations = Timetable({"evaluations": measured} if measured else {}, datetime.now(UTC))
    _note(jobs, table.next_runs)
    while True:
        due = table.due(datetime.now(UTC))
        if due:
            # One run for all that are due, which makes one generation and not one each.
            chosen = [request for job in jobs if job.name in due for request in job.requests]
            _run(chosen, jobs[-1].file)
        for name in due:
            table.ran(name, datetime.now(UTC))
        if due:
            _note(jobs, table.next_runs)
        for name in evaluations.due(datetime.now(UTC)):
            _measure()
            evaluations.ran(name, datetime.now(UTC))
        now = datetime.now(UTC)
        time.sleep(min(table.pause(now), evaluations.pause(now)))


def _note(jobs: "Sequence[Job]", next_runs: Mapping[str, datetime]) -> None:
    """Keep the schedules in the manifest, for those who show when a source is read next."""
    from ingest.errors import StorageFailed
    from ingest.knowledge.manifest import Manifest
    from ingest.settings import KnowledgeSettings

    noted = {
        job.name: {"schedule": str(job.schedule), "next_run": next_runs[job.name].isoformat(timespec="seconds")}
        for job in jobs
        if job.schedule and job.name in next_runs
    }
    try:
        with closing(Manifest(KnowledgeSettings().manifest_file)) as manifest:
            manifest.archive.note("schedules", json.dumps(noted))
    except StorageFailed as error:
        _LOG.warning("the schedules are not shown: %s", error)


if __name__ == "__main__":
    serve()
