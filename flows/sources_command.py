"""The commands `groundwatch sources`: what is declared, what it means, whether it can be read, and a way out."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.exits import clean_exits

if TYPE_CHECKING:
    from ingest.settings import KnowledgeSettings
    from ingest.sources.declarations import AnyDeclaration, Declarations

_file = click.option(
    "--file", type=click.Path(path_type=Path), metavar="FILE", help="The declarations [GROUNDWATCH_SOURCES_FILE]."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A source as a check finds it; `documents` is None where it was not read, `error` says why it cannot be."""

    name: str
    type: str
    explanation: str
    enabled: bool
    documents: int | None = None
    complete: bool | None = None
    problems: tuple[str, ...] = ()
    error: str = ""


@click.group()
def sources() -> None:
    """Look at the sources that groundwatch.yaml declares."""


@sources.command("list")
@_file
@_as_json
def list_(file: Path | None, as_json: bool) -> None:
    """List the declared sources: name, type, location, schedule, and whether they are enabled."""
    with clean_exits():
        declarations = _load(_place(file)).sources
        if as_json:
            click.echo(json.dumps([_record(declared) for declared in declarations], indent=2))
        else:
            _print_table(declarations)


@sources.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@_file
@click.option("--offline", is_flag=True, help="Only check the file; read no source.")
@_as_json
def check(names: tuple[str, ...], file: Path | None, offline: bool, as_json: bool) -> None:
    """Check the declarations, say what each source means, and list its documents; nothing is stored.

    Exits with 2 where the file is wrong, and with 1 where a source cannot be read.
    """
    with clean_exits():
        from ingest.settings import KnowledgeSettings

        settings = KnowledgeSettings()
        place = _place(file)
        declarations = _load(place)
        chosen = [declarations.source(name) for name in names] or list(declarations.sources)
        found = []
        for declared in chosen:
            found.append(_explained(declared) if offline else _opened(declared, place.absolute().parent, settings))
            if not as_json:
                _print_opened(found[-1])
        if as_json:
            click.echo(json.dumps({"file": str(place), "sources": [asdict(one) for one in found]}, indent=2))
        elif not found:
            click.echo(f"{str(place)!r} declares no source; add one below 'sources'")
    if any(one.error for one in found):
        sys.exit(1)


@sources.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Take all documents of source NAME out of search and forget it; they can be restored for a while."""
    from contextlib import closing

    if not yes:
        click.confirm(f"Take all documents of {name!r} out of search?", abort=True)
    with clean_exits():
        from ingest.bootstrap import open_workshop
        from ingest.care import forget_source
        from ingest.settings import KnowledgeSettings

        with closing(open_workshop(KnowledgeSettings())) as workshop:
            removed = forget_source(workshop, name)
    click.echo(f"{removed} documents are out of search. If {name!r} is still declared, the next sync reads it again.")


def _place(file: Path | None) -> Path:
    from ingest.settings import KnowledgeSettings
    from ingest.sources.declarations import FILE_NAMES, find_declarations

    if file is not None:
        return file
    place = KnowledgeSettings().sources_file
    # A file that is named on purpose is never replaced by one that happens to be near.
    found = find_declarations(Path.cwd()) if str(place) in FILE_NAMES and not place.exists() else None
    return found or place


def _load(file: Path) -> "Declarations":
    from ingest.sources.declarations import load_declarations

    return load_declarations(file)


def _explained(declared: "AnyDeclaration") -> _Opened:
    from ingest.sources.explaining import explain

    return _Opened(declared.name, declared.type, explain(declared), declared.enabled)


def _opened(declared: "AnyDeclaration", base: Path, settings: "KnowledgeSettings") -> _Opened:
    from dataclasses import replace

    from ingest.errors import GroundwatchError
    from ingest.sources.opening import open_source

    explained = _explained(declared)
    if not declared.enabled:
        return explained
    try:
        source = open_source(declared, base=base, cache_dir=settings.sources_dir, environment=os.environ)
        snapshot = source.snapshot()
    except GroundwatchError as error:
        return replace(explained, error=str(error))
    unreadable = tuple(f"{entry.path}: {entry.problem}" for entry in snapshot.entries if entry.problem)
    return replace(
        explained,
        documents=len(snapshot.entries),
        complete=snapshot.complete,
        problems=(*snapshot.problems, *unreadable),
    )


def _record(declared: "AnyDeclaration") -> dict[str, object]:
    from ingest.sources.explaining import place_of

    return {
        "name": declared.name,
        "type": declared.type,
        "location": place_of(declared),
        "schedule": str(declared.schedule) if declared.schedule else None,
        "enabled": declared.enabled,
    }


def _print_table(declarations: "Sequence[AnyDeclaration]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("name", "type", "location", "schedule", "enabled", box=None, pad_edge=False)
    for declared in declarations:
        values = _record(declared)
        schedule = str(values["schedule"] or "-")
        row = (declared.name, declared.type, str(values["location"]), schedule, "yes" if declared.enabled else "no")
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)
    click.echo(f"{len(declarations)} sources", err=True)


def _print_opened(one: _Opened) -> None:
    click.echo(f"{one.name} ({one.type}) {one.explanation}")
    if one.error:
        click.echo(f"  cannot be read: {one.error}")
    elif one.documents is not None:
        partly = "" if one.complete else ", and could not list all"
        click.echo(f"  lists {one.documents:,} documents{partly}")
    for problem in one.problems:
        click.echo(f"  problem: {problem}")
