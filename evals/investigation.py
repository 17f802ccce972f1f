"""Investigate recorded incidents and grade the answers: which component, which kind of fault, how sure, how fast.

Every case is ranked, and told a confidence, by weights that were fitted without its (service, kind) pair. Where a part
of the telemetry is hidden, --fit-on names the cases of a whole run, on which the weights are fitted then. --write puts
weights fitted on all cases into api/investigation/ranking.json and confidence.json. Nothing here reads a label before
an answer is given.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import click
import numpy as np

from api.investigation.conclusion import Conclusion, conclude
from api.investigation.confidence import Confidence, Costs
from api.investigation.kinds import KindModel
from api.investigation.observations import SourceClass
from api.investigation.ranking import CauseRanking
from api.investigation.verdicts import VerdictState
from evals.cause_confidence import Graded, fit_confidence, unseen_confidences
from evals.cause_kinds import fit_kinds, unseen_kinds
from evals.cause_ranking import RIDGE, Choice, choice_of, fit, unseen_rankings
from evals.console import plain_errors, progress_line, split_names, table, write_json
from evals.fault_terms import kind_is_right
from evals.investigation_cases import Case, kept, report_on
from evals.reliability import auroc, brier, expected_calibration_error, risk_coverage

_NO_COMPONENT = frozenset({"rootcausebench"})
"""Sets whose label is a change: the failing service is nearly always the alerting one, so it grades nothing."""

_RISK = 0.10
Trio = tuple[CauseRanking, Confidence, KindModel]
_RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What was concluded on a case, by models that never saw its pair; `rank` of the right component, 0 for none."""

    set: str
    name: str
    term: str
    healthy: bool
    baseline: bool
    rank: int
    kind_right: bool | None
    state: str
    confidence: float | None
    kind_confidence: float | None
    cause: str | None
    gaps: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SetReport:
    """How one set was answered; intervals are 95 % by bootstrap over cases."""

    set: str
    n: int
    ac1: float
    ac1_low: float
    ac1_high: float
    ac3: float
    ac5: float
    avg5: float
    mrr: float
    kind_too: float
    brier: float
    ece: float
    confirmed: float
    confirmed_wrong: float
    withheld: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """All of it: by set, pooled calibration, silence where nothing is wrong, and every answer."""

    sets: tuple[SetReport, ...]
    n: int
    brier: float
    constant_brier: float
    ece: float
    auroc: float
    coverage_at_risk: float
    confirmed_wrong: float
    healthy: int
    healthy_withheld: int
    healthy_confirmed: int
    no_baseline: int
    no_baseline_withheld: int
    gaps_named: int
    answers: tuple[Answer, ...]


def answers(cases: Sequence[Case], models: Sequence[Trio]) -> list[Answer]:
    """Conclude each case with its own models and grade it."""
    found: list[Answer] = []
    for case, (ranking, confidence, kinds) in zip(cases, models, strict=True):
        concluded = _concluded(case, ranking, confidence, kinds)
        verdict = concluded.verdict
        graded = bool(concluded.hypotheses)
        found.append(
            Answer(
                set=case.set,
                name=case.name,
                term=case.truth.term,
                healthy=case.truth.healthy,
                baseline=case.incident.baseline is not None,
                rank=_rank(case, ranking),
                kind_right=kind_is_right(concluded.hypotheses[0].kind, case.truth.term) if graded else None,
                state=verdict.state.value,
                confidence=verdict.component_right,
                kind_confidence=verdict.kind_right,
                cause=concluded.hypotheses[0].component if graded else None,
                gaps=len(case.gaps),
                seconds=case.seconds,
            )
        )
    return found


def summary(found: Sequence[Answer]) -> Report:
    """Sum up answers by set and over all."""
    faulty = [one for one in found if not one.healthy and one.baseline and one.set not in _NO_COMPONENT]
    p = np.array([one.confidence or 0.0 for one in faulty])
    y = np.array([float(one.rank == 1) for one in faulty])
    healthy = [one for one in found if one.healthy]
    bare = [one for one in found if not one.baseline]
    return Report(
        sets=tuple(_of_set(name, [one for one in faulty if one.set == name]) for name in _sets(faulty)),
        n=len(faulty),
        brier=brier(p, y),
        constant_brier=float(y.mean() * (1 - y.mean())),
        ece=expected_calibration_error(p, y),
        auroc=auroc(p, y) if 0 < y.mean() < 1 else float("nan"),
        coverage_at_risk=_coverage(p, y),
        confirmed_wrong=_share([one.state == "confirmed" and one.rank != 1 for one in [*faulty, *healthy, *bare]]),
        healthy=len(healthy),
        healthy_withheld=sum(one.state in {"nothing_wrong", "inconclusive"} for one in healthy),
        healthy_confirmed=sum(one.state == "confirmed" for one in healthy),
        no_baseline=len(bare),
        no_baseline_withheld=sum(one.state == "inconclusive" or (one.confidence or 0) <= 0.5 for one in bare),
        gaps_named=sum(one.gaps > 0 for one in found),
        answers=tuple(found),
    )


