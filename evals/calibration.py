"""How far the confidence of answers can be trusted, and what silence costs: fit a calibration and judge it unseen.

Every question is asked of the whole index, and again with its documents and their likes left out, when keeping silent
is right. A logistic model with an isotonic step is fitted on five folds by the right document's path; all figures are
of folds that fitting did not see. Where people read a sample of the documents that the labels call wrong, their labels
count (evals/label_sheets). --write puts the calibration where answers read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from api.answering.answer import Outcome
from api.answering.answerer import Answerer
from api.answering.calibration import Calibration
from api.answering.ladder import Costs, outcome_for, thresholds
from api.retrieval.search import Searcher
from evals.answers import FOREIGN, Condition
from evals.calibration_cases import collect_cases, load_cases, load_sheets, save_cases
from evals.calibration_fit import Judged, as_calibration, cross_validate, fit, label, spread
from evals.console import plain_errors, progress_line, split_names, table, write_json
from evals.corpus import CorpusSource, configured_embedder, open_bench
from evals.questions import QuestionSet, load_foreign_questions, load_questions
from evals.recording import RecordedEmbedder
from evals.reliability import aurc, best_aurc, brier_skill
from ingest.errors import UsageError

AUROC_BAR, ECE_BAR, SKILL_BAR = 0.90, 0.05, 1 / 3
ANSWERED_BAR, WITHHELD_BAR, FOREIGN_BAR = 0.90, 0.85, 0.95
_SAID = (Outcome.ANSWERED, Outcome.CAVEAT)


@dataclass(frozen=True, slots=True)
class SetOutcomes:
    """Shares of one question set, of cases that no model saw: said where the right document was among the first five
    (`answered`), and withheld or partial where it was left out (`withheld`); n of each, and labels that were read.
    """

    set: str
    answerable: int
    answered: float | None
    unanswerable: int
    withheld: float | None


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """One run; `skill` is by what share the Brier score is better than the base rate's."""

    calibration: Calibration
    read: int
    skill: float
    aurc: float
    best_aurc: float
    sets: tuple[SetOutcomes, ...]


def measure_calibration(judged: Sequence[Judged], calibration: Calibration, costs: Costs) -> CalibrationReport:
    """Sum up what cross-validation gave."""
    p, y = spread(judged)
    names = [name.value for name in QuestionSet if any(one.labelled.case.set is name for one in judged)]
    return CalibrationReport(
        calibration=calibration,
        read=sum(one.labelled.read for one in judged),
        skill=brier_skill(p, y),
        aurc=aurc(p, y),
        best_aurc=best_aurc(y),
        sets=(_outcomes("all", judged, costs), *(_outcomes(name, judged, costs) for name in names)),
    )


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(path_type=Path), help="Folder of documents.")
@click.option("--questions", type=click.Path(path_type=Path), help="Folder of question files.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--subset", default="", callback=split_names, help="Only these folders of the corpus, a,b,c.")
@click.option("--cases", type=click.Path(path_type=Path), help="Keep the cases here, and take them from here if there.")
@click.option("--name", default="public runbooks and postmortems", show_default=True, help="Whose questions these are.")
@click.option("--write", type=click.Path(path_type=Path), help="Write the calibration to this file.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path | None,
    questions: Path | None,
    data_dir: Path,
    subset: tuple[str, ...],
    cases: Path | None,
    name: str,
    write: Path | None,
    json_file: Path | None,
) -> None:
    """Fit, judge and report."""
    with plain_errors():
        embedder = configured_embedder()
        if cases is None or not cases.exists():
            if corpus is None or questions is None:
                raise UsageError("give --corpus and --questions, or --cases with a file of an earlier run")
            asked = [*load_questions(questions, subset), *load_foreign_questions(FOREIGN)]
            bench = open_bench(data_dir, CorpusSource(corpus, subset=subset), embedder, progress_line)
            try:
                recorded = RecordedEmbedder(bench.workshop.embedder, bench.questions)
                found = collect_cases(Answerer(Searcher(bench.reader, recorded)), bench.reader, asked, progress_line)
            finally:
                bench.close()
            if cases is not None:
                save_cases(cases, found)
        else:
            found = load_cases(cases)
        labelled = label(found, load_sheets())
        judged = cross_validate(labelled)
        model = fit(labelled)
        calibration = as_calibration(
            model, judged, name=name, embedding_model=embedder.model, on=datetime.now(UTC).date()
        )
        report = measure_calibration(judged, calibration, Costs())
        click.echo(render(report))
        if write is not None:
            write.write_text(calibration.model_dump_json(indent=1) + "\n", encoding="utf-8")
            click.echo(f"written: {write}")
        if json_file:
            write_json(json_file, report)


