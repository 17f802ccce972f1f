"""Suites of kind `scripted`: measured by a module of their own, and brought into the form of the others."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from evals.quality.results import CaseResult, Measured

if TYPE_CHECKING:
    from evals import adversarial

Script = Callable[[Path], Measured]


def _misbehaving(work_dir: Path) -> Measured:
    from evals.adversarial import measure_adversarial

    return _of_scripted_model(measure_adversarial(work_dir))


def _honest(work_dir: Path) -> Measured:
    from evals.adversarial import measure_honest

    return _of_scripted_model(measure_honest(work_dir))


def _hostile(work_dir: Path) -> Measured:
    from evals.adversarial import measure_hostile

    return _of_scripted_model(measure_hostile(work_dir))


def _followups(_work_dir: Path) -> Measured:
    from evals.followups import HALVES

    return Measured(tuple(case for half in HALVES for case in _followup_cases(half)))


SCRIPTS: Mapping[str, Script] = {
    "misbehaving model": _misbehaving,
    "honest model": _honest,
    "hostile documents": _hostile,
    "followups": _followups,
}
"""What a suite may name as its script; each is given a folder to work in."""


def _of_scripted_model(report: "adversarial.SuiteReport") -> Measured:
    return Measured(tuple(_scripted_case(one, kept=report.right > 0) for one in report.results))


def _scripted_case(result: "adversarial.CaseResult", *, kept: bool) -> CaseResult:
    values = {
        "nothing unsupported shown": float(not result.shown),
        "comes out as the case says": float(result.passed),
    }
    if kept and result.statements:
        values["right statements kept"] = 1 - len(result.lost) / result.statements
    faults = [*(f"shown: {text}" for text in result.shown), *result.faults, *(f"lost: {text}" for text in result.lost)]
    return CaseResult(
        id=result.id,
        group=result.kind,
        question=result.id.replace("-", " "),
        values=values,
        outcome="fell back" if result.fallback else "",
        faults=tuple(faults),
    )


def _followup_cases(half: str) -> Iterator[CaseResult]:
    from evals.followups import judge_case, load_cases

    for judged in map(judge_case, load_cases(half)):
        name = "follow-up resolved" if judged.case.follow_up else "standalone question left alone"
        yield CaseResult(
            id=judged.case.id,
            group=half,
            question=judged.case.question,
            values={name: float(not judged.complaint)},
            expected=tuple(judged.case.holds) or (("left alone",) if not judged.case.follow_up else ()),
            found=(judged.reading.asked_as,) if judged.reading.asked_as else (),
            outcome="resolved" if judged.reading.asked_as else "left alone",
            faults=(judged.complaint,) if judged.complaint else (),
        )
