"""The command `groundwatch telemetry`: the connected systems, and whether each can be used."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.options import json_option, print_json

if TYPE_CHECKING:
    from api.schemas.sources import SourceList


@click.command(short_help="List the systems that hold telemetry, and whether they answer.")
@click.option(
    "--sources", "file", type=click.Path(path_type=Path), help="The file of systems [GROUNDWATCH_TELEMETRY_FILE]."
)
@json_option
def telemetry(file: Path | None, as_json: bool) -> None:
    """Ask every connected system whether it can be used.

    The exit code is 1 where one can't.
    """
    from api.incident_bootstrap import open_sources
    from api.settings import load_settings

    found = open_sources(load_settings(telemetry_file=file)).healths()
    if as_json:
        print_json(found)
    else:
        _print(found)
    if any(one.problem for one in found.sources):
        click.get_current_context().exit(1)


def _print(found: "SourceList") -> None:
    from api.terminal import Line, print_text

    for one in found.sources:
        gives = ", ".join(one.gives)
        how = one.problem or f"answers in {one.seconds:.2f} s{f', version {one.version}' if one.version else ''}"
        print_text([Line(f"{one.name} ({one.kind}, {one.url}; {gives}): {how}", "bad" if one.problem else "good")])
