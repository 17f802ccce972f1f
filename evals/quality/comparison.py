"""A run beside the last one that asked the same: what got better, what got worse, and what moved within noise."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from api.evaluations import EvaluationHistory
from api.schemas.comparisons import Change, Comparison, SuiteComparison
from api.schemas.evaluations import EvaluationReport, Score, SuiteReport
from api.schemas.score_words import described, worsened
from evals.bootstrap import Interval, difference_interval, metric_difference
from evals.quality.history import KeptCase, read_cases
from evals.quality.metrics import CONFIDENCE, CONFIRMED, metric_named

_SHARE = 0.5
"""Share of the smaller run's cases that both must have to be compared."""

Pair = tuple[KeptCase, KeptCase]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run of a suite, with its cases and those of them that the later run has too."""

    report: EvaluationReport
    suite: SuiteReport
    cases: Sequence[KeptCase]
    pairs: Sequence[Pair]


def compare(history: EvaluationHistory, report: EvaluationReport, cases: Sequence[KeptCase]) -> Comparison:
    """Compare each suite of a run with the newest earlier run that asked at least half the same questions."""
    earlier = [one for one in history.ids() if one < report.id]
    found = [
        _suite_comparison(report, suite, before)
        for suite in report.suites
        if not suite.skipped
        and (before := _earlier(history, earlier, suite.name, [c for c in cases if c.suite == suite.name])) is not None
    ]
    return Comparison(id=report.id, suites=found)


def regressions(comparison: Comparison) -> list[str]:
    """Return in words what got worse beyond noise."""
    return [f"{suite.suite}: {described(change)}" for suite in comparison.suites for change in worsened(suite.changes)]


def _earlier(history: EvaluationHistory, runs: Sequence[str], suite: str, cases: Sequence[KeptCase]) -> Earlier | None:
    now = {(case.id, case.question): case for case in cases}
    for run in runs:
        before = [case for case in read_cases(history, run) if case.suite == suite]
        pairs = [(case, now[key]) for case in before if (key := (case.id, case.question)) in now]
        if not before or len(pairs) < _SHARE * min(len(before), len(cases)):
            continue
        report = next((one for one in history.readable() if one.id == run), None)
        part = next((one for one in report.suites if one.name == suite), None) if report else None
        if report is not None and part is not None:
            return Earlier(report, part, before, pairs)
    return None


def _suite_comparison(report: EvaluationReport, suite: SuiteReport, before: Earlier) -> SuiteComparison:
    return SuiteComparison(
        suite=suite.name,
        against=before.report.id,
        against_started_at=before.report.started_at,
        cases=len(before.pairs),
        changes=[change for score in suite.scores if _is_compared(score) for change in _change(score, before.pairs)],
        newly_failed=[now.id for then, now in before.pairs if now.failed and not then.failed],
        mended=[now.id for then, now in before.pairs if then.failed and not now.failed],
        note=_note(report, suite, before),
    )


def _is_compared(score: Score) -> bool:
    """Only what is about the whole suite or has a bar: among hundreds of small groups some always look worse."""
    return metric_named(score.name).compared and (not score.group or score.bar is not None)


def _change(score: Score, pairs: Sequence[Pair]) -> Iterator[Change]:
    metric = metric_named(score.name)
    needed = (CONFIDENCE, CONFIRMED) if metric.over is not None else (metric.name,)
    both = [
        (then.values, now.values)
        for then, now in pairs
        if (not score.group or now.group == score.group)
        and all(name in then.values and name in now.values for name in needed)
    ]
    if not both:
        return
    then_columns = [[then[name] for then, _ in both] for name in needed]
    now_columns = [[now[name] for _, now in both] for name in needed]
    try:
        before, after = (_value(metric.over, columns) for columns in (then_columns, now_columns))
        difference = _difference(metric.over, then_columns, now_columns)
    except ValueError:
        return  # a metric that one of the runs does not define, such as an AUROC of one class
    yield Change(
        name=score.name,
        group=score.group,
        before=before,
        after=after,
        difference=difference.value,
        low=difference.low,
        high=difference.high,
        n=len(both),
        verdict=_verdict(difference, score.better),
    )


def _value(over: Callable[..., float] | None, columns: Sequence[Sequence[float]]) -> float:
    return over(*columns) if over is not None else fmean(columns[0])


def _difference(
    over: Callable[..., float] | None, then: Sequence[Sequence[float]], now: Sequence[Sequence[float]]
) -> Interval:
    return metric_difference(over, then, now) if over is not None else difference_interval(then[0], now[0])


def _verdict(difference: Interval, better: Literal["higher", "lower"]) -> Literal["better", "worse", "equal"]:
    if difference.low <= 0 <= difference.high:
        return "equal"
    return "better" if (difference.value > 0) == (better == "higher") else "worse"


def _note(report: EvaluationReport, suite: SuiteReport, before: Earlier) -> str:
    """Say what differs beside the code: questions, documents, the embedding model."""
    parts = []
    gone, new = len(before.cases) - len(before.pairs), suite.n - len(before.pairs)
    if gone or new:
        parts.append(f"{new} cases are new and {gone} gone")
    if (report.documents, report.passages) != (before.report.documents, before.report.passages):
        parts.append(
            f"{before.report.documents:,} documents with {before.report.passages:,} passages then, "
            f"{report.documents:,} with {report.passages:,} now"
        )
    if report.embedding_model != before.report.embedding_model:
        parts.append(f"embedded by {before.report.embedding_model} then, by {report.embedding_model} now")
    return "; ".join(parts)
