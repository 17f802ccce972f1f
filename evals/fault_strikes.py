"""The faults of the matrix: what each one does to a running sync, and how the world is mended afterwards."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evals.fault_child import fill_disk
from evals.fault_material import date_files
from evals.fault_moments import AFTER_PROMOTION, BEFORE_PROMOTION
from evals.fault_wiki import Wiki
from evals.fault_world import World

_LEFT = 100 << 20  # bytes: less than a run wants free
_DAYS = 400
_HOLD_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the matrix.

    `strike` runs the disturbed sync and returns what a person sees, `mend` ends the fault. `mixed` tells that
    some documents may already be in their new version after it; `disk` that the index needs a disk of its own.
    """

    kind: str
    how: str
    strike: Callable[[World], str]
    mend: Callable[[World], None] = lambda _world: None
    wiki: bool = False
    mixed: bool = False
    disk: bool = False


def all_faults() -> Iterator[Fault]:
    """Return every fault in the order of the table."""
    for moment in (*BEFORE_PROMOTION, *AFTER_PROMOTION):
        yield Fault("SIGKILL", _worded(moment), _at(moment, "kill"))
    yield Fault("disk full", "100 MiB are left when the sync starts", _on_a_full_disk, _free_disk, disk=True)
    for moment in ("after begin 1", "after add 50", "before finish 1", "before stage 1"):
        how = f"another program takes all space {_worded(moment)}"
        yield Fault("disk full", how, _filling(moment), _free_disk, disk=True)
    yield Fault("index directory read-only", _how_read_only(), _read_only, _writable)
    yield from _folder_faults()
    yield from _wiki_faults()
    yield Fault("clock moved back", f"the sync sees a time {_DAYS} days ago, and so do the files", _clock(-_DAYS))
    yield Fault(
        "clock moved back", f"the sync sees a time {_DAYS} days ahead, the next one the right one", _clock(_DAYS)
    )
    yield Fault("two syncs at once", "the second starts while the first one reads", _two_overlapping)
    yield Fault("two syncs at once", "both are started at the same instant", _two_together)


def _folder_faults() -> Iterator[Fault]:
    gone = "source gone half-way"
    how = "the folder is removed after the first batch of files was read"
    yield Fault(gone, how, _removing, World.restore, mixed=True)
    yield Fault(gone, "the folder is empty: what was mounted there is gone", _emptied, World.restore)
    yield Fault(gone, "the folder is not there", _missing, World.restore)


def _wiki_faults() -> Iterator[Fault]:
    gone, errors = "source gone half-way", "source returning errors"
    how = "the wiki's API answers 503 after 40 pages"
    yield Fault(gone, how, _ailing(_dying), _heal, wiki=True, mixed=True)
    how = "the wiki's API answers 503 to the second part of its listing"
    yield Fault(gone, how, _ailing(_half_listed), _heal, wiki=True, mixed=True)
    yield Fault(errors, "every third page of the wiki is an error 500", _ailing(_erring), _heal, wiki=True, mixed=True)
    yield Fault(errors, "the wiki's API answers 503 to everything", _ailing(_dead), _heal, wiki=True)


def _worded(moment: str) -> str:
    when, name, count = moment.split()
    steps = {
        "read-batch": "a batch of files was read",
        "embed": "a batch of passages is embedded",
        "embed-batch": "a batch of vectors was stored",
        "begin": "the new generation is begun",
        "delete": "old passages are deleted from it",
        "add": "a document is written to it",
        "relate": "near-duplicates are written to it",
        "finish": "it is finished",
        "open": "it is opened to be checked",
        "check-batch": "it was checked",
        "stage": "the manifest's changes are staged",
        "promote": "the pointer moves",
        "record": "the run is recorded",
    }
    return f"{when} {steps[name]}" + (f" (no. {count})" if count != "1" else "")


def _at(moment: str, deed: str) -> Callable[[World], str]:
    return lambda world: world.sync("--at", moment, "--do", deed)


def _filling(moment: str) -> Callable[[World], str]:
    return lambda world: world.sync("--at", moment, "--do", f"fill:{world.filler}")


def _on_a_full_disk(world: World) -> str:
    fill_disk(world.filler, leave=_LEFT)
    return world.sync()


def _free_disk(world: World) -> None:
    world.filler.unlink(missing_ok=True)


def _how_read_only() -> str:
    as_whom = "and the sync runs as the user nobody" if os.geteuid() == 0 else "for the user who syncs"
    return f"no right to write is left below it {as_whom}"


def _read_only(world: World) -> str:
    _set_modes(world.knowledge, 0o555, 0o444)
    return world.sync(*(["--nobody"] if os.geteuid() == 0 else []))


def _writable(world: World) -> None:
    _set_modes(world.knowledge, 0o755, 0o644)


def _set_modes(folder: Path, folders: int, files: int) -> None:
    folder.chmod(folders | 0o200)
    for path in folder.rglob("*"):
        path.chmod(folders if path.is_dir() else files)
    folder.chmod(folders)


def _removing(world: World) -> str:
    return world.sync("--at", "after read-batch 1", "--do", f"remove:{world.documents}")


def _emptied(world: World) -> str:
    for file in world.documents.iterdir():
        file.unlink()
    return world.sync()


def _missing(world: World) -> str:
    shutil.rmtree(world.documents)
    return world.sync()


def _ailing(ail: Callable[[Wiki], None]) -> Callable[[World], str]:
    def strike(world: World) -> str:
        assert world.wiki is not None
        ail(world.wiki)
        return world.sync().replace(world.wiki.url, "http://wiki")

    return strike


def _dying(wiki: Wiki) -> None:
    wiki.dies_after = 40


def _dead(wiki: Wiki) -> None:
    wiki.dies_after = 0


def _erring(wiki: Wiki) -> None:
    wiki.bodies_fail = True


def _half_listed(wiki: Wiki) -> None:
    wiki.listing_fails = True


def _heal(world: World) -> None:
    assert world.wiki is not None
    world.wiki.heal()


def _clock(days: int) -> Callable[[World], str]:
    def strike(world: World) -> str:
        date_files(world.documents, time.time() + days * 86400)
        return world.sync("--days", str(days))

    return strike


def _two_overlapping(world: World) -> str:
    holding = world.folder / "holding"
    first = world.start("--at", "after read-batch 1", "--do", f"hold:{holding}")
    deadline = time.monotonic() + _HOLD_SECONDS
    while not holding.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    second = world.sync()
    holding.unlink(missing_ok=True)
    return f"first: {world.seen(first)}; second: {second}"


def _two_together(world: World) -> str:
    both = [world.start(), world.start()]
    return "; ".join(f"{which}: {world.seen(child)}" for which, child in zip(("first", "second"), both, strict=True))
