"""Grade causal chains: hops that are observed calls, anomalies cited at each, and whom the fault affected.

No set labels a whole chain, so structure is graded: it begins at the component at fault, ends where the symptom shows,
each hop is an observed call, and each node has an anomaly with rows of its own. Whom a fault affected is compared with
the label where a set has one (rootcausebench). Elsewhere, where there are spans or metrics, it is compared with a
proxy: the callers whose own telemetry moved, by a criterion that the engine does not use; that is no label.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from api.investigation.call_graph import CallGraph
from api.telemetry.bundles import open_cases
from evals.bootstrap import Interval
from evals.console import plain_errors, progress_line, split_names, write_json
from evals.investigation_affected import affected
from evals.investigation_cases import Case, kept, report_on
from evals.investigation_chain_grades import ChainGrade, ChainGroup, graded, grouped_grades
from evals.investigation_models import fit_models
from ingest.errors import UsageError


@dataclass(frozen=True, slots=True)
class ChainMeasures:
    """All sets together, each set, and each case."""

    pooled: ChainGroup
    sets: tuple[ChainGroup, ...]
    cases: tuple[ChainGrade, ...]


@click.command(help=__doc__)
@click.option("--cases", type=click.Path(path_type=Path), required=True, help="Folder of folders of cases.")
@click.option("--sets", default="", callback=split_names, help="Only these folders, a,b,c.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep what specialists reported in this file, or use it.")
@click.option("--json", "to_json", type=click.Path(path_type=Path), help="Write the measures there.")
def main(cases: Path, sets: tuple[str, ...], keep: Path | None, to_json: Path | None) -> None:
    """Measure, and write where asked to."""
    with plain_errors():
        found = measures(cases, sets, keep)
        click.echo(text(found))
        if to_json:
            write_json(to_json, found)


def measures(cases: Path, sets: tuple[str, ...], keep: Path | None) -> ChainMeasures:
    """Let specialists look at all cases and grade the chains. Raises UsageError where no case has a fault."""
    folders = _folders(cases, sets)

    def make() -> list[Case]:
        return list(report_on(folders, progress_line if sys.stderr.isatty() else _quiet))

    looked = kept(keep, lambda: iter(make())) if keep else make()
    looked = [one for one in looked if not sets or one.set in sets]
    grades = graded(looked, fit_models(looked, cases.name), _Told(folders))
    if not grades:
        raise UsageError("no case with a fault was answered; give more --sets")
    names = sorted({one.set for one in grades})
    groups = tuple(grouped_grades(name, [one for one in grades if one.set == name]) for name in names)
    return ChainMeasures(grouped_grades("all", grades), groups, tuple(grades))


def text(found: ChainMeasures) -> str:
    """Write the measures as a table, one set a line."""
    head = f"{'set':16} {'n':>4}  {'hops observed':>24}  {'right, chained':>22}  {'all cited':>22}"
    lines = [f"{head}  {'affected, label':>22}  {'right only':>22}  {'cause given':>22}  {'proxy':>22}"]
    for one in (*found.sets, found.pooled):
        shares = (
            _share(one.chained, one.needed),
            _share(one.cited, one.needed),
            _share(one.labelled, one.labelled_n),
            _share(one.labelled_right, one.labelled_right_n),
            _share(one.labelled_given, one.labelled_n),
            _share(one.moved, one.moved_n),
        )
        cells = "  ".join(f"{each:>22}" for each in shares)
        lines.append(f"{one.name:16} {one.n:>4}  {_share(one.observed, one.hops):>24}  {cells}")
    without = found.pooled.right - found.pooled.needed
    lines.append(
        f"{found.pooled.right} right answers; {without} need no chain: the symptom shows at the cause, or has no place "
        "and no caller is in trouble"
    )
    return "\n".join(lines)


class _Told:
    """Whom a fault affected by the criterion on the case's own telemetry."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._open = {
            (folder.name, one.name): one for folder in folders for one in open_cases(folder) if _has_raw(folder)
        }

    def __call__(self, case: Case, graph: CallGraph) -> tuple[str, ...] | None:
        bundle = self._open.get((case.set, case.name))
        if bundle is None or case.truth.component is None:
            return None
        return affected(case.truth.component, graph, bundle.incident, bundle.telemetry)


def _has_raw(folder: Path) -> bool:
    """Tell whether a set has telemetry of its own for each case, and not alerts alone."""
    return any(folder.glob("*/case.json"))


def _folders(cases: Path, sets: tuple[str, ...]) -> list[Path]:
    try:
        found = sorted(one for one in cases.iterdir() if one.is_dir() and (not sets or one.name in sets))
    except OSError as error:
        raise UsageError(f"cannot read {str(cases)!r}: {error.strerror}; check --cases") from error
    if not found:
        raise UsageError(f"{str(cases)!r} holds no folder of cases{' of that name' if sets else ''}; check --sets")
    return found


def _share(one: Interval | None, n: int) -> str:
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}] n {n}" if one is not None else "-"


def _quiet(_stage: str, _done: int, _total: int) -> None:
    return


if __name__ == "__main__":
    main()
