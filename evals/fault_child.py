"""One sync in a process of its own, to which something happens at a given moment; started by the fault matrix."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click

from evals.fault_clock import move_clock
from evals.fault_material import SOURCE
from evals.fault_moments import NEVER, Moment, watched_workshop
from evals.fault_wiki import wiki_source
from ingest.errors import GroundwatchError
from ingest.pipeline import ingest
from ingest.runs import IngestResult
from ingest.sources.folder import FolderSource
from ingest.sources.source import Source

NOBODY = 65534
"""The user id of nobody (Linux), whom the permissions of a directory concern as they don't concern root."""

_PATIENCE = 60.0


@click.command(help=__doc__)
@click.argument("knowledge", type=click.Path(path_type=Path))
@click.argument("source")
@click.option("--at", help="When: 'before NAME N' or 'after NAME N'.")
@click.option("--do", "deed", help="What: kill, fill:FILE, remove:FOLDER, or hold:FILE.")
@click.option("--days", type=float, default=0.0, help="How far the clock of this process is moved.")
@click.option("--nobody", is_flag=True, help="Give up root's rights before anything is opened.")
def main(knowledge: Path, source: str, at: str | None, deed: str | None, days: float, nobody: bool) -> None:
    """Sync and print, in one line, what a person would be told."""
    moment = Moment.of(at, _act(deed)) if at and deed else NEVER
    if nobody:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if days:
        move_clock(days)
    try:
        with closing(watched_workshop(knowledge, moment)) as workshop:
            result = ingest(workshop, [open_source(source)], progress=_reporting(moment))
    except GroundwatchError as error:
        click.echo(f"Error: {error}")
        sys.exit(1)
    click.echo(told(result))


def open_source(text: str) -> Source:
    """Return the source of `folder:PATH` or `wiki:URL`."""
    kind, _, place = text.partition(":")
    return FolderSource([Path(place)], name=SOURCE) if kind == "folder" else wiki_source(place, SOURCE)


def told(result: IngestResult) -> str:
    """Return the problems and failures of a run in one line, or what it did where there are none."""
    (one,) = result.sources
    lines = [f"{problem}; nothing of it was removed" for problem in one.problems]
    if one.failed:
        first = one.failed[0]
        kept = " (its last good version still serves)" if first.passages else ""
        lines.append(f"{len(one.failed)} documents failed, the first: {first.path}: {first.reason}{kept}")
    done = f"{one.indexed} documents indexed, {one.unchanged} unchanged, {one.removed} removed"
    return "; ".join([*lines, done])


def _reporting(moment: Moment) -> Callable[[str, int, int], None]:
    def report(stage: str, _done: int, _total: int) -> None:
        moment.meets("after", f"{stage}-batch")

    return report


def _act(deed: str) -> Callable[[], None]:
    name, _, place = deed.partition(":")
    deeds: dict[str, Callable[[], None]] = {
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "fill": lambda: fill_disk(Path(place)),
        "remove": lambda: shutil.rmtree(place),
        "hold": lambda: _hold(Path(place)),
    }
    return deeds[name]


def fill_disk(file: Path, leave: int = 0) -> None:
    """Take all space that is left where `file` lives, but for `leave` bytes."""
    wanted = max(0, shutil.disk_usage(file.parent).free - leave)
    with file.open("wb") as opened:
        while wanted > 4096:
            try:
                os.posix_fallocate(opened.fileno(), os.fstat(opened.fileno()).st_size, wanted)
            except OSError:  # less is free than the file system says: take what there is in smaller pieces
                wanted //= 2
                continue
            wanted = max(0, shutil.disk_usage(file.parent).free - leave)


def _hold(file: Path) -> None:
    """Say that the moment has come, and wait until the file is taken away."""
    file.touch()
    deadline = time.monotonic() + _PATIENCE
    while file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


if __name__ == "__main__":
    main()
