"""The specialist for changes: what changed before the trouble began, in the order in which to read it."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.investigation.findings import NOWHERE, Direction, Gap, GapReason
from api.investigation.happenings.relevance import Relevance, relevances
from api.investigation.loglines.differences import compare
from api.investigation.loglines.reading import LogReader
from api.investigation.loglines.severity import Severity
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Report
from api.investigation.signals import Signal
from api.investigation.specialists.writing import Notebook
from api.investigation.telemetry import LogLines
from api.investigation.windows import Window, instant_text

_BEFORE = 7 * 86_400.0  # seconds of changes before the window that are read
_LEAD = 2.5  # score of what is worth reading: below what is unusual, for a change alone is no evidence of a cause
_MOST = 10
_ERRORS = 20


@dataclass(frozen=True, slots=True)
class ChangesSpecialist:
    """List changes that took effect before the trouble, most in common with it first; and those that came too late.

    A change is a lead and supports no cause: see the measure in `happenings.relevance`.
    """

    name: str = "changes"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        window = brief.incident.window
        told = [one for one in brief.telemetry.coverage() if one.source is SourceClass.CHANGE]
        notes = Notebook(self.name, SourceClass.CHANGE, told[0].instance if told else "changes", window)
        since = Window(window.before(_BEFORE).start, window.end)
        changes = [one for one in brief.telemetry.happenings(since) if one.source is SourceClass.CHANGE]
        changes = [one for one in changes if brief.budget.allows(1)]
        if not changes:
            if not any(one.missing for one in told):
                detail = "no change is known of the seven days before"
                notes.gaps.append(Gap(SourceClass.CHANGE, GapReason.NO_DATA, detail, "connect deployments and commits"))
            return notes.report(brief.budget)
        found = relevances(changes, _evidence(brief), window.end)
        leads = [one for one in found if not one.late][:_MOST]
        best = max((one.score for one in leads), default=0.0)
        for one in leads:
            _tell(notes, one, best)
        _tell_late(notes, [one for one in found if one.late])
        return notes.report(brief.budget)


def _evidence(brief: Brief) -> list[str]:
    """Return the symptom's words and those of errors that healthy time does not have."""
    symptom = brief.incident.symptom
    words = [symptom.text, symptom.metric or ""]
    baseline = brief.baseline(SourceClass.LOG)
    reader = LogReader(baseline or brief.incident.window, brief.incident.window)
    for side, window in ((1, brief.incident.window), (0, baseline)):
        if window is not None:
            for batch in _within(brief.telemetry.logs(window), brief.budget):
                reader.add(batch, side)
    if not reader.rows[1]:
        return words
    compared = compare(reader, frozenset(brief.incident.components))
    ranked = sorted(range(len(compared.templates)), key=lambda one: (-round(compared.score(one), 6), one))
    errors = [compared.templates[one] for one in ranked if compared.troubled(one) and compared.now.counts[one]]
    return [*words, *(one.example or one.text for one in errors[:_ERRORS] if one.severity != Severity.DEBUG)]


def _within(batches: Iterator[LogLines], budget: Budget) -> Iterator[LogLines]:
    for batch in batches:
        if not budget.allows(len(batch)):
            return
        yield batch


def _tell(notes: Notebook, one: Relevance, best: float) -> None:
    change = one.change
    where = one.component or "no named component"
    seen = notes.observed(
        one.component,
        f"{change.kind} {change.ref or change.title}",
        f"{change.kind} {change.ref[:12]} by {change.author or 'somebody'}: {change.title[:160]}",
        ("time", "kind", "component", "ref", "title", "detail"),
        [(instant_text(one.effective), change.kind, one.component, change.ref, change.title, change.detail[:4_000])],
    )
    shared = ", ".join(one.shared) or "none"
    notes.found(
        one.component or NOWHERE,
        Signal.CHANGE,
        change.ref or change.title,
        Direction.CHANGED,
        f'{change.kind} "{change.title[:120]}" took effect at {instant_text(one.effective)} ({where})',
        f"{'its deployment is known' if one.deployed else 'no deployment of it is known'}; rare words in common with "
        f"the symptom and new errors: {shared}; a lead to read, no evidence",
        [seen],
        _LEAD * one.score / best if best else 0.0,
        onset=one.effective,
    )


def _tell_late(notes: Notebook, late: list[Relevance]) -> None:
    if not late:
        return
    seen = notes.observed(
        None,
        "changes that took effect after the window ended",
        f"{len(late)} changes came after the trouble",
        ("time", "kind", "ref", "title"),
        [(instant_text(one.effective), one.change.kind, one.change.ref, one.change.title[:160]) for one in late],
    )
    notes.found(
        NOWHERE,
        Signal.CHANGE,
        "late changes",
        Direction.STEADY,
        f"{len(late)} changes took effect after the trouble and can't have caused it",
        "by the time of their deployment, or of the commit where none is known",
        [seen],
        0.0,
    )
