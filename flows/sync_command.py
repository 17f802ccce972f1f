"""The command `groundwatch sync`: bring sources up to date, or say exactly what that would change."""

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
    from ingest.building import Progress, Workshop
    from ingest.runs import IngestResult
    from ingest.settings import KnowledgeSettings
    from ingest.sources.folder import FolderSource


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]…")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The declarations of sources [GROUNDWATCH_SOURCES_FILE, or groundwatch.yaml].",
)
@click.option("--dry-run", is_flag=True, help="Print what would change, document by document, and write nothing.")
@click.option("--confirm-deletions", is_flag=True, help="Let this run remove most documents of a source.")
@click.option("--retry-failed", is_flag=True, help="Read documents again that could not be parsed.")
@click.option("--rebuild", is_flag=True, help="Read everything again into an empty index.")
@click.option("--accept-checks", is_flag=True, help="Promote the new generation whatever its checks say.")
@click.option("--release", is_flag=True, help="Let runs promote again after a rollback.")
@click.option("--watch", is_flag=True, help="Go on, and sync folders again as their files change.")
@click.option("--cancel", is_flag=True, help="Ask the run at work to stop before it promotes anything.")
@click.option("--direct", is_flag=True, help="Run without Prefect: starts sooner; no retries, no record of the run.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@click.option("--quiet", is_flag=True, help="Show nothing but errors.")
def sync(
    sources: tuple[str, ...],
    file: Path | None,
    dry_run: bool,
    cancel: bool,
    watch: bool,
    direct: bool,
    as_json: bool,
    quiet: bool,
    **wishes: bool,
) -> None:
    """Bring SOURCEs up to date: those that groundwatch.yaml declares, or that were ingested; all where none is named.

    Only what changed is read and embedded, and what was served before is until the new generation is checked.
    """
    _check_use(dry_run=dry_run, cancel=cancel, watch=watch, rebuild=wishes["rebuild"], sources=sources)
    with clean_exits():
        from flows.settings import settings_with
        from ingest.bootstrap import Wishes

        settings = settings_with(file)
        if cancel:
            _cancel(settings)
        elif dry_run:
            _plan(settings, sources, Wishes(**wishes), as_json=as_json)
        else:
            run = Watched(settings, sources, direct=direct, as_json=as_json, quiet=quiet)
            reason = run.once(Wishes(**wishes))
            if watch:
                run.whenever_files_change()
            elif reason:
                click.echo(f"Error: {reason}", err=True)
                sys.exit(1)


def _check_use(*, dry_run: bool, cancel: bool, watch: bool, rebuild: bool, sources: Sequence[str]) -> None:
    if sum((dry_run, cancel, watch)) > 1:
        raise click.UsageError("--dry-run, --cancel and --watch are three different things; give one of them")
    if rebuild and sources:
        raise click.UsageError("a rebuild starts from nothing and would drop all other sources; name none")


def _cancel(settings: "KnowledgeSettings") -> None:
    from ingest.bootstrap import open_workshop

    with closing(open_workshop(settings)) as workshop:
        asked = workshop.manifest.runs.cancel()
    click.echo("The run at work was asked to stop; what is served stays." if asked else "No run is at work.")


def _plan(settings: "KnowledgeSettings", sources: Sequence[str], wishes: "Wishes", *, as_json: bool) -> None:
    from flows.sync_plan import plan_lines, plan_record
    from ingest.bootstrap import open_workshop, undertake
    from ingest.pipeline import plan

    with closing(open_workshop(settings)) as workshop:
        work = undertake(workshop, _requests(workshop, settings, sources), settings, wishes)
        _warn(work.warnings)
        changes = plan(workshop, work.sources, work.options)
    if as_json:
        click.echo(json.dumps(plan_record(changes), indent=2))
        return
    for line in plan_lines(changes):
        click.echo(line)


def _requests(workshop: "Workshop", settings: "KnowledgeSettings", sources: Sequence[str]) -> "list[SourceRequest]":
    """Return requests for named sources; none where none is named, which means all and warns of what is gone."""
    from ingest.bootstrap import named_requests

    return named_requests(workshop, settings, sources) if sources else []


class Watched:
    """Sync the same sources, once or again and again, and show what came of it."""

    def __init__(
        self, settings: "KnowledgeSettings", sources: Sequence[str], *, direct: bool, as_json: bool, quiet: bool
    ) -> None:
        self._settings, self._names = settings, sources
        self._direct, self._as_json, self._quiet = direct, as_json, quiet
        self._folders: list[FolderSource] = []

    def once(self, wishes: "Wishes") -> str | None:
        """Sync, show the result, and return why it counts as failed, or None."""
        from flows.ingest_report import as_record, print_summary, reporting, shortfall

        with reporting(silent=self._quiet or self._as_json) as progress:
            result = self._sync(wishes, progress)
        if self._as_json:
            click.echo(json.dumps(as_record(result), indent=2))
        elif not self._quiet:
            print_summary(result)
        return shortfall(result)

    def whenever_files_change(self) -> None:
        """Sync a folder again whenever something changes below it, until this process is stopped."""
        from ingest.bootstrap import Wishes
        from ingest.errors import KnowledgeError, UsageError
        from ingest.sources.watching import watch

        if not self._folders:
            raise UsageError("none of the sources is a folder, so there is nothing to watch; give sources a schedule")
        if not self._quiet:
            places = ", ".join(source.name for source in self._folders)
            click.echo(f"Watching {places}; Ctrl-C ends it.", err=True)
        for changed in watch(self._folders, ignored=[self._settings.data_dir]):
            self._names = sorted(changed)
            try:
                self.once(Wishes())
            except KnowledgeError as error:
                click.echo(f"This run failed, the next change may mend it: {error}", err=True)

    def _sync(self, wishes: "Wishes", progress: "Progress") -> "IngestResult":
        from ingest.bootstrap import open_workshop, undertake
        from ingest.pipeline import ingest
        from ingest.sources.folder import FolderSource

        with closing(open_workshop(self._settings)) as workshop:
            requests = _requests(workshop, self._settings, self._names)
            work = undertake(workshop, requests, self._settings, wishes)
            self._folders = self._folders or [one for one in work.sources if isinstance(one, FolderSource)]
            _warn(work.warnings)
            if self._direct:
                return ingest(workshop, work.sources, work.options, progress)
        # Prefect takes seconds to start: a wrong name or path is told before that.
        return self._sync_in_a_flow(requests, wishes, progress)

    def _sync_in_a_flow(
        self, requests: "Sequence[SourceRequest]", wishes: "Wishes", progress: "Progress"
    ) -> "IngestResult":
        from flows.prefect_surroundings import prepare_prefect

        progress("start", 0, 0)
        prepare_prefect(self._settings.data_dir, quiet=True)
        from flows.refresh_knowledge import listener, refresh_knowledge

        listener.set(progress)
        file = str(self._settings.sources_file.absolute())
        return refresh_knowledge(requests=list(requests), wishes=wishes, file=file)


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)
