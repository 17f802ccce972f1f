"""How far the confidence of answers can be trusted, and what silence costs: fit a calibration and judge it unseen.

Every question is asked of the whole index, and again with its documents and their likes left out, when keeping silent
is right. A logistic model with an isotonic step is fitted on five folds by the right document's path; all figures are
of folds that fitting did not see, the first three means over six deals of the documents into folds. A sample of the
documents that the labels call wrong was read one by one, by a language model and not by engineers (evals/label_sheets);
those labels count, unless --raw is given. --write puts the calibration where answers read it.
"""

from collections.abc import Callable, Sequence
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
from evals.calibration_fit import DEALS, Judged, as_calibration, cross_validate, fit, label, spread
from evals.console import plain_errors, progress_line, split_names, table, write_json
from evals.corpus import CorpusSource, configured_embedder, open_bench
from evals.questions import QuestionSet, load_foreign_questions, load_questions
from evals.recording import RecordedEmbedder
from evals.reliability import aurc, best_aurc, brier_skill
from ingest.errors import UsageError

AUROC_BAR, ECE_BAR, SKILL_BAR = 0.90, 0.05, 1 / 3
ANSWERED_BAR, WITHHELD_BAR, FOREIGN_BAR = 0.90, 0.85, 0.95
_LEAST = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
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
class TradeOff:
    """What comes of answering from a probability on: shares of the answerable said, of the others and of questions on
    foreign products withheld.
    """

    least: float
    answered: float | None
    withheld: float | None
    foreign: float | None


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """One run; `skill` is by what share the Brier score is better than the base rate's."""

    calibration: Calibration
    read: int
    skill: float
    aurc: float
    best_aurc: float
    sets: tuple[SetOutcomes, ...]
    trade: tuple[TradeOff, ...]


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
        trade=tuple(_trade_off(judged, least) for least in _LEAST),
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
@click.option("--raw", is_flag=True, help="Leave the label sheets aside: only a question's own documents are right.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path | None,
    questions: Path | None,
    data_dir: Path,
    subset: tuple[str, ...],
    cases: Path | None,
    name: str,
    write: Path | None,
    raw: bool,
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
        labelled = label(found, [] if raw else load_sheets())
        judged = cross_validate(labelled)
        model = fit(labelled)
        again = [cross_validate(labelled, deal) for deal in range(1, DEALS)]
        calibration = as_calibration(
            model, judged, name=name, embedding_model=embedder.model, on=datetime.now(UTC).date(), again=again
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
    trade = [
        (f"{one.least:.2f}", *(_percent(share) for share in (one.answered, one.withheld, one.foreign)))
        for one in report.trade
    ]
    least = ", ".join(f"{outcome.value} from {value:.2f}" for outcome, value in thresholds(Costs()).items())
    return "\n\n".join(
        [
            f"{found.n:,} cases, {report.read} of them labelled by the sheets; {least}",
            table(("measure", "value", "bar", ""), figures),
            table(("said", "came out right", "n"), bins),
            table(
                ("set", "answerable", f"answered (≥ {ANSWERED_BAR:.0%})", "unanswerable", "withheld or partial"), rows
            ),
            table(("answer from", "answerable answered", "look-alikes withheld", "foreign withheld"), trade),
            f"bars: withheld ≥ {WITHHELD_BAR:.0%}, of foreign products ≥ {FOREIGN_BAR:.0%}",
        ]
    )


def _outcomes(name: str, judged: Sequence[Judged], costs: Costs) -> SetOutcomes:
    """Count outcomes by the costs; where a sheet calls another document right, the question is answerable by it."""
    members = [one for one in judged if name == "all" or one.labelled.case.set.value == name]
    good, bad = [one for one in members if _answerable(one)], [one for one in members if _unanswerable(one)]

    def said(one: Judged) -> bool:
        return outcome_for(one.probability, costs) in _SAID

    return SetOutcomes(name, len(good), _said(good, said), len(bad), _withheld(bad, said))


def _trade_off(judged: Sequence[Judged], least: float) -> TradeOff:
    def said(one: Judged) -> bool:
        return one.probability >= least

    good, bad = [one for one in judged if _answerable(one)], [one for one in judged if _unanswerable(one)]
    foreign = [one for one in bad if one.labelled.case.condition is Condition.FOREIGN]
    alike = [one for one in bad if one.labelled.case.condition is Condition.EXCLUDED]
    return TradeOff(least, _said(good, said), _withheld(alike, said), _withheld(foreign, said))


def _answerable(one: Judged) -> bool:
    return one.labelled.case.in_top or one.labelled.right


def _unanswerable(one: Judged) -> bool:
    return one.labelled.case.condition in (Condition.EXCLUDED, Condition.FOREIGN) and not one.labelled.right


def _said(members: Sequence[Judged], said: Callable[[Judged], bool]) -> float | None:
    """Return the share that is said; where a name asked for is missing an answer is at best partial."""
    total = sum(one.labelled.stands_for for one in members)
    count = sum(one.labelled.stands_for for one in members if not one.labelled.case.vetoed and said(one))
    return count / total if total else None


def _withheld(members: Sequence[Judged], said: Callable[[Judged], bool]) -> float | None:
    share = _said(members, said)
    return None if share is None else 1 - share


def _share(n: int, value: float | None) -> tuple[str, str]:
    return (f"{n}", _percent(value))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _verdict(passed: bool) -> str:
    return "pass" if passed else "FAIL"


if __name__ == "__main__":
    main()