@click.command(help=__doc__)
@click.option("--cases", type=click.Path(path_type=Path), required=True, help="Folder of folders of cases.")
@click.option("--sets", default="", callback=split_names, help="Only these folders, a,b,c.")
@click.option("--without", default="", callback=split_names, help="Hide classes of sources: metric,log,trace,change.")
@click.option("--hide-cause", is_flag=True, help="Hide all telemetry of the component at fault.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep what specialists reported in this file, or use it.")
@click.option("--fit-on", type=click.Path(path_type=Path), help="Fit on the cases that a run with --keep kept there.")
@click.option("--json", "to_json", type=click.Path(path_type=Path), help="Write the report there.")
@click.option("--write", is_flag=True, help="Put models fitted on all cases into api/investigation/.")
def main(
    cases: Path,
    sets: tuple[str, ...],
    without: tuple[str, ...],
    hide_cause: bool,
    keep: Path | None,
    fit_on: Path | None,
    to_json: Path | None,
    write: bool,
) -> None:
    """Report, and write where asked to."""
    with plain_errors():
        found = _cases(cases, sets, without, hide_cause, keep)
        models = _models(_cases(cases, (), (), False, fit_on) if fit_on else found, cases)
        report = summary(answers(found, [models.of(case) for case in found]))
        click.echo(_text(report))
        if to_json:
            write_json(to_json, report)
        if write:
            _write(*models.whole)


@dataclass(frozen=True, slots=True)
class _Models:
    """Models fitted on all cases, and for each case those that were fitted without its fold."""

    whole: Trio
    unseen: Mapping[str, Trio]

    def of(self, case: Case) -> Trio:
        return self.unseen.get(case.name, self.whole)


def _models(fitting: Sequence[Case], cases: Path) -> _Models:
    choices = [choice_of(case) for case in fitting if case.set not in _NO_COMPONENT]
    origin = _origin(choices, cases)
    rankings, kinds = unseen_rankings(choices), unseen_kinds(choices)
    graded = _graded(choices, rankings, kinds)
    confidence = fit_confidence(graded, origin=origin)
    by_fold = {one.fold: model for one, model in zip(graded, unseen_confidences(graded), strict=True)}
    unseen = {
        choice.case.name: (ranking, by_fold.get(choice.fold, confidence), kind)
        for choice, ranking, kind in zip(choices, rankings, kinds, strict=True)
    }
    return _Models((fit(choices, origin=origin), confidence, fit_kinds(choices, origin=origin)), unseen)


def _cases(cases: Path, sets: tuple[str, ...], without: tuple[str, ...], hidden: bool, keep: Path | None) -> list[Case]:
    folders = sorted(one for one in cases.iterdir() if one.is_dir() and (not sets or one.name in sets))
    classes = frozenset(SourceClass(one) for one in without)
    progress = progress_line if sys.stderr.isatty() else _quiet

    def make() -> "Sequence[Case]":
        return list(report_on(folders, progress, without=classes, guilty_hidden=hidden))

    return kept(keep, lambda: iter(make())) if keep else list(make())


def _quiet(_stage: str, _done: int, _total: int) -> None:
    return


def _origin(choices: Sequence[Choice], cases: Path) -> str:
    n = sum(one.teaches for one in choices)
    return f"python -m evals.investigation --cases {cases.name}, {n} cases with a fault, ridge {RIDGE}"


def _concluded(
    case: Case, ranking: CauseRanking, confidence: Confidence | None, kinds: KindModel | None = None
) -> Conclusion:
    return conclude(
        case.incident,
        [finding for report in case.reports for finding in report.findings],
        case.gaps,
        [call for report in case.reports for call in report.calls],
        ranking=ranking,
        confidence=confidence,
        costs=Costs(),
        kinds=kinds,
    )


