"""Investigate recorded incidents and grade the answers: which component, which kind of fault, how sure, how fast.

Every case is ranked, and told a confidence, by weights that were fitted without its (service, kind) pair; with
--new-systems without its whole set, as a system that no weight has seen. Where a part
of the telemetry is hidden, --fit-on names the cases of a whole run, on which the weights are fitted then. --ablations
hides each part in turn and compares with the whole. --report writes tables and drawings into a folder; --write puts
weights fitted on all cases into api/investigation/ranking.json and confidence.json. Nothing here reads a label before
an answer is given.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import click

from api.investigation.confidence import Confidence
from api.investigation.kinds import KindModel
from api.investigation.observations import SourceClass
from api.investigation.ranking import CauseRanking
from evals.console import plain_errors, progress_line, split_names, write_json
from evals.investigation_ablations import Ablation, ablated
from evals.investigation_cases import Case, kept, report_on
from evals.investigation_grades import answers, summary
from evals.investigation_models import fit_models
from evals.investigation_report import Measures, text
from evals.investigation_report import write as write_report
from evals.investigation_strangers import strangers_text, told_to_strangers
from ingest.errors import UsageError


@click.command(help=__doc__)
@click.option("--cases", type=click.Path(path_type=Path), required=True, help="Folder of folders of cases.")
@click.option("--sets", default="", callback=split_names, help="Only these folders, a,b,c.")
@click.option("--without", default="", callback=split_names, help="Hide classes of sources: metric,log,trace,change.")
@click.option("--hide-cause", is_flag=True, help="Hide all telemetry of the component at fault.")
@click.option("--new-systems", is_flag=True, help="Answer each set by weights that saw none of its cases.")
@click.option("--ablations", is_flag=True, help="Hide each part in turn too, and compare with the whole.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep what specialists reported in this file, or use it.")
@click.option("--fit-on", type=click.Path(path_type=Path), help="Fit on the cases that a run with --keep kept there.")
@click.option("--json", "to_json", type=click.Path(path_type=Path), help="Write the measures there.")
@click.option("--report", "folder", type=click.Path(path_type=Path), help="Write Markdown, JSON and drawings there.")
@click.option("--write", is_flag=True, help="Put models fitted on all cases into api/investigation/.")
def main(
    cases: Path,
    sets: tuple[str, ...],
    without: tuple[str, ...],
    hide_cause: bool,
    new_systems: bool,
    ablations: bool,
    keep: Path | None,
    fit_on: Path | None,
    to_json: Path | None,
    folder: Path | None,
    write: bool,
) -> None:
    """Measure, and write where asked to."""
    with plain_errors():
        if ablations and (without or hide_cause):
            raise UsageError("--ablations compares with the whole; leave --without and --hide-cause out")
        folders = _folders(cases, sets)
        found = _cases(folders, Ablation("", _classes(without), hide_cause), None, keep)
        fitting = _cases(_folders(cases, ()), Ablation("whole"), None, fit_on) if fit_on else found
        models = fit_models(fitting, cases.name, by_set=new_systems)

        def look(ablation: Ablation, names: frozenset[str]) -> Sequence[Case]:
            return _cases(folders, ablation, names, _beside(keep, ablation))

        given = answers(found, models)
        if not any(one.graded for one in given):
            raise UsageError("no case has a component to be found; give more --sets")
        measures = Measures(summary(given), ablated(found, models, look) if ablations else ())
        click.echo(text(measures))
        if new_systems:
            click.echo(strangers_text(told_to_strangers(found, models)))
        if to_json:
            write_json(to_json, measures)
        if folder:
            write_report(measures, folder)
        if write:
            _write(*models.whole)


def _folders(cases: Path, sets: tuple[str, ...]) -> list[Path]:
    """Return the folders of cases by name. Raises UsageError where there are none."""
    try:
        found = sorted(one for one in cases.iterdir() if one.is_dir() and (not sets or one.name in sets))
    except OSError as error:
        raise UsageError(f"cannot read {str(cases)!r}: {error.strerror}; check --cases") from error
    if not found:
        raise UsageError(f"{str(cases)!r} holds no folder of cases{' of that name' if sets else ''}; check --sets")
    return found


def _classes(names: Sequence[str]) -> frozenset[SourceClass]:
    wrong = [name for name in names if name not in set(SourceClass)]
    if wrong:
        raise UsageError(f"--without {wrong[0]!r} is no class of sources; there are {', '.join(SourceClass)}")
    return frozenset(SourceClass(name) for name in names)


def _cases(
    folders: Sequence[Path], ablation: Ablation, names: frozenset[str] | None, keep: Path | None
) -> Sequence[Case]:
    progress = progress_line if sys.stderr.isatty() else _quiet

    def make() -> list[Case]:
        looked = report_on(folders, progress, without=ablation.hidden, guilty_hidden=ablation.cause, only=names)
        return list(looked)

    return kept(keep, lambda: iter(make())) if keep else make()


def _beside(keep: Path | None, ablation: Ablation) -> Path | None:
    """Return the file for the cases of an ablation, beside that for the whole ones."""
    return keep.with_name(f"{keep.stem}-{ablation.name.replace(' ', '-')}{keep.suffix}") if keep else None


def _quiet(_stage: str, _done: int, _total: int) -> None:
    return


def _write(ranking: CauseRanking, confidence: Confidence, kinds: KindModel) -> None:
    folder = Path(str(files("api.investigation").joinpath("")))
    for name, record in (
        ("ranking.json", {"origin": ranking.origin, "weights": dict(sorted(ranking.weights.items()))}),
        ("confidence.json", asdict(confidence)),
        ("kinds.json", asdict(kinds)),
    ):
        (folder / name).write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        click.echo(f"written: {folder / name}")


if __name__ == "__main__":
    main()
