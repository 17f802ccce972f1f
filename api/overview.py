"""The state of the knowledge base, and of this installation, as text for a terminal."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from api.checks import Diagnosis
from api.rendering import age_text
from api.schemas.knowledge import DocumentSummary, KnowledgeStatus, SourceStatus
from api.schemas.upkeep import RunPage
from api.terminal import Line, Tone, columns
from ingest.knowledge.run_log import RunOutcome

_TONES: Mapping[str, Tone] = {"ok": "good", "warn": "middling", "fail": "bad"}


def status_text(
    status: KnowledgeStatus, failed: Sequence[DocumentSummary] = (), *, now: datetime | None = None
) -> list[Line]:
    """Return what is being served, source by source, and which documents failed."""
    if status.generation is None or status.built_at is None:
        lines = [
            Line("Nothing was ingested yet. Run: groundwatch ingest PATH", "middling"),
            Line(f"Index: {status.store}", "faint"),
        ]
        return lines + _failures(status, failed)
    lines = [
        Line(
            f"Serving generation {status.generation}: {_count(status.documents, 'document')}, "
            f"{_count(status.passages, 'passage')}",
            "good",
        ),
        Line(f"Built {status.built_at:%Y-%m-%d %H:%M} UTC ({age_text(status.built_at, now)}) with {status.model}"),
        Line(f"Index: {status.store}"),
        Line(f"Kinds: {_counts(status.kinds)}"),
    ]
    if set(status.statuses) - {"current"}:
        lines.append(Line(f"Statuses: {_counts(status.statuses)}"))
    return lines + _sources(status.sources, now) + _failures(status, failed)


def runs_text(page: RunPage) -> list[Line]:
    """Return how the last run ended, or how far it is, and what holds further ones up."""
    lines: list[Line] = []
    for run in page.runs[:1]:
        said = f"Last run: {run.outcome.value}, {run.started_at:%Y-%m-%d %H:%M} UTC"
        if run.outcome is RunOutcome.RUNNING:
            said += f", {run.stage} {run.done} of {run.total}" + (", no sign for a minute" if run.stalled else "")
        elif run.counts:
            said += f", {_counts(run.counts)}"
        good = run.outcome in (RunOutcome.SUCCEEDED, RunOutcome.RUNNING) and not run.stalled
        lines += [Line(), Line(said, "plain" if good else "bad")]
        if run.reason:
            lines.append(Line(run.reason, indent=2))
    if page.held:
        lines.append(Line(f"Held: {page.held}; go on with: groundwatch sync --release", "middling"))
    return lines


def diagnosis_text(diagnosis: Diagnosis) -> list[Line]:
    """Return the checks, the outcome first; what is wrong comes with how to mend it."""
    wrong = [check for check in diagnosis.checks if check.state != "ok"]
    failed = sum(check.state == "fail" for check in wrong)
    if failed:
        first = Line(f"{failed} of {len(diagnosis.checks)} checks failed", "bad")
    elif wrong:
        first = Line(f"Works; {_count(len(wrong), 'check')} to look at", "middling")
    else:
        first = Line("All is well", "good")
    lines = [first, Line(f"Groundwatch {diagnosis.version}", "faint"), Line()]
    for check in diagnosis.checks:
        mark = f"{check.state:<4}  "
        tone: Tone = "plain" if check.state == "ok" else _TONES[check.state]
        lines.append(Line(f"{mark}{check.name}: {check.detail}", tone, hanging=len(mark)))
        if check.mend:
            lines.append(Line(check.mend, indent=len(mark)))
    return lines


def _sources(sources: Sequence[SourceStatus], now: datetime | None) -> list[Line]:
    if not sources:
        return []
    rows = [("source", "documents", "failed", "passages", "last run")]
    rows += [
        (
            one.source,
            str(one.indexed),
            str(one.failed),
            str(one.passages),
            (age_text(one.last_run, now) if one.last_run else "unknown") + ("" if one.complete else ", incomplete"),
        )
        for one in sources
    ]
    lines = [Line(), *columns(rows, indent=0, right=frozenset({1, 2, 3}))]
    problems = [(one.source, problem) for one in sources for problem in one.problems]
    return lines + [Line(f"{source}: {problem}", "middling", hanging=2) for source, problem in problems]


def _failures(status: KnowledgeStatus, failed: Sequence[DocumentSummary]) -> list[Line]:
    if not status.failed:
        return []
    lines = [Line(), Line(f"{_count(status.failed, 'document')} could not be read", "middling")]
    for one in failed:
        kept = "; the version of before is still served" if one.revision else ""
        lines.append(Line(f"- {one.source}/{one.path}: {one.reason}{kept}", hanging=2))
    if status.failed > len(failed):
        lines.append(Line(f"- and {status.failed - len(failed)} more", "faint"))
    return lines


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items()) or "none"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
