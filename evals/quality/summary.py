"""A run as Markdown: what got worse first, then every suite with its scores, and the cases that failed."""

from collections.abc import Iterator, Sequence

from api.schemas.comparisons import Comparison, SuiteComparison
from api.schemas.evaluations import Case, EvaluationReport, Score, SuiteReport
from api.schemas.score_words import described, formatted, missed_bars, reaches
from evals.quality.comparison import regressions
from evals.quality.plots import plot_names

SHOWN_FAILED = 25
_LONGEST = 140


def markdown(report: EvaluationReport, comparison: Comparison) -> str:
    """Return the report as it is kept beside the numbers."""
    return "\n".join(_lines(report, comparison)) + "\n"


def _lines(report: EvaluationReport, comparison: Comparison) -> Iterator[str]:
    yield f"# Evaluation {report.id}"
    yield ""
    asked = f"{report.documents:,} documents, {report.passages:,} passages, {report.embedding_model or 'no model'}"
    yield f"{report.started_at:%Y-%m-%d %H:%M} UTC, {report.seconds:.0f} s, revision {report.revision or 'unknown'}."
    yield f"{asked}. Intervals are 95 %, from a bootstrap over cases."
    yield from _section("Worse than before, beyond noise", regressions(comparison))
    yield from _section("Bars not reached", missed_bars(report))
    compared = {one.suite: one for one in comparison.suites}
    for suite in report.suites:
        yield ""
        yield f"## {suite.title} (`{suite.name}`)"
        yield ""
        yield from _skipped(suite) if suite.skipped else _suite(suite, compared.get(suite.name))


def _section(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from ("", f"## {title}", "", *(f"- {_cell(item)}" for item in items))


def _skipped(suite: SuiteReport) -> Iterator[str]:
    yield f"Not run: {_cell(suite.skipped)}"


def _suite(suite: SuiteReport, compared: SuiteComparison | None) -> Iterator[str]:
    yield f"{suite.n:,} cases in {suite.seconds:.0f} s, {suite.failures:,} of them failed."
    yield ""
    yield "| score | group | n | value | 95 % interval | bar | |"
    yield "|---|---|---:|---:|---:|---:|---|"
    for score in suite.scores:
        yield _row(score)
    for plot in plot_names(suite):
        yield from ("", f"![{plot.title}](plots/{plot.file})")
    if compared is not None:
        yield from _compared(compared)
    yield from _failed(suite)


def _row(score: Score) -> str:
    interval = "–" if score.low is None else f"{formatted(score.low, score)} to {formatted(score.high, score)}"
    reached = {True: "reached", False: "**not reached**", None: ""}[reaches(score)]
    words = "; ".join(part for part in (reached, _cell(score.reason)) if part)
    bar = "" if score.bar is None else formatted(score.bar, score)
    value = formatted(score.value, score)
    return f"| {score.name} | {_cell(score.group)} | {score.n:,} | {value} | {interval} | {bar} | {words} |"


def _compared(compared: SuiteComparison) -> Iterator[str]:
    moved = [change for change in compared.changes if change.verdict != "equal"]
    same = len(compared.changes) - len(moved)
    yield from ("", f"Beside {compared.against}, {compared.cases:,} cases in both. {compared.note}".rstrip(), "")
    yield from (f"- {change.verdict}: {_cell(described(change))}" for change in moved)
    if same:
        yield f"- {same} scores moved within noise or not at all"
    for words, ids in (("newly failed", compared.newly_failed), ("mended", compared.mended)):
        if ids:
            more = f" and {len(ids) - SHOWN_FAILED} more" if len(ids) > SHOWN_FAILED else ""
            yield f"- {len(ids)} {words}: {_cell(', '.join(ids[:SHOWN_FAILED]))}{more}"


def _failed(suite: SuiteReport) -> Iterator[str]:
    if not suite.failed:
        return
    yield from ("", "| failed case | question | outcome | why |", "|---|---|---|---|")
    for case in suite.failed[:SHOWN_FAILED]:
        yield _failed_row(case)
    if suite.failures > SHOWN_FAILED:
        yield ""
        yield f"{suite.failures - SHOWN_FAILED:,} more are in report.json and on the Quality page."


def _failed_row(case: Case) -> str:
    return f"| {_cell(case.id)} | {_cell(case.question)} | {_cell(case.outcome)} | {_cell(case.reason)} |"


def _cell(text: str) -> str:
    """Return text for one cell: on one line, not too long, and free of what Markdown would act on."""
    short = " ".join(text.split())
    short = short if len(short) <= _LONGEST else f"{short[: _LONGEST - 1]}…"
    for mark in "\\`*_[]<>|#":
        short = short.replace(mark, f"\\{mark}")
    return short
