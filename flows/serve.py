"""Ingest all known sources again and again: `python -m flows.serve`, the worker of a team's set."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ingest.bootstrap import SourceRequest


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", help="Make all PATHs one source of this name [each PATH is a source].")
@click.option("--every", type=click.IntRange(min=1), help="Minutes between two runs [GROUNDWATCH_REFRESH_MINUTES].")
def serve(paths: tuple[Path, ...], source: str | None, every: int | None) -> None:
    """Ingest PATHS, or all sources that were ever ingested, now and on an interval.

    With PREFECT_API_URL, the schedule is a deployment on that server, which shows the runs and can start
    one. Without, this process keeps the time itself.
    """
    from flows.prefect_surroundings import prepare_prefect
    from flows.settings import FlowSettings
    from ingest.bootstrap import requests_of
    from ingest.settings import KnowledgeSettings

    minutes = every or FlowSettings().refresh_minutes
    requests = requests_of(paths, source)
    prepare_prefect(KnowledgeSettings().data_dir, quiet=False)
    try:
        _run_once(requests)
        if os.environ.get("PREFECT_API_URL"):
            _deploy(requests, minutes)
        while True:
            # The server that Prefect starts for a single process has no scheduler.
            time.sleep(minutes * 60)
            _run_once(requests)
    except KeyboardInterrupt:
        click.echo("Stopped; what is served stays.", err=True)


def _run_once(requests: "list[SourceRequest]") -> None:
    from flows.refresh_knowledge import refresh_knowledge
    from ingest.errors import GroundwatchError

    try:
        refresh_knowledge(requests)
    except GroundwatchError as error:
        click.echo(f"This run failed, the next one may not: {error}", err=True)


def _deploy(requests: "list[SourceRequest]", minutes: int) -> None:
    """Serve the flow as a deployment until this process is stopped."""
    from dataclasses import asdict
    from datetime import timedelta
    from typing import cast

    import prefect
    from prefect.deployments.runner import RunnerDeployment
    from prefect.types.entrypoint import EntrypointType

    from flows.refresh_knowledge import refresh_knowledge

    # Named by module, so that a run finds the flow in the installed package whatever the working directory is.
    deployment = refresh_knowledge.to_deployment(
        name="scheduled",
        interval=timedelta(minutes=minutes),
        parameters={"requests": [asdict(one) for one in requests]},
        concurrency_limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    # A coroutine only where a loop is running, and none is.
    prefect.serve(cast(RunnerDeployment, deployment), limit=1)


if __name__ == "__main__":
    serve()
