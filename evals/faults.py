"""What faults do to the knowledge base: each one strikes a real sync, then the next sync must leave nothing amiss.

76 small documents are served in their first version; their second version is being synced when the fault strikes.
Counted are documents lost, documents or passages held twice, and states that no run should leave: right after the
fault, and after the next normal sync, which has to end exactly where an undisturbed one does.
"""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from evals.console import plain_errors, progress_line, table, write_json
from evals.fault_moments import watched_workshop
from evals.fault_state import Damage, damage_after_fault, damage_after_recovery, held
from evals.fault_strikes import Fault, all_faults
from evals.fault_world import Origin, World, answering, can_mount, prepare, right_answers, world_of
from ingest.errors import UsageError

_INTRODUCTION = """# What faults do

Made by `python -m evals.faults --write docs/faults.md`. 76 documents of three passages each are served in their
first version. A sync of the second version (nine of ten changed, two removed, two new) is struck by the fault; a
reader that was open before answers eight questions before and after it. Then the fault is ended and a normal sync runs.

*Lost*, *double* and *half-written* count what is wrong right after the fault and after that next sync, which must
end exactly where an undisturbed one does: the same texts, passages and manifest rows, nothing left behind, all
checks of `groundwatch knowledge verify` passed, and a third sync finds nothing to do. The embedder is one without a
model (`evals/hashing_embedder.py`); everything else is what runs in production, on the embedded index.

"""
_NOT_RUN = "not run: needs root, to mount a disk of its own"


@dataclass(frozen=True, slots=True)
class Row:
    """What one fault did; `damage` is None where it could not be tried here."""

    kind: str
    how: str
    damage: Damage | None
    answered: int
    asked: int
    message: str


@dataclass(frozen=True, slots=True)
class FaultReport:
    """The whole matrix."""

    rows: tuple[Row, ...]

    @property
    def clean(self) -> bool:
        """Whether every fault that was tried left nothing amiss and every question answered."""
        tried = [row for row in self.rows if row.damage is not None]
        return all(row.damage is not None and row.damage.none and row.answered == row.asked for row in tried)


@click.command(help=__doc__)
@click.option("--only", help="Only faults whose kind or circumstances hold this text.")
@click.option("--write", "target", type=click.Path(path_type=Path), help="Write the table here, as Markdown.")
@click.option("--scratch", type=click.Path(path_type=Path), help="Folder for the worlds; else the system's own.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(only: str | None, target: Path | None, scratch: Path | None, json_file: Path | None) -> None:
    """Run the matrix; exit code 1 where anything is amiss."""
    with plain_errors():
        chosen = [fault for fault in all_faults() if not only or only in f"{fault.kind} {fault.how}"]
        if not chosen:
            raise UsageError(f"no fault's kind or circumstances hold {only!r}; leave --only out to see all")
        with tempfile.TemporaryDirectory(prefix="groundwatch-faults-", dir=scratch) as folder:
            Path(folder).chmod(0o755)  # the user nobody has to get in
            report = run_matrix(chosen, Path(folder))
        _show(report)
        if json_file:
            write_json(json_file, report)
        if target:
            target.write_text(as_markdown(report), encoding="utf-8")
    if not report.clean:
        raise SystemExit(1)


def run_matrix(faults: Sequence[Fault], folder: Path) -> FaultReport:
    """Try each fault in a world of its own below `folder`."""
    origins = {wiki: prepare(folder / f"wiki-{wiki}", wiki=wiki) for wiki in sorted({fault.wiki for fault in faults})}
    rows: list[Row] = []
    for number, fault in enumerate(faults):
        rows.append(try_fault(fault, origins[fault.wiki], folder / f"world-{number}"))
        progress_line("faults", number + 1, len(faults))
    return FaultReport(tuple(rows))


def try_fault(fault: Fault, origin: Origin, folder: Path) -> Row:
    """Let one fault strike, and see what it did."""
    if fault.disk and not can_mount():
        return Row(fault.kind, fault.how, None, 0, 0, _NOT_RUN)
    with world_of(origin, folder, wiki=fault.wiki, disk=fault.disk) as world:
        with answering(world) as served:
            before = right_answers(served, world)
            message = fault.strike(world)
            answered = before + right_answers(served, world)
        fault.mend(world)
        damage = damage_after_fault(world.held(), origin.old, origin.new, mixed=fault.mixed)
        damage += _recovered(world, origin)
        return Row(fault.kind, fault.how, damage, answered, 2 * len(world.probes), message)


def as_markdown(report: FaultReport) -> str:
    """Return the matrix as a document."""
    lines = ["| fault | circumstances | lost | double | half-written | answers | what a person sees |"]
    lines.append("|---|---|---|---|---|---|---|")
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in _cells(row))} |" for row in report.rows]
    return _INTRODUCTION + "\n".join(lines) + "\n"


def _recovered(world: World, origin: Origin) -> Damage:
    """Sync again, twice, and return what is not as it should be."""
    world.sync_here()
    with closing(watched_workshop(world.knowledge)) as workshop:
        damage = damage_after_recovery(held(workshop), origin.new, workshop, world.knowledge)
    result, embedded = world.sync_here()
    (source,) = result.sources
    if embedded or source.indexed or source.removed or source.failed:
        idle = f"a third sync embedded {embedded}, indexed {source.indexed}, removed {source.removed}"
        damage += Damage(half_written=(idle,))
    return damage


def _show(report: FaultReport) -> None:
    header = ("fault", "circumstances", "lost", "double", "half-written", "answers")
    click.echo(table(header, [_cells(row)[:-1] for row in report.rows]))
    for row in report.rows:
        for what in row.damage.half_written if row.damage else ():
            click.echo(f"{row.kind}, {row.how}: {what}")


def _cells(row: Row) -> tuple[str, ...]:
    if row.damage is None:
        return (row.kind, row.how, "–", "–", "–", "–", row.message)
    damage = row.damage
    counts = (str(damage.lost), str(damage.duplicates), str(len(damage.half_written)))
    return (row.kind, row.how, *counts, f"{row.answered} of {row.asked}", row.message)


if __name__ == "__main__":
    main()