def render(report: CalibrationReport) -> str:
    """Return the report as text."""
    found = report.calibration
    figures = [
        ("AUROC, right against wrong", f"{found.auroc:.3f}", f"≥ {AUROC_BAR:.2f}", _verdict(found.auroc >= AUROC_BAR)),
        ("expected calibration error", f"{found.ece:.3f}", f"≤ {ECE_BAR:.2f}", _verdict(found.ece <= ECE_BAR)),
        (
            f"Brier {found.brier:.3f}, always the base rate {found.brier_of_base_rate:.3f}: better by",
            f"{report.skill:.0%}",
            f"≥ {SKILL_BAR:.0%}",
            _verdict(report.skill >= SKILL_BAR),
        ),
        (f"area under the risk-coverage curve (at best {report.best_aurc:.3f})", f"{report.aurc:.3f}", "–", ""),
    ]
    bins = [(f"{one.predicted:.2f}", f"{one.observed:.2f}", f"{one.n}") for one in found.reliability]
    rows = [
        (one.set, *_share(one.answerable, one.answered), *_share(one.unanswerable, one.withheld)) for one in report.sets
    ]
    least = ", ".join(f"{outcome.value} from {value:.2f}" for outcome, value in thresholds(Costs()).items())
    return "\n\n".join(
        [
            f"{found.n:,} cases, {report.read} of them labelled by reading; {least}",
            table(("measure", "value", "bar", ""), figures),
            table(("said", "came out right", "n"), bins),
            table(
                ("set", "answerable", f"answered (≥ {ANSWERED_BAR:.0%})", "unanswerable", "withheld or partial"), rows
            ),
            f"bars: withheld ≥ {WITHHELD_BAR:.0%}, of foreign products ≥ {FOREIGN_BAR:.0%}",
        ]
    )


def _outcomes(name: str, judged: Sequence[Judged], costs: Costs) -> SetOutcomes:
    """Count outcomes; where people found another document right, the question counts as answerable by it."""
    members = [one for one in judged if name == "all" or one.labelled.case.set.value == name]
    good = [one for one in members if one.labelled.case.in_top or one.labelled.right]
    bad = [
        one
        for one in members
        if one.labelled.case.condition in (Condition.EXCLUDED, Condition.FOREIGN) and not one.labelled.right
    ]
    return SetOutcomes(name, len(good), _said(good, costs), len(bad), _not_said(bad, costs))


def _said(members: Sequence[Judged], costs: Costs) -> float | None:
    total = sum(one.labelled.stands_for for one in members)
    said = sum(one.labelled.stands_for for one in members if _is_said(one, costs))
    return said / total if total else None


def _is_said(one: Judged, costs: Costs) -> bool:
    """Tell whether a case is answered; where a name asked for is missing it is at best partial."""
    return not one.labelled.case.vetoed and outcome_for(one.probability, costs) in _SAID


def _not_said(members: Sequence[Judged], costs: Costs) -> float | None:
    said = _said(members, costs)
    return None if said is None else 1 - said


def _share(n: int, value: float | None) -> tuple[str, str]:
    return (f"{n}", "–" if value is None else f"{value:.0%}")


def _verdict(passed: bool) -> str:
    return "pass" if passed else "FAIL"


if __name__ == "__main__":
    main()
