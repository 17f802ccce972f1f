"""The command `groundwatch evals`: measure how good search and answers are, and look at what was measured before."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evals.console import plain_errors

if TYPE_CHECKING:
    from api.evaluations import EvaluationHistory
    from api.schemas.comparisons import Comparison
    from evals.quality.running import Run

_DATA_DIR = click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Folder to work in [evals in the data folder]."
)
_SUITES = click.option(
    "--suites", type=click.Path(path_type=Path), help="Folder of your own suites [GROUNDWATCH_EVALS_SUITES]."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")


class PlainErrors(click.Group):
    """A group whose commands end with an error's own words, whoever starts them."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        with plain_errors():
            return super().invoke(ctx)


@click.group(cls=PlainErrors, short_help="Measure how good search and answers are.")
def evals() -> None:
    """Measure how good search and answers are, and compare with earlier runs."""


@evals.command("run")
@click.argument("names", nargs=-1, metavar="[SUITE]...")
@_SUITES
@click.option("--corpus", type=click.Path(path_type=Path), help="Documents that the corpus suites are asked of.")
@click.option("--questions", type=click.Path(path_type=Path), help="Question files that the corpus suites ask.")
@click.option("--subset", default="", metavar="A,B", help="Only these folders of the corpus, and their questions.")
@click.option("--sample", type=click.IntRange(min=1), help="At most this many questions of each group.")
@_DATA_DIR
@click.option("--keep", type=click.IntRange(min=2), help="Remove the oldest runs above this number.")
@click.option("--fail-on-regression", is_flag=True, help="Exit 1 where a score is worse beyond noise.")
@click.option("--fail-below-bar", is_flag=True, help="Exit 1 where a score does not reach its bar.")
@_JSON
def run_suites(
    names: tuple[str, ...],
    suites: Path | None,
    corpus: Path | None,
    questions: Path | None,
    subset: str,
    sample: int | None,
    data_dir: Path | None,
    keep: int | None,
    fail_on_regression: bool,
    fail_below_bar: bool,
    as_json: bool,
) -> None:
    """Measure SUITEs, all without a name, and keep the report with its plots."""
    from api.schemas.score_words import missed_bars
    from evals.console import progress_line
    from evals.quality.comparison import regressions
    from evals.quality.history import prune
    from evals.quality.planning import Wishes, plan_of
    from evals.quality.running import run

    plan = plan_of(Wishes(names, suites, corpus, questions, tuple(filter(None, subset.split(","))), sample, data_dir))
    history = _history(data_dir)
    done = run(plan, history, None if as_json else progress_line)
    if keep is not None:
        prune(history, keep)
    if as_json:
        click.echo(done.report.model_dump_json(indent=2))
    else:
        _show(done)
    worse = regressions(done.comparison) if fail_on_regression else []
    low = missed_bars(done.report) if fail_below_bar else []
    if worse or low:
        raise click.exceptions.Exit(1)


