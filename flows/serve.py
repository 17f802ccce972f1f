"""Ingest all known sources again and again: `python -m flows.serve`, the worker of a team's set."""

from pathlib import Path

import click


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", help="Name of the source that PATHS are; without it, one source for each path.")
@click.option("--every", type=click.IntRange(min=1), help="Minutes between runs [GROUNDWATCH_REFRESH_MINUTES].")
def serve(paths: tuple[Path, ...], source: str | None, every: int | None) -> None:
    """Ingest PATHS, or all sources that were ever ingested, now and on an interval.

    Runs are recorded by the Prefect server at PREFECT_API_URL; without one, this process starts its own.
    """
    from flows.prefect_surroundings import prepare_prefect
    from flows.settings import FlowSettings
    from ingest.settings import KnowledgeSettings

    prepare_prefect(KnowledgeSettings().data_dir, quiet=False)
    minutes = every or FlowSettings().refresh_minutes
    from ingest.bootstrap import requests_of

    _serve([{"paths": one.paths, "name": one.name} for one in requests_of(paths, source)], minutes)


def _serve(requests: list[dict[str, object]], minutes: int) -> None:
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
        parameters={"requests": requests},
        concurrency_limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    # A coroutine only where a loop is running, and none is.
    prefect.serve(cast(RunnerDeployment, deployment), limit=1)


if __name__ == "__main__":
    serve()
