"""Scores in words: values in their units, and whether they reach their bars."""

from collections.abc import Iterable

from api.schemas.comparisons import Change
from api.schemas.evaluations import EvaluationReport, Score


def reaches(score: Score) -> bool | None:
    """Tell whether a score reaches its bar; None without one, or where nothing was measured."""
    if score.bar is None or score.value is None:
        return None
    return score.value >= score.bar if score.better == "higher" else score.value <= score.bar


def formatted(value: float | None, score: Score) -> str:
    """Return a value in the unit of its score."""
    if value is None:
        return "–"
    match score.unit:
        case "share":
            return f"{value:.1%}"
        case "seconds":
            return f"{value:.3f} s"
        case "milliseconds":
            return f"{value:.0f} ms"
        case "count":
            return f"{value:.0f}"
        case _:
            return f"{value:.3f}"


def named(score: Score) -> str:
    """Return the name of a score with its group."""
    return f"{score.name} ({score.group})" if score.group else score.name


def missed_bars(report: EvaluationReport) -> list[str]:
    """Return which scores do not reach their bars."""
    return [
        f"{suite.name}: {named(score)} is {formatted(score.value, score)}, bar {formatted(score.bar, score)}"
        for suite in report.suites
        for score in suite.scores
        if reaches(score) is False
    ]


def worsened(changes: Iterable[Change]) -> list[Change]:
    """Return the changes for the worse that are beyond noise."""
    return [change for change in changes if change.verdict == "worse"]


def described(change: Change) -> str:
    """Return a change as one line."""
    group = f" ({change.group})" if change.group else ""
    return (
        f"{change.name}{group} {change.before:.3f} -> {change.after:.3f}, "
        f"{change.difference:+.3f} [{change.low:+.3f}, {change.high:+.3f}], n = {change.n}"
    )