@evals.command("list")
@_SUITES
@_DATA_DIR
@_JSON
def list_runs(suites: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """List the suites that there are, and the runs that are kept."""
    from evals.console import table
    from evals.quality.declaration import find_suites
    from evals.settings import load_eval_settings

    page = _history(data_dir).page(offset=0, limit=100)
    if as_json:
        click.echo(page.model_dump_json(indent=2))
        return
    found = find_suites(suites or load_eval_settings().evals_suites)
    rows = [(one.name, one.declared.kind, one.declared.knowledge, one.declared.title) for one in found]
    click.echo(table(("suite", "kind", "asks", "what"), rows))
    click.echo()
    if not page.runs:
        click.echo("No run is kept yet. Start one with: groundwatch evals run")
    for one in page.runs:
        click.echo(f"{one.id}  {one.seconds:6.0f} s  {', '.join(one.scores) or 'nothing measured'}")
    for problem in page.unreadable:
        click.echo(f"not readable: {problem}", err=True)


@evals.command("show")
@click.argument("run", default="latest")
@_DATA_DIR
@_JSON
def show_run(run: str, data_dir: Path | None, as_json: bool) -> None:
    """Show RUN, the newest without one: its report as Markdown, or all of it as JSON."""
    from evals.quality.summary import markdown

    history = _history(data_dir)
    name = _named(history, run)
    report = history.report(name)
    click.echo(report.model_dump_json(indent=2) if as_json else markdown(report, history.comparison(name)))


@evals.command("compare")
@click.argument("run", default="latest")
@_DATA_DIR
@click.option("--fail-on-regression", is_flag=True, help="Exit 1 where a score is worse beyond noise.")
@_JSON
def compare_run(run: str, data_dir: Path | None, fail_on_regression: bool, as_json: bool) -> None:
    """Compare RUN, the newest without one, with the last that asked mostly the same."""
    from evals.quality.comparison import regressions

    history = _history(data_dir)
    found = history.comparison(_named(history, run))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        _show_comparison(found)
    if fail_on_regression and regressions(found):
        raise click.exceptions.Exit(1)


@evals.command("calibrate")
@click.option("--dry-run", is_flag=True, help="Tell what would come of it, and change nothing.")
@click.option("--force", is_flag=True, help="Use it although it does no better than the present one.")
@click.option("--undo", is_flag=True, help="Remove the site's own calibration: the packaged one counts again.")
@click.option("--name", default="this site's feedback", show_default=True, help="Whose labels these are.")
@_JSON
def calibrate(dry_run: bool, force: bool, undo: bool, name: str, as_json: bool) -> None:
    """Refit the confidence of answers on the thumbs that readers gave, and use it where it does better unseen."""
    from evals.refitting import refit_site, remove_site_calibration

    if undo:
        click.echo(remove_site_calibration())
        return
    done = refit_site(name=name, write=not dry_run, force=force)
    click.echo(done.as_json() if as_json else done.as_text())


def _history(data_dir: Path | None) -> "EvaluationHistory":
    from api.evaluations import EvaluationHistory
    from evals.quality.planning import work_dir

    return EvaluationHistory((data_dir or work_dir()) / "history")


def _named(history: "EvaluationHistory", run: str) -> str:
    from ingest.errors import UsageError

    runs = history.ids()
    if not runs:
        raise UsageError(f"no run is kept in {str(history.folder)!r}; start one with: groundwatch evals run")
    return runs[0] if run == "latest" else run


def _show(done: "Run") -> None:
    from api.schemas.score_words import formatted, missed_bars, reaches

    for suite in done.report.suites:
        if suite.skipped:
            click.echo(f"\n{suite.name}: not run: {suite.skipped}")
            continue
        click.echo(f"\n{suite.name}: {suite.n:,} cases in {suite.seconds:.0f} s, {suite.failures:,} failed")
        for score in suite.scores:
            if score.group and score.bar is None:
                continue  # the report has the rest
            value = formatted(score.value, score)
            around = "" if score.low is None else f" [{formatted(score.low, score)}, {formatted(score.high, score)}]"
            bar = "" if score.bar is None else f", bar {formatted(score.bar, score)}"
            missed = {False: " NOT REACHED", None: f" ({score.reason})" if score.value is None else ""}
            group = f" ({score.group})" if score.group else ""
            click.echo(f"  {score.name}{group}: {value}{around}, n = {score.n:,}{bar}{missed.get(reaches(score), '')}")
    _show_comparison(done.comparison)
    low = missed_bars(done.report)
    click.echo(f"\n{len(low)} bars not reached" if low else "\nevery bar that was measured is reached")
    click.echo(f"report: {done.folder / 'report.md'}")


def _show_comparison(found: "Comparison") -> None:
    from api.schemas.score_words import described

    if not found.suites:
        click.echo("\nnothing to compare with: no earlier run asked mostly the same")
    for suite in found.suites:
        moved = [change for change in suite.changes if change.verdict != "equal"]
        click.echo(f"\n{suite.suite} beside {suite.against}, {suite.cases:,} cases in both: ", nl=False)
        click.echo(f"{len(moved)} of {len(suite.changes)} scores moved beyond noise")
        for change in moved:
            click.echo(f"  {change.verdict}: {described(change)}")
        if suite.newly_failed or suite.mended:
            click.echo(f"  {len(suite.newly_failed)} cases newly failed, {len(suite.mended)} mended")
        if suite.note:
            click.echo(f"  {suite.note}")
