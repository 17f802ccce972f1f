"""From measured cases to the report of a suite: averages with their intervals and bars, and the cases that failed."""

from collections.abc import Iterator, Sequence

from api.schemas.evaluations import Case, Score, SuiteReport
from evals.bootstrap import Interval, mean_interval, metric_interval
from evals.quality.declaration import Bar, Suite
from evals.quality.metrics import CONFIDENCE, CONFIRMED, METRICS, Metric, metric_named
from evals.quality.results import CaseResult, Measured

MOST_FAILED = 1000
"""Failed cases that a report keeps in full; it counts all of them."""


def suite_report(suite: Suite, measured: Measured, seconds: float) -> SuiteReport:
    """Return the report of a suite that was measured."""
    failed = [case for case in measured.cases if case.faults]
    return SuiteReport(
        name=suite.name,
        title=suite.declared.title,
        n=len(measured.cases),
        seconds=seconds,
        scores=list(_scores(suite.declared.bars, measured)),
        curves=list(measured.curves),
        failed=[_failed(case) for case in failed[:MOST_FAILED]],
        failures=len(failed),
    )


def skipped_report(suite: Suite, reason: str) -> SuiteReport:
    """Return the report of a suite that did not run."""
    return SuiteReport(name=suite.name, title=suite.declared.title, n=0, seconds=0.0, scores=[], skipped=reason)


def _scores(bars: Sequence[Bar], measured: Measured) -> Iterator[Score]:
    waiting = {(bar.score, bar.group): bar for bar in bars}
    for metric in _metrics_of(measured.cases):
        for group in ("", *_groups(measured.cases)):
            bar = waiting.get((metric.name, group))
            if metric.over is not None and group and bar is None:
                continue  # few cases of one group make no calibration
            score = _score(metric, group, measured.cases, bar)
            if score is not None:
                waiting.pop((metric.name, group), None)
                yield score
    for bar in waiting.values():
        yield _unmeasured(bar, measured)


def _metrics_of(cases: Sequence[CaseResult]) -> list[Metric]:
    present = {name for case in cases for name in case.values} - {CONFIDENCE, CONFIRMED}
    # A confidence says something only where some of what it is about is right and some is not.
    told_apart = len({case.values[CONFIRMED] for case in cases if CONFIRMED in case.values}) > 1
    ours = [metric for metric in METRICS.values() if metric.name in present or (metric.over and told_apart)]
    return [*ours, *(metric_named(name) for name in sorted(present - METRICS.keys()))]


def _groups(cases: Sequence[CaseResult]) -> list[str]:
    """Return the groups; one alone says nothing that the whole does not."""
    names = list(dict.fromkeys(case.group for case in cases))
    return [name for name in names if name] if len(names) > 1 else []


def _score(metric: Metric, group: str, cases: Sequence[CaseResult], bar: Bar | None) -> Score | None:
    """Return a score, or None where no case of the group has it."""
    members = [case for case in cases if not group or case.group == group]
    if metric.over is None:
        values = [case.values[metric.name] for case in members if metric.name in case.values]
        return _filled(metric, group, mean_interval(values), len(values), bar) if values else None
    shown = [case for case in members if CONFIDENCE in case.values]
    columns = [[case.values[name] for case in shown] for name in (CONFIDENCE, CONFIRMED)]
    try:
        return _filled(metric, group, metric_interval(metric.over, *columns), len(shown), bar)
    except ValueError as error:
        return _empty(metric, group, str(error), bar)


def _filled(metric: Metric, group: str, interval: Interval, n: int, bar: Bar | None) -> Score:
    return _empty(metric, group, bar.reason if bar else "", bar).model_copy(
        update={"value": interval.value, "low": interval.low, "high": interval.high, "n": n}
    )


def _unmeasured(bar: Bar, measured: Measured) -> Score:
    metric = metric_named(bar.score)
    about = CONFIDENCE if metric.over is not None else bar.score
    no_case = f"no case of the group {bar.group!r} has this score" if bar.group else "no case has this score"
    alike = metric.over is not None and any(CONFIRMED in case.values for case in measured.cases)
    reason = "all outcomes are equal, so a confidence has nothing to tell apart" if alike else no_case
    return _empty(metric, bar.group, measured.notes.get(about) or reason, bar)


def _empty(metric: Metric, group: str, reason: str, bar: Bar | None) -> Score:
    return Score(
        name=metric.name,
        value=None,
        n=0,
        group=group,
        bar=bar.value if bar else None,
        better="lower" if bar and bar.at_most is not None else metric.better,
        unit=metric.unit,
        reason=reason,
    )


def _failed(case: CaseResult) -> Case:
    return Case(
        id=case.id,
        group=case.group,
        question=case.question,
        expected=list(case.expected),
        found=list(case.found),
        outcome=case.outcome,
        reason="; ".join(case.faults),
    )
