"""The command `groundwatch ingest`: documents in, and word of what became of each."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ingest.bootstrap import SourceRequest
    from ingest.building import Progress
    from ingest.pipeline import IngestResult

KINDS = ("runbook", "architecture", "postmortem", "reference", "auto")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", help="Make all PATHs one source of this name [each PATH is a source].")
@click.option("--kind", type=click.Choice(KINDS), help="What the documents are [auto: told from the documents].")
@click.option("--url-prefix", metavar="URL", help="What stands before a document's path in its link.")
@click.option(
    "--exclude", "excludes", metavar="PATTERN", multiple=True, help="Names or paths to leave out; repeatable."
)
@click.option("--rebuild", is_flag=True, help="Read everything again into an empty index.")
@click.option("--confirm-deletions", is_flag=True, help="Let this run remove most documents of a source.")
@click.option("--direct", is_flag=True, help="Run without Prefect: starts sooner; no retries, no record of the run.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@click.option("--quiet", is_flag=True, help="Show nothing but errors.")
def ingest(
    paths: tuple[Path, ...],
    source: str | None,
    kind: str | None,
    url_prefix: str | None,
    excludes: tuple[str, ...],
    rebuild: bool,
    confirm_deletions: bool,
    direct: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Read the documents below PATHs into the searchable knowledge.

    Only what changed is read and embedded. Without a PATH, all sources that were ever ingested are read
    again, with the kind, links and exclusions given then.
    """
    if not paths and (source or kind or url_prefix or excludes):
        raise click.UsageError(
            "--source, --kind, --url-prefix and --exclude say something about PATHs, and none is given; "
            "run: groundwatch ingest PATH…"
        )
    with _clean_exits():
        from flows.ingest_report import as_record, print_summary, reporting, shortfall
        from ingest.bootstrap import requests_of

        requests = requests_of(paths, source, kind=kind, url_prefix=url_prefix, excludes=excludes)
        with reporting(silent=quiet or as_json) as progress:
            run = _run_direct if direct else _run_flow
            result = run(requests, rebuild, confirm_deletions, progress)
        if as_json:
            click.echo(json.dumps(as_record(result), indent=2))
        elif not quiet:
            print_summary(result)
    reason = shortfall(result)
    if reason:
        click.echo(f"Error: {reason}", err=True)
        sys.exit(1)


def _run_direct(
    requests: Sequence["SourceRequest"], rebuild: bool, confirm_deletions: bool, progress: "Progress"
) -> "IngestResult":
    from ingest.bootstrap import open_workshop, undertake
    from ingest.pipeline import ingest as run_pipeline
    from ingest.settings import KnowledgeSettings

    settings = KnowledgeSettings()
    with closing(open_workshop(settings)) as workshop:
        work = undertake(workshop, requests, settings, rebuild=rebuild, confirm_deletions=confirm_deletions)
        _warn(work.warnings)
        return run_pipeline(workshop, work.sources, work.options, progress)


def _run_flow(
    requests: Sequence["SourceRequest"], rebuild: bool, confirm_deletions: bool, progress: "Progress"
) -> "IngestResult":
    from flows.prefect_surroundings import prepare_prefect
    from ingest.bootstrap import open_workshop, undertake
    from ingest.settings import KnowledgeSettings

    settings = KnowledgeSettings()
    # Prefect takes seconds to start: a wrong path is told before that.
    with closing(open_workshop(settings)) as workshop:
        _warn(undertake(workshop, requests, settings, rebuild=rebuild).warnings)
    progress("start", 0, 0)
    prepare_prefect(settings.data_dir, quiet=True)
    from flows.refresh_knowledge import listener, refresh_knowledge

    listener.set(progress)
    return refresh_knowledge(list(requests), rebuild=rebuild, confirm_deletions=confirm_deletions)


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)


@contextmanager
def _clean_exits() -> Iterator[None]:
    """Turn Ctrl-C, wrong settings and our own errors into one message; exit 2 for usage and 1 for failure."""
    from pydantic import ValidationError

    from ingest.errors import GroundwatchError, UsageError

    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. What was served before still is. Run the same command again: nothing that is embedded "
            "by now is embedded again.",
            err=True,
        )
        sys.exit(130)
    except ValidationError as error:
        problems = "; ".join(f"GROUNDWATCH_{one['loc'][0]}".upper() + f": {one['msg']}" for one in error.errors())
        click.echo(f"Error: a setting is wrong: {problems}; correct it in the environment or .env", err=True)
        sys.exit(2)
    except GroundwatchError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
