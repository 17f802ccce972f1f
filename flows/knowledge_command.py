"""The commands `groundwatch knowledge …`: look at documents, restore, delete, roll back, re-embed, back up, verify."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.adapt_command import adapt
from flows.exits import clean_exits

if TYPE_CHECKING:
    from ingest.building import Workshop
    from ingest.reembedding import Reembedding

STATES = ("discovered", "fetched", "parsed", "indexed", "failed", "ignored", "tombstoned")
KINDS = ("runbook", "architecture", "postmortem", "reference", "alert")

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")


@click.group()
def knowledge() -> None:
    """Look after what was ingested: list, show, restore, delete, roll back, re-embed, back up, verify."""


knowledge.add_command(adapt)


@knowledge.command("list")
@click.option("--source", metavar="NAME", help="Only documents of this source.")
@click.option("--state", type=click.Choice(STATES), help="Only documents in this state.")
@click.option("--kind", type=click.Choice(KINDS), help="Only documents of this kind.")
@_as_json
def list_(source: str | None, state: str | None, kind: str | None, as_json: bool) -> None:
    """List documents with their state, and the reason of a failure."""
    with _workshop() as workshop:
        from flows.document_listing import list_documents, row_record

        rows = list_documents(workshop, source=source, state=state, kind=kind)
        if as_json:
            click.echo(json.dumps([row_record(row) for row in rows], indent=2))
            return
        for row in rows:
            reason = f"  {row.reason}" if row.reason else ""
            click.echo(f"{row.state.value:<11} {row.kind or '-':<12} {row.source}/{row.path}{reason}")
        click.echo(f"{len(rows)} documents", err=True)


@knowledge.command()
@click.argument("document")
@_as_json
def show(document: str, as_json: bool) -> None:
    """Show one DOCUMENT (id, source/path or path): state, history, sections, and what was extracted from it."""
    with _workshop() as workshop:
        from flows.document_listing import view_document, view_lines, view_record

        view = view_document(workshop, document)
        if as_json:
            click.echo(json.dumps(view_record(view), indent=2))
            return
        for line in view_lines(view):
            click.echo(line)


@knowledge.command()
@click.argument("document")
def restore(document: str) -> None:
    """Bring a removed DOCUMENT back into search; it stays there although its source does not list it."""
    with _workshop() as workshop:
        from ingest.care import restore as bring_back

        row = bring_back(workshop, document)
        if not row.passages:
            click.echo(
                f"{row.source}/{row.path} is not kept out any more, but its content was not kept so long; the next "
                "sync reads it where its source still lists it."
            )
            return
        click.echo(f"{row.source}/{row.path} is searchable again, {row.passages} passages.")


@knowledge.command()
@click.argument("document")
def delete(document: str) -> None:
    """Take a DOCUMENT out of search, whatever its state; it stays out although its source lists it."""
    with _workshop() as workshop:
        from ingest.care import delete as take_out

        row = take_out(workshop, document)
        click.echo(
            f"{row.source}/{row.path} is out of search. To undo: groundwatch knowledge restore {row.document_id}"
        )


@knowledge.command()
@click.option("--to", type=int, metavar="N", help="The generation to go back to [the one before].")
def rollback(to: int | None) -> None:
    """Serve an earlier generation again; syncs are held until `groundwatch sync --release`."""
    with _workshop() as workshop:
        from ingest.care import rollback as go_back

        generation = go_back(workshop, to)
        click.echo(
            f"Serving generation {generation}. Syncs are held, since they would build the same again: mend the "
            "cause, then run: groundwatch sync --release"
        )
        built_with = workshop.store.describe().model
        if built_with != workshop.embedder.model:
            click.echo(
                f"It was built with {built_with}, and {workshop.embedder.model} is configured: an API searches it only "
                "with GROUNDWATCH_EMBEDDING_MODEL set back."
            )


@knowledge.command()
@click.option("--accept-checks", is_flag=True, help="Promote the new generation whatever its checks say.")
@click.option("--prune-cache", is_flag=True, help="Drop cached vectors that nothing served is embedded as.")
@click.option("--quiet", is_flag=True, help="Show nothing but errors.")
def reembed(accept_checks: bool, prune_cache: bool, quiet: bool) -> None:
    """Embed what is stored for the configured model; nothing is fetched or parsed, and search goes on meanwhile."""
    with _workshop() as workshop:
        from flows.ingest_report import reporting
        from ingest.bootstrap import declarations_of, gate_of
        from ingest.reembedding import prune_vectors
        from ingest.reembedding import reembed as embed_again
        from ingest.settings import KnowledgeSettings

        settings = KnowledgeSettings()
        gate = gate_of(settings, declarations_of(settings), accept=accept_checks)
        with reporting(silent=quiet) as progress:
            done = embed_again(workshop, gate, progress)
        pruned = prune_vectors(workshop) if prune_cache else None
    if quiet:
        return
    for line in _reembedded(done):
        click.echo(line)
    if pruned is not None:
        click.echo(f"{pruned} cached vectors that nothing served is embedded as were dropped.")


@knowledge.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def backup(directory: Path) -> None:
    """Copy what is served, with the manifest, into DIRECTORY, which can be used as a data directory."""
    with _workshop() as workshop:
        from ingest.care import backup as copy

        done = copy(workshop, directory)
        click.echo(
            f"Generation {done.generation}, {done.size / 1e6:.1f} MB, is in {str(done.directory)!r}; to serve it: "
            f"GROUNDWATCH_DATA_DIR={done.directory} groundwatch serve"
        )


@knowledge.command()
@_as_json
def verify(as_json: bool) -> None:
    """Compare the manifest with what is served, document by document; exits with 1 where they differ."""
    with _workshop() as workshop:
        from ingest.care import verify as compare

        checks = compare(workshop)
    if as_json:
        click.echo(json.dumps([{"check": one.name, "passed": one.passed, "detail": one.detail} for one in checks]))
    else:
        for one in checks:
            click.echo(f"{'ok  ' if one.passed else 'FAIL'} {one.name}: {one.detail}")
    if not all(one.passed for one in checks):
        click.echo("Error: what is served is not what the manifest says; run: groundwatch sync --rebuild", err=True)
        sys.exit(1)


def _reembedded(done: "Reembedding") -> Iterator[str]:
    served = done.served
    if done.before is None:
        yield f"What is served, generation {served.generation}, was embedded with {served.model} already."
        return
    yield (
        f"Generation {served.generation}: {served.passages} passages of {served.documents} documents, with "
        f"{served.model} in place of {done.before}; {done.embedded} embedded, {done.reused} reused, "
        f"{done.seconds:.1f} s."
    )
    yield (
        f"An API that runs with {done.before} serves the generation before it, and syncs with that model are refused, "
        "until they are started again with GROUNDWATCH_EMBEDDING_MODEL as it is here."
    )


@contextmanager
def _workshop() -> Iterator["Workshop"]:
    with clean_exits():
        from ingest.bootstrap import open_workshop
        from ingest.settings import KnowledgeSettings

        with closing(open_workshop(KnowledgeSettings())) as workshop:
            yield workshop
