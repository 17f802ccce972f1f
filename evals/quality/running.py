"""Run suites one after the other over the knowledge that each asks, and keep what came of them."""

import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from api.evaluations import EvaluationHistory
from api.schemas.comparisons import Comparison
from api.schemas.evaluations import EvaluationReport, SuiteReport
from evals.quality import history as kept
from evals.quality.answering import measure_answers
from evals.quality.comparison import compare
from evals.quality.declaration import Knowledge, Suite
from evals.quality.history import KeptCase, kept_cases
from evals.quality.judging import measure_by_ragas, ragas_metrics
from evals.quality.knowledge import Premises, Subject, Wanted, opened
from evals.quality.plots import plots_of
from evals.quality.probes import Probe, Selection, load_probes
from evals.quality.results import Measured, Progress
from evals.quality.scoring import skipped_report, suite_report
from evals.quality.scripts import SCRIPTS
from evals.quality.searching import measure_search
from evals.quality.summary import markdown
from evals.settings import EvalSettings
from ingest.errors import GroundwatchError, UsageError

_ORDER: tuple[Knowledge, ...] = ("corpus", "served", "handbook")
"""The first of these that was asked is what the head of a report describes."""


Opener = Callable[[Knowledge, Premises, Wanted, Progress | None], AbstractContextManager[Subject]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures, of what, and how much of it."""

    suites: Sequence[Suite]
    premises: Premises
    selection: Selection
    settings: EvalSettings
    trigger: Literal["person", "schedule"] = "person"


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was kept in `folder`."""

    report: EvaluationReport
    comparison: Comparison
    folder: Path


class _Results:
    """What has been measured so far."""

    def __init__(self) -> None:
        self.reports: dict[str, SuiteReport] = {}
        self.cases: list[KeptCase] = []
        self.subjects: dict[Knowledge, Subject] = {}

    def add(self, suite: Suite, measured: Measured, started: float) -> None:
        self.reports[suite.name] = suite_report(suite, measured, time.monotonic() - started)
        self.cases += kept_cases(suite.name, measured.cases)

    def skip(self, suite: Suite, reason: str) -> None:
        self.reports[suite.name] = skipped_report(suite, reason)


def run(
    plan: Plan, history: EvaluationHistory, progress: Progress | None = None, *, open_knowledge: Opener = opened
) -> Run:
    """Measure the suites of a plan, compare with the last run that asked the same, and keep all of it.

    A suite that cannot run is reported with the reason; one whose own questions are not in order raises UsageError
    before anything is measured.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    results = _Results()
    probes = _load(plan, results)
    for suite in plan.suites:
        if suite.declared.kind == "scripted":
            _run_script(suite, plan, results)
    for kind in _ORDER:
        _ask_all(kind, plan, probes, results, progress, open_knowledge)
    report = _report(plan, results, started, time.monotonic() - clock)
    comparison = compare(history, report, results.cases)
    folder = kept.keep(
        history,
        report,
        cases=results.cases,
        comparison=comparison,
        text=markdown(report, comparison),
        plots=plots_of(report),
    )
    return Run(report, comparison, folder)


def _load(plan: Plan, results: _Results) -> Mapping[str, Sequence[Probe]]:
    """Return the questions of every suite that asks some; a suite whose folder is not given is skipped."""
    found: dict[str, Sequence[Probe]] = {}
    for suite in plan.suites:
        if suite.declared.kind == "scripted":
            continue
        try:
            found[suite.name] = load_probes(suite, plan.selection)
        except UsageError as error:
            if suite.questions_file is not None or plan.selection.folder is not None:
                raise
            results.skip(suite, str(error))
    return found


def _run_script(suite: Suite, plan: Plan, results: _Results) -> None:
    script = SCRIPTS.get(suite.declared.script or "")
    if script is None:
        raise UsageError(f"suite {suite.name!r}: no script is called {suite.declared.script!r}; see {list(SCRIPTS)!r}")
    started = time.monotonic()
    try:
        results.add(suite, script(plan.premises.work_dir / "scripted"), started)
    except (GroundwatchError, ModuleNotFoundError) as error:
        results.skip(suite, str(error))


def _ask_all(
    kind: Knowledge,
    plan: Plan,
    probes: Mapping[str, Sequence[Probe]],
    results: _Results,
    progress: Progress | None,
    open_knowledge: Opener,
) -> None:
    """Measure all suites of one knowledge, which is opened once."""
    suites = [suite for suite in plan.suites if suite.declared.knowledge == kind and suite.name in probes]
    if not suites:
        return
    plain = [probe.text for suite in suites if suite.declared.baselines for probe in probes[suite.name]]
    wanted = Wanted(alike=any(suite.declared.left_out for suite in suites), plain=tuple(dict.fromkeys(plain)))
    try:
        with open_knowledge(kind, plan.premises, wanted, progress) as subject:
            results.subjects[kind] = subject
            for suite in suites:
                started = time.monotonic()
                try:
                    results.add(suite, _measure(suite, subject, probes[suite.name], plan, progress), started)
                except GroundwatchError as error:
                    results.skip(suite, str(error))
    except GroundwatchError as error:
        for suite in suites:
            results.skip(suite, str(error))


def _measure(
    suite: Suite, subject: Subject, probes: Sequence[Probe], plan: Plan, progress: Progress | None
) -> Measured:
    declared = suite.declared
    match declared.kind:
        case "retrieval":
            return measure_search(subject, probes, progress)
        case "ragas":
            metrics, judged = ragas_metrics(plan.settings, plan.premises.embedder)
            return measure_by_ragas(subject, probes, metrics, writer=declared.writer, judged=judged, progress=progress)
        case _:
            return measure_answers(
                subject, probes, left_out=declared.left_out, writer=declared.writer, progress=progress
            )


def _report(plan: Plan, results: _Results, started: datetime, seconds: float) -> EvaluationReport:
    subject = next((results.subjects[kind] for kind in _ORDER if kind in results.subjects), None)
    return EvaluationReport(
        id=kept.new_run_id(started),
        started_at=started,
        seconds=seconds,
        trigger=plan.trigger,
        revision=_revision(),
        embedding_model=subject.model if subject else "",
        generation=subject.generation if subject else 0,
        documents=subject.documents if subject else 0,
        passages=subject.passages if subject else 0,
        suites=_in_order(plan.suites, results.reports),
    )


def _in_order(suites: Iterable[Suite], reports: Mapping[str, SuiteReport]) -> list[SuiteReport]:
    return [reports[suite.name] for suite in suites]


def _revision() -> str:
    """Return the revision of the code where it runs from a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
