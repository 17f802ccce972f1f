"""Which change is blamed on recorded incidents: right ones, decoys, and silence where no change is the cause.

Besides the cases as they are, the same ones are examined with the guilty change hidden (then nothing is to be blamed),
with one kind of input taken away, and with one rule switched off. Nothing is fitted, and no label is read before an
answer is given; but the rules were written by someone who had read these cases: a development set, no test.
"""

import json
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import click

from api.investigating.parts import open_investigator
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget
from api.investigation.suspects.blame import Rules
from api.investigation.suspects.examining import changes_before, examine
from api.investigation.telemetry import Happening, Telemetry
from api.telemetry.ablation import WithoutModality
from api.telemetry.bundles import open_cases
from evals.console import plain_errors, progress_line, table
from evals.investigation_cases import Truth, read_truths
from evals.proportions import Proportion, proportion

_NONE = "none"
_SECONDS, _ROWS = 120.0, 50_000_000


@dataclass(frozen=True, slots=True)
class CommitCase:
    """One case with its label; `truth.change` is none where no change is the cause."""

    incident: Incident
    telemetry: Telemetry
    truth: Truth

    @property
    def guilty(self) -> str | None:
        """The change that the label names."""
        return None if self.truth.change in {None, _NONE} else self.truth.change


@dataclass(frozen=True, slots=True)
class Blame:
    """What was answered on one case: the change that is blamed and the one that stands first among suspects."""

    case: str
    guilty: str | None
    blamed: str | None
    first: str | None
    decoy: bool
    why: str


@dataclass(frozen=True, slots=True)
class Score:
    """How a variant did: `right` of the cases with a guilty change, `first` where it stands first, blamed or not.

    `silent` is of the cases without one. `decoys` are cases in which a change that the label calls a decoy is blamed,
    `wrong` those in which any innocent one is.
    """

    variant: str
    right: Proportion | None
    first: Proportion | None
    silent: Proportion | None
    decoys: int
    wrong: int


@dataclass(frozen=True, slots=True)
class CommitReport:
    """The score of each variant, the answers as they are, and what whole investigations name in their conclusion."""

    scores: tuple[Score, ...]
    blames: tuple[Blame, ...]
    concluded: Score


Variant = Callable[[CommitCase, list[Happening]], tuple[CommitCase, list[Happening]]]


def read_cases(folder: Path) -> list[CommitCase]:
    """Return the cases of a folder that say which change is the cause."""
    truths = read_truths(folder)
    return [CommitCase(one.incident, one.telemetry, truths[one.name]) for one in open_cases(folder)]


def blame(case: CommitCase, rules: Rules, vary: Variant | None = None) -> Blame:
    """Examine one case, after `vary` has taken something away from it."""
    given = Brief(case.incident, case.telemetry, Budget(_SECONDS, _ROWS))
    changes, events = changes_before(given)
    if vary is not None:
        case, changes = vary(case, changes)
    given = Brief(case.incident, case.telemetry, Budget(_SECONDS, _ROWS))
    weighed = examine(given, changes, events, rules).weighed
    blamed = weighed.blamed.change.ref if weighed.blamed else None
    first = next((one.change.ref for one in weighed.suspects if one.score > 0), None)
    return Blame(case.incident.id, case.guilty, blamed, first, blamed in case.truth.decoys, weighed.why)


def score(variant: str, blames: Sequence[Blame]) -> Score:
    """Count right, silent and wrong answers."""
    guilty = [one for one in blames if one.guilty]
    innocent = [one for one in blames if not one.guilty]
    return Score(
        variant,
        proportion([one.blamed == one.guilty for one in guilty]) if guilty else None,
        proportion([one.first == one.guilty for one in guilty]) if guilty else None,
        proportion([one.blamed is None for one in innocent]) if innocent else None,
        sum(one.decoy for one in blames),
        sum(one.blamed is not None and one.blamed != one.guilty for one in blames),
    )


def measure(cases: Sequence[CommitCase]) -> CommitReport:
    """Examine all cases in every variant."""
    variants: dict[str, tuple[Rules, Variant | None]] = {
        "as recorded": (Rules(), None),
        **{name: (Rules(), vary) for name, vary in VARIANTS.items()},
        "guilty ones of others added": (Rules(), strangers(cases, hidden=False)),
        "... and the own one hidden": (Rules(), strangers(cases, hidden=True)),
        **{f"off: {one.name}": (replace(Rules(), **{one.name: False}), None) for one in fields(Rules)},
        **{f"off, hidden: {one.name}": (replace(Rules(), **{one.name: False}), _hidden) for one in fields(Rules)},
        "words only": (replace(Rules(), mechanism=False, outside=False), None),
    }
    scores: list[Score] = []
    blames: list[Blame] = []
    for number, (name, (rules, vary)) in enumerate(variants.items(), start=1):
        found = [blame(case, rules, vary) for case in cases]
        blames = blames or found
        scores.append(score(name, found))
        progress_line("variants", number, len(variants))
    return CommitReport(tuple(scores), tuple(blames), score("in the conclusion", [_concluded(one) for one in cases]))


