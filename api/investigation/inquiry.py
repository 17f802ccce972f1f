"""The investigation itself: specialists in parallel, then the ranking, the auditor and the verdict."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from api.errors import GroundwatchError
from api.investigation.conclusion import Conclusion, conclude
from api.investigation.confidence import Confidence, Costs, default_confidence
from api.investigation.findings import Finding, Gap, GapReason
from api.investigation.incidents import Incident
from api.investigation.investigations import Investigation, SpecialistRun, Stage, Step
from api.investigation.observations import Observation, SourceClass
from api.investigation.ranking import CauseRanking, default_ranking
from api.investigation.reports import Brief, Budget, Call, Report, Specialist
from api.investigation.telemetry import Coverage, Telemetry

VERSION = 1

_log_names = {
    SourceClass.METRIC: "metrics",
    SourceClass.LOG: "logs",
    SourceClass.TRACE: "traces",
    SourceClass.CHANGE: "changes",
    SourceClass.EVENT: "events",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one specialist may use up: seconds, and rows that it reads."""

    seconds: float = 120.0
    rows: int = 50_000_000


class Inquiry:
    """Investigate incidents with a set of specialists; safe to use from several threads."""

    def __init__(
        self,
        specialists: Sequence[Specialist],
        *,
        ranking: CauseRanking | None = None,
        confidence: Confidence | None = None,
        costs: Costs | None = None,
        limits: Limits | None = None,
        fitted_here: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fitted_here = fitted_here
        self._specialists = tuple(specialists)
        self._ranking = ranking or default_ranking()
        self._confidence = confidence or default_confidence()
        self._costs = costs or Costs()
        self._limits = limits or Limits()
        self._clock = clock

    def investigate(
        self, incident: Incident, telemetry: Telemetry, *, emit: Callable[[Step], None], cancelled: threading.Event
    ) -> Investigation:
        """Investigate an incident; the same telemetry gives the same investigation, byte for byte.

        What a specialist can't read is a gap; the others go on. A cancelled one ends with what was found so far.
        """
        told = _Telling(emit)
        coverage = telemetry.coverage()
        told(Stage.PLAN, "", _plan(incident, coverage, self._specialists))
        reports, runs = self._reports(incident, telemetry, told, cancelled)
        coverage = telemetry.coverage()  # a source that is asked while it runs can turn out to be down, or cut off
        gaps = all_gaps(coverage, reports)
        for gap in gaps:
            told(Stage.GAP, "", gap.detail)
        findings = tuple(finding for report in reports for finding in report.findings)
        calls = tuple(call for report in reports for call in report.calls)
        concluded = self._concluded(incident, findings, gaps, calls, told)
        return Investigation(
            version=VERSION,
            incident=incident,
            coverage=coverage,
            runs=runs,
            observations=_once(one for report in reports for one in report.observations),
            findings=findings,
            gaps=gaps,
            calls=calls,
            hypotheses=concluded.hypotheses,
            ruled_out=concluded.ruled_out,
            blast_radius=concluded.blast_radius,
            verdict=concluded.verdict,
        )

    def _concluded(
        self,
        incident: Incident,
        findings: Sequence[Finding],
        gaps: Sequence[Gap],
        calls: Sequence[Call],
        told: "_Telling",
    ) -> Conclusion:
        concluded = conclude(
            incident,
            findings,
            gaps,
            calls,
            ranking=self._ranking,
            confidence=self._confidence,
            costs=self._costs,
            fitted_here=self._fitted_here,
        )
        for objection in concluded.verdict.objections:
            told(Stage.AUDIT, "", objection.reason)
        told(Stage.VERDICT, "", concluded.sentence)
        return concluded

    def _reports(
        self, incident: Incident, telemetry: Telemetry, told: "_Telling", cancelled: threading.Event
    ) -> tuple[tuple[Report, ...], tuple[SpecialistRun, ...]]:
        if not self._specialists:
            return (), ()
        with ThreadPoolExecutor(len(self._specialists), thread_name_prefix="specialist") as pool:
            outcomes = list(
                pool.map(lambda one: self._report(one, incident, telemetry, told, cancelled), self._specialists)
            )
        return tuple(report for report, _ in outcomes), tuple(run for _, run in outcomes)

    def _report(
        self,
        specialist: Specialist,
        incident: Incident,
        telemetry: Telemetry,
        told: "_Telling",
        cancelled: threading.Event,
    ) -> tuple[Report, SpecialistRun]:
        budget = Budget(self._limits.seconds, self._limits.rows, cancelled=cancelled, clock=self._clock)
        name = specialist.name
        told(Stage.QUERY, name, f"{name}: looks at {incident.window}")
        try:
            report = specialist.investigate(Brief(incident, telemetry, budget))
        except GroundwatchError as error:
            gap = Gap(_class_of(name), GapReason.FAILED, f"{name} could not be read: {error}", "mend the source")
            return Report(name, (), (), (gap,)), SpecialistRun(name, "failed", str(error), budget.rows_read)
        for observation in report.observations:
            told(Stage.OBSERVATION, name, observation.summary, observation.id)
        for finding in report.findings:
            told(Stage.FINDING, name, finding.claim, finding.id)
        state = "cancelled" if budget.cancelled else "timed_out" if budget.spent is GapReason.TIMED_OUT else "done"
        return report, SpecialistRun(name, state, "", report.rows_read)


def all_gaps(coverage: Sequence[Coverage], reports: Sequence[Report]) -> tuple[Gap, ...]:
    """Return what could not be seen: what sources say themselves, each of them, then what specialists met.

    Of a specialist's gaps one is kept of each source, reason and component, and none that a source tells itself.
    """
    blind = [_blind(one) for one in coverage if one.missing] + [_cut(one) for one in coverage if one.cut]
    told = {_key(gap) for gap in blind}
    kept: dict[tuple[SourceClass, GapReason, str | None], Gap] = {}
    for gap in (gap for report in reports for gap in report.gaps):
        if _key(gap) not in told:
            kept.setdefault(_key(gap), gap)
    return tuple(dict.fromkeys([*blind, *kept.values()]))


def _key(gap: Gap) -> tuple[SourceClass, GapReason, str | None]:
    return gap.source, gap.reason, gap.component


@dataclass(slots=True)
class _Telling:
    """Number the steps and hand them on, one at a time."""

    emit: Callable[[Step], None]
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, stage: Stage, specialist: str, text: str, ref: str = "") -> None:
        with self._lock:
            self._number += 1
            self.emit(Step(self._number, stage, specialist, text, ref))


