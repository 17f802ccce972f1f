"""How specialists write down what they find: numbered findings, small tables, amounts in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding, Gap
from api.investigation.observations import Cell, Observation, Query, Rows, SourceClass, observe
from api.investigation.reports import Budget, Call, Report
from api.investigation.signals import Signal
from api.investigation.windows import Window

MOST_ROWS = 200
"""Rows that an observation keeps."""


@dataclass(slots=True)
class Notebook:
    """What one specialist has written down so far."""

    specialist: str
    source: SourceClass
    instance: str
    window: Window
    findings: list[Finding] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def observed(
        self,
        component: str | None,
        query: str,
        summary: str,
        columns: Sequence[str],
        rows: Sequence[tuple[Cell, ...]],
        *,
        source: SourceClass | None = None,
        instance: str = "",
    ) -> str:
        """Keep an observation of at most MOST_ROWS rows, the first ones, and return its id."""
        kept = tuple(rows[:MOST_ROWS])
        cut = f"the first {MOST_ROWS} of {len(rows)} rows are kept" if len(rows) > MOST_ROWS else ""
        asked = Query(source or self.source, instance or self.instance, query, self.window)
        seen = observe(asked, component, summary, Rows(tuple(columns), kept, len(rows), cut))
        self.observations.append(seen)
        return seen.id

    def found(
        self,
        component: str,
        signal: Signal,
        subject: str,
        direction: Direction,
        claim: str,
        reason: str,
        observations: Iterable[str],
        score: float,
        *,
        kinds: tuple[FaultKind, ...] = (),
        onset: int | None = None,
        peer: str | None = None,
        source: SourceClass | None = None,
    ) -> None:
        """Keep a finding, numbered in order."""
        self.findings.append(
            Finding(
                id=f"{self.specialist}-{len(self.findings) + 1}",
                specialist=self.specialist,
                source=source or self.source,
                component=component,
                signal=signal,
                subject=subject,
                direction=direction,
                claim=claim,
                reason=reason,
                observations=tuple(dict.fromkeys(observations)),
                score=round(max(0.0, score), 6),
                onset=onset,
                kinds=kinds,
                peer=peer,
            )
        )

    def report(self, budget: Budget) -> Report:
        """Return all that was written, with a gap where the budget ended the reading."""
        if budget.spent is not None:
            self.gaps.append(
                Gap(
                    source=self.source,
                    reason=budget.spent,
                    detail=f"{self.specialist} stopped after {budget.rows_read:,} rows: the budget was spent",
                    next_step="narrow the window, or allow more time and rows",
                )
            )
        return Report(
            specialist=self.specialist,
            findings=tuple(self.findings),
            observations=tuple(self.observations),
            gaps=tuple(self.gaps),
            calls=tuple(self.calls),
            rows_read=budget.rows_read,
        )


def duration(microseconds: float) -> str:
    """Write a duration with the unit that suits it."""
    size = abs(microseconds)
    if size >= 1e6:
        return f"{microseconds / 1e6:.2f} s"
    return f"{microseconds / 1e3:.1f} ms" if size >= 1e3 else f"{microseconds:.0f} µs"


def amount(value: float) -> str:
    """Write a number with three digits that count."""
    if value != value:  # NaN
        return "no value"
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def share(value: float) -> str:
    """Write a share from 0 to 1 in percent."""
    return f"{100 * value:.0f} %"
