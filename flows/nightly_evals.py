"""The flow that measures search and answers, keeps what it measured, and tells of what got worse."""

from collections.abc import Sequence
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.context import FlowRunContext

from api.evaluations import EvaluationHistory
from api.schemas.evaluations import EvaluationSummary, Score
from api.schemas.score_words import formatted
from evals.quality.comparison import regressions
from evals.quality.history import prune
from evals.quality.knowledge import opened
from evals.quality.planning import Wishes, plan_of, work_dir
from evals.quality.running import Opener, Plan, Run, run
from evals.quality.summary import markdown
from evals.settings import load_eval_settings
from flows.notices import run_url, tell_of_trouble, webhook
from flows.notifications import Notice, Outcome, post, shortened

NAME = "nightly evals"
_TREND = 14
"""Runs that the table of the trend shows."""

_LONGEST_REPORT = 400_000
"""Characters of the report that Prefect is given; all of it is kept in the history."""


@flow(name=NAME, flow_run_name=NAME, on_failure=[tell_of_trouble], on_crashed=[tell_of_trouble])
def nightly_evals(names: list[str] | None = None) -> str:
    """Measure the suites of these names, or those of the settings, and return the name of the run."""
    settings = load_eval_settings()
    chosen = names or [name.strip() for name in settings.evals_names.split(",") if name.strip()]
    plan = plan_of(Wishes(names=tuple(chosen)), settings=settings, trigger="schedule")
    done = measure(plan, EvaluationHistory(work_dir() / "history"), keep=settings.evals_keep)
    return done.report.id


def measure(plan: Plan, history: EvaluationHistory, *, keep: int, open_knowledge: Opener = opened) -> Run:
    """Run a plan, leave artifacts, prune the history, and post what got worse; call it in a flow."""
    done = run(plan, history, open_knowledge=open_knowledge)
    for suite in done.report.suites:
        if suite.skipped:
            get_run_logger().warning("suite %s was not run: %s", suite.name, suite.skipped)
    text = markdown(done.report, done.comparison)
    create_markdown_artifact(text[:_LONGEST_REPORT], key="evals-report", description=done.report.id)
    trend = trend_rows(history.page(offset=0, limit=_TREND).runs)
    if trend:
        create_table_artifact(trend, key="evals-trend", description="Scores with a bar, run by run, the newest first")
    _tell(done)
    prune(history, keep)
    return done


def trend_rows(runs: Sequence[EvaluationSummary]) -> list[dict[str, Any]]:
    """Return one row a score that has a bar, with its value in each run, the newest first."""
    latest = [(name, score) for name, scores in runs[0].scores.items() for score in scores] if runs else []
    rows: list[dict[str, Any]] = []
    for suite, score in latest:
        row: dict[str, Any] = {"suite": suite, "score": f"{score.name} {score.group}".strip()}
        row["bar"] = formatted(score.bar, score)
        for one in runs:
            found = next((it for it in one.scores.get(suite, ()) if _key(it) == _key(score)), None)
            row[f"{one.started_at:%m-%d %H:%M}"] = formatted(found.value if found else None, score)
        rows.append(row)
    return rows


def _key(score: Score) -> tuple[str, str]:
    return score.name, score.group


def _tell(done: Run) -> None:
    worse = regressions(done.comparison)
    url = webhook(None) if worse else None
    if url is None:
        return
    context = FlowRunContext.get()
    notice = Notice(
        flow=NAME,
        outcome=Outcome.REGRESSED,
        reason=shortened("; ".join(worse)),
        run_url=run_url(context.flow_run if context else None),
        served=f"The report is kept as {done.report.id}; see the Quality page, or: groundwatch evals show",
    )
    post(url, notice)