def _concluded(case: CommitCase) -> Blame:
    """Return the change that the first hypothesis of a whole investigation names."""
    investigation = open_investigator().investigate(
        case.incident, case.telemetry, emit=lambda _: None, cancelled=threading.Event()
    )
    first = investigation.hypotheses[0] if investigation.hypotheses else None
    named = first.change if first else None
    return Blame(case.incident.id, case.guilty, named, named, named in case.truth.decoys, "")


def _hidden(case: CommitCase, changes: list[Happening]) -> tuple[CommitCase, list[Happening]]:
    """Hide the guilty change and its deployment: what is left is innocent."""
    kept = [one for one in changes if not one.ref or one.ref != case.guilty]
    return replace(case, truth=replace(case.truth, change=None)), kept


def strangers(cases: Sequence[CommitCase], *, hidden: bool) -> Variant:
    """Return a variant that adds the guilty changes of all other cases, deployed at the symptom before it.

    They do harm, but not this one. With `hidden` the case's own guilty change is taken away as well.
    """
    guilty: list[Happening] = []
    for case in cases:
        changes, _ = changes_before(Brief(case.incident, case.telemetry, Budget(_SECONDS, _ROWS)))
        guilty.extend(one for one in changes if one.kind == "commit" and one.ref == case.guilty)

    def vary(case: CommitCase, changes: list[Happening]) -> tuple[CommitCase, list[Happening]]:
        at, where = case.incident.window.start, case.incident.symptom.component
        added = [replace(one, at=at) for one in guilty if one.ref != case.guilty]
        carried = [replace(one, kind="deploy", component=where, title="deploy", detail="") for one in added]
        own = _hidden(case, changes) if hidden else (case, changes)
        return own[0], [*own[1], *added, *carried]

    return vary


def _untitled(case: CommitCase, changes: list[Happening]) -> tuple[CommitCase, list[Happening]]:
    return case, [replace(one, title="change") if one.kind == "commit" else one for one in changes]


def _wordless(case: CommitCase, changes: list[Happening]) -> tuple[CommitCase, list[Happening]]:
    symptom = replace(case.incident.symptom, text="", alert=None)
    return replace(case, incident=replace(case.incident, symptom=symptom)), changes


def _undeployed(case: CommitCase, changes: list[Happening]) -> tuple[CommitCase, list[Happening]]:
    return case, [one for one in changes if one.kind != "deploy"]


def _without(source: SourceClass) -> Variant:
    def vary(case: CommitCase, changes: list[Happening]) -> tuple[CommitCase, list[Happening]]:
        left = WithoutModality(case.telemetry, frozenset({source}), frozenset())
        return replace(case, telemetry=left), changes

    return vary


VARIANTS: dict[str, Variant] = {
    "guilty change hidden": _hidden,
    "no titles of commits": _untitled,
    "no text of the alert": _wordless,
    "no deployments": _undeployed,
    "no logs": _without(SourceClass.LOG),
    "no metrics": _without(SourceClass.METRIC),
}
"""What is taken away from every case, by name."""


@click.command(help=__doc__)
@click.option(
    "--cases",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of cases that name the guilty change.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
def main(cases: Path, *, as_json: bool) -> None:
    """Measure and print."""
    with plain_errors():
        report = measure(read_cases(cases))
    if as_json:
        json.dump(asdict(report), sys.stdout, indent=2)
        print()
        return
    rows = [_row(one) for one in (*report.scores, report.concluded)]
    print(table(("variant", "right blamed", "right first", "silent on none", "decoys", "innocent"), rows))
    print()
    answers = [(one.case, (one.guilty or _NONE)[:8], (one.blamed or _NONE)[:8], one.why[:90]) for one in report.blames]
    print(table(("case", "guilty", "blamed", "why none"), answers))


def _row(one: Score) -> tuple[str, ...]:
    told = [str(part) if part else "-" for part in (one.right, one.first, one.silent)]
    return (one.variant, *told, str(one.decoys), str(one.wrong))


if __name__ == "__main__":
    main()