def _blind(coverage: Coverage) -> Gap:
    name = _log_names.get(coverage.source, coverage.source.value)
    of = f" of {coverage.component}" if coverage.component else ""
    return Gap(
        source=coverage.source,
        reason=GapReason.NOT_CONNECTED,
        detail=f"no {name}{of}: {coverage.missing}",
        next_step=f"connect {name}{of} for this window, or say that there are none",
        component=coverage.component,
    )


def _cut(coverage: Coverage) -> Gap:
    name = _log_names.get(coverage.source, coverage.source.value)
    return Gap(
        source=coverage.source,
        reason=GapReason.TRUNCATED,
        detail=f"{coverage.instance} gave a part of its {name} only: {coverage.cut}",
        next_step=f"ask {coverage.instance} for a shorter window or fewer components, or raise its limits",
        component=coverage.component,
        window=coverage.window,
    )


def _plan(incident: Incident, coverage: Sequence[Coverage], specialists: Sequence[Specialist]) -> str:
    there = sorted({_log_names.get(one.source, one.source.value) for one in coverage if not one.missing})
    against = f"compared with {incident.baseline}" if incident.baseline else "without healthy time to compare with"
    names = ", ".join(one.name for one in specialists) or "nobody"
    return f"{incident.window}, {against}; there are {', '.join(there) or 'no sources'}; {names} look in parallel"


def _once(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    return tuple({one.id: one for one in observations}.values())


def _class_of(name: str) -> SourceClass:
    known = {word: source for source, word in _log_names.items()}
    return known.get(name, SourceClass.EVENT)
