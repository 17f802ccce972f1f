"""Recordings for tests: series, happenings and calls in memory."""

from collections.abc import Sequence

import numpy as np

from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Report, Specialist
from api.investigation.telemetry import Coverage, Edge, Happening, Series
from api.telemetry.recording import Recording
from tests.api.investigation.incidents_at_hand import BASELINE, WINDOW, incident

STEP = 10_000_000


def series(component: str, metric: str, before: float, now: float, *, noise: float = 0.01) -> Series:
    """Return a series at one level in the baseline and at another one in the window, with a small regular noise."""
    times = np.arange(BASELINE.start, WINDOW.end, STEP, dtype=np.int64)
    level = np.where(times < WINDOW.start, before, now).astype(float)
    wave = noise * max(abs(before), abs(now), 1e-9) * np.array([0.0, 1.0, -1.0, 0.5, -0.5])
    return Series(component, metric, times, level + np.resize(wave, len(times)))


def brief(
    *every: Series,
    happenings: Sequence[Happening] = (),
    edges: Sequence[Edge] = (),
    about: Incident | None = None,
    healthy: bool = True,
) -> Brief:
    """Return what a specialist is given: coverage says that all of it is there."""
    baseline = BASELINE if healthy else None
    facts = [Coverage(SourceClass.METRIC, "metrics", WINDOW, baseline)] if every else []
    if any(one.source is SourceClass.CHANGE for one in happenings):
        facts.append(Coverage(SourceClass.CHANGE, "changes", WINDOW, baseline))
    recording = Recording(tuple(facts), every, every_happening=tuple(happenings), every_edge=tuple(edges))
    return Brief(about or incident(), recording, Budget(30, 1_000_000))


def resolves(report: Report) -> bool:
    """Tell whether every finding and call of a report rests on observations that it has."""
    known = {one.id for one in report.observations}
    cited = {id_ for finding in report.findings for id_ in finding.observations}
    return cited | {call.observation for call in report.calls} <= known


def looked(specialist: Specialist, given: Brief) -> Report:
    """Let a specialist look, twice: the same telemetry gives the same report."""
    first = specialist.investigate(given)
    again = Brief(given.incident, given.telemetry, Budget(30, 1_000_000))
    assert specialist.investigate(again) == first
    assert resolves(first)
    return first
