"""What the eval commands show on a terminal: tables, a progress line, errors in plain words, and JSON on request."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.errors import GroundwatchError, UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Misused(click.ClickException):
    """A wrong value, as click shows it."""

    exit_code = 2


@contextmanager
def plain_errors() -> Iterator[None]:
    """Let a command end with the error's own words: exit code 2 for wrong usage, 1 for a failure."""
    try:
        yield
    except UsageError as error:
        raise Misused(str(error)) from error
    except GroundwatchError as error:
        raise click.ClickException(str(error)) from error


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns; all but the first column are aligned to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    rendered = [
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in enumerate(cells))
        for cells in ([*zip(line, widths, strict=True)] for line in lines)
    ]
    return "\n".join([rendered[0], "-" * len(rendered[0]), *rendered[1:]])


def progress_line(stage: str, done: int, total: int) -> None:
    """Overwrite one line on standard error with how far a stage is."""
    end = "\n" if done >= total else "\r"
    print(f"{stage} {done:,} of {total:,}   ", end=end, file=sys.stderr, flush=True)


def write_json(file: Path, report: "DataclassInstance") -> None:
    """Write a report; raises UsageError where the file cannot be written."""
    try:
        file.write_text(json.dumps(asdict(report), indent=2, default=_plain) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {str(file)!r}: {error.strerror}; choose another file for --json") from error


def split_names(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Turn `a,b` of an option into its names (a click callback)."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _plain(value: Any) -> str:
    return str(value)
