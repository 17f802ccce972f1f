"""Draft the postmortem of every recorded incident, without a language model, and check each statement.

A statement must resolve to findings, observations or gaps of the investigation, or be a question; each number in it
must stand in what it cites; all gaps must be told. Statements are counted before the gate would turn one that fails
into a question.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from api.errors import GroundwatchError
from api.investigating.parts import open_investigator
from api.postmortems.checking import Checked, checked
from api.postmortems.drafting import draft_of
from api.telemetry.bundles import open_bundle


@dataclass(frozen=True, slots=True)
class Drafted:
    """One incident: what the check found, and how long the draft took."""

    name: str
    found: Checked
    seconds: float


@click.command()
@click.option("--cases", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
def main(cases: Path) -> None:
    """Measure, and end with 1 where a draft is unsound."""
    done = [one for folder in sorted(cases.rglob("*")) if folder.is_dir() and (one := measure(folder)) is not None]
    click.echo(text(done))
    if not done or not all(one.found.is_sound for one in done):
        raise SystemExit(1)


def measure(folder: Path) -> Drafted | None:
    """Return what came of one folder; None where it is no bundle."""
    try:
        bundle = open_bundle(folder)
    except GroundwatchError:
        return None
    investigation = open_investigator().investigate(
        bundle.incident, bundle.telemetry, emit=lambda _: None, cancelled=threading.Event()
    )
    began = time.perf_counter()
    draft = draft_of(investigation)
    seconds = time.perf_counter() - began
    return Drafted(folder.name, checked(draft, investigation), seconds)


def text(done: Sequence[Drafted]) -> str:
    """Return all of it in words."""
    statements = sum(one.found.statements for one in done)
    questions = sum(one.found.questions for one in done)
    lines = [
        f"{len(done)} drafts, {statements} statements, {questions} of them questions for the team; unresolved "
        f"{sum(len(one.found.unresolved) for one in done)}, without support "
        f"{sum(len(one.found.unsupported) for one in done)}, numbers that nothing cited holds "
        f"{sum(len(one.found.invented) for one in done)}, gaps left out {sum(len(one.found.dropped) for one in done)}; "
        f"the slowest draft took {max((one.seconds for one in done), default=0.0):.3f} s"
    ]
    for one in done:
        problems = [*one.found.unresolved, *one.found.unsupported, *one.found.invented]
        lines += [f"{one.name}: {problem}" for problem in problems[:3]]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
