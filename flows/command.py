"""The command `groundwatch ingest`: documents in, and word of what became of each."""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.exits import clean_exits

if TYPE_CHECKING:
    from ingest.bootstrap import SourceRequest, Wishes
    from ingest.building import Progress
    from ingest.runs import IngestResult

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
    with clean_exits():
        from flows.ingest_report import as_record, print_summary, reporting, shortfall
        from ingest.bootstrap import Wishes, requests_of

        requests = requests_of(paths, source, kind=kind, url_prefix=url_prefix, excludes=excludes)
        with reporting(silent=quiet or as_json) as progress:
            run = _run_direct if direct else _run_flow
            result = run(requests, Wishes(rebuild=rebuild, confirm_deletions=confirm_deletions), progress)
        if as_json:
            click.echo(json.dumps(as_record(result), indent=2))
        elif not quiet:
            print_summary(result)
    reason = shortfall(result)
    if reason:
        click.echo(f"Error: {reason}", err=True)
        sys.exit(1)


def _run_direct(requests: Sequence["SourceRequest"], wishes: "Wishes", progress: "Progress") -> "IngestResult":
    from ingest.bootstrap import open_workshop, undertake
    from ingest.pipeline import ingest as run_pipeline
    from ingest.settings import KnowledgeSettings

    settings = KnowledgeSettings()
    with closing(open_workshop(settings)) as workshop:
        work = undertake(workshop, requests, settings, wishes)
        _warn(work.warnings)
        return run_pipeline(workshop, work.sources, work.options, progress)


def _run_flow(requests: Sequence["SourceRequest"], wishes: "Wishes", progress: "Progress") -> "IngestResult":
    from flows.prefect_surroundings import prepare_prefect
    from ingest.bootstrap import open_workshop, undertake
    from ingest.settings import KnowledgeSettings

    settings = KnowledgeSettings()
    # Prefect takes seconds to start: a wrong path is told before that.
    with closing(open_workshop(settings)) as workshop:
        _warn(undertake(workshop, requests, settings, wishes).warnings)
    progress("start", 0, 0)
    prepare_prefect(settings.data_dir, quiet=True)
    from flows.refresh_knowledge import listener, refresh_knowledge

    listener.set(progress)
    return refresh_knowledge(requests=list(requests), wishes=wishes)


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)