def _graded(choices: Sequence[Choice], rankings: Sequence[CauseRanking], kinds: Sequence[KindModel]) -> list[Graded]:
    found: list[Graded] = []
    for choice, ranking, model in zip(choices, rankings, kinds, strict=True):
        if not choice.teaches or choice.case.set in _NO_COMPONENT:
            continue
        concluded = _concluded(choice.case, ranking, None, model)
        if concluded.standing is None:
            continue
        first = concluded.hypotheses[0]
        found.append(
            Graded(
                standing=concluded.standing,
                component_right=first.component == choice.case.truth.component,
                kind_right=bool(kind_is_right(first.kind, choice.case.truth.term)),
                set=choice.case.set,
                fold=choice.fold,
            )
        )
    return found


def _rank(case: Case, ranking: CauseRanking) -> int:
    names = [one.candidate.component for one in ranking.rank(choice_of(case).candidates)]
    return names.index(case.truth.component) + 1 if case.truth.component in names else 0


def _of_set(name: str, own: Sequence[Answer]) -> SetReport:
    ranks = np.array([one.rank or 10_000 for one in own])
    p = np.array([one.confidence or 0.0 for one in own])
    y = (ranks == 1).astype(float)
    generator = np.random.default_rng(0)
    resampled = [float(y[generator.integers(0, len(y), len(y))].mean()) for _ in range(_RESAMPLES)]
    low, high = np.quantile(resampled, [0.025, 0.975])
    confirmed = [one.state == VerdictState.CONFIRMED for one in own]
    return SetReport(
        set=name,
        n=len(own),
        ac1=float(y.mean()),
        ac1_low=float(low),
        ac1_high=float(high),
        ac3=float((ranks <= 3).mean()),
        ac5=float((ranks <= 5).mean()),
        avg5=float(np.mean([(ranks <= k).mean() for k in range(1, 6)])),
        mrr=float((1 / ranks).mean()),
        kind_too=_share([one.rank == 1 and bool(one.kind_right) for one in own]),
        brier=brier(p, y),
        ece=expected_calibration_error(p, y),
        confirmed=_share(confirmed),
        confirmed_wrong=_share([sure and one.rank != 1 for sure, one in zip(confirmed, own, strict=True)]),
        withheld=_share([one.state in {"inconclusive", "nothing_wrong"} for one in own]),
        seconds=float(np.median([one.seconds for one in own])),
    )


def _sets(found: Sequence[Answer]) -> list[str]:
    return sorted({one.set for one in found})


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _coverage(
    p: np.ndarray[tuple[int], np.dtype[np.float64]], y: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> float:
    """Return the largest share of cases that can be answered, surest first, with at most 10 % of them wrong."""
    return max((one.coverage for one in risk_coverage(p, y) if one.risk <= _RISK), default=0.0)


def _text(report: Report) -> str:
    header = (
        "set", "n", "AC@1 (95 %)", "AC@3", "AC@5", "Avg@5", "MRR", "+kind", "Brier", "ECE", "confirmed", "wrong",
        "none", "s",
    )  # fmt: skip
    rows = [
        (
            one.set, str(one.n), f"{one.ac1:.2f} ({one.ac1_low:.2f}-{one.ac1_high:.2f})", f"{one.ac3:.2f}",
            f"{one.ac5:.2f}", f"{one.avg5:.2f}", f"{one.mrr:.2f}", f"{one.kind_too:.2f}", f"{one.brier:.3f}",
            f"{one.ece:.3f}", f"{one.confirmed:.2f}", f"{one.confirmed_wrong:.3f}", f"{one.withheld:.2f}",
            f"{one.seconds:.2f}",
        )
        for one in report.sets
    ]  # fmt: skip
    return "\n".join(
        (
            table(header, rows),
            "",
            f"pooled over {report.n}: Brier {report.brier:.3f} (constant {report.constant_brier:.3f}), "
            f"ECE {report.ece:.3f}, AUROC {report.auroc:.3f}, "
            f"coverage at {_RISK:.0%} risk {report.coverage_at_risk:.2f}",
            f"confirmed but wrong: {report.confirmed_wrong:.3f} of all",
            f"healthy: {report.healthy_withheld} of {report.healthy} withheld, {report.healthy_confirmed} confirmed; "
            f"without baseline: {report.no_baseline_withheld} of {report.no_baseline} withheld or p <= .5",
            f"a gap is named in {report.gaps_named} of {len(report.answers)} cases",
        )
    )


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
