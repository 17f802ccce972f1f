"""The specialist for traces: where calls slow down, take longer themselves, fail first, or are no longer made."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Gap, GapReason
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Call, Report
from api.investigation.signals import Signal
from api.investigation.specialists.trace_examples import tell_example
from api.investigation.specialists.trace_shapes import tell_shapes, tell_skews
from api.investigation.specialists.writing import Notebook, duration, share
from api.investigation.telemetry import Edge, Spans
from api.investigation.tracing.delays import CallGap, Delay, delays, delays_among, first_slow
from api.investigation.tracing.operations import (
    Failing,
    Missing,
    SelfTime,
    failing,
    missing_calls,
    self_times,
)
from api.investigation.tracing.spans import SpanTable, span_table

_NOTABLE = 3.0
_TOLD = 1.0  # score from which a finding is worth writing down, for the ranking and for those who look closer
_PASSED_ON = 0.5  # share of a caller's loss that its callee must have lost too for the caller's to be a consequence
_KINDS_DELAY = (FaultKind.NETWORK_DELAY, FaultKind.CPU, FaultKind.NETWORK_LOSS)
_KINDS_SELF = (FaultKind.CPU, FaultKind.CODE_DEFECT, FaultKind.DATABASE, FaultKind.NOISY_NEIGHBOUR)
_KINDS_MISSING = (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE, FaultKind.DEPENDENCY_DOWN)
_KINDS_FAILING = (FaultKind.CODE_DEFECT, FaultKind.DEPENDENCY_DOWN, FaultKind.BAD_CHANGE)


@dataclass(frozen=True, slots=True)
class TracesSpecialist:
    """Look at spans in the window against healthy ones, per operation, so that a changed mix of requests is no trouble.

    Where there are no healthy spans, the delays of calls are compared with one another, and a gap says so.
    """

    name: str = "traces"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        window = brief.incident.window
        notes = Notebook(self.name, SourceClass.TRACE, _instance(brief), window)
        now = span_table(_within(brief.telemetry.spans(window), brief.budget))
        if not len(now):
            if not any(
                one.source is SourceClass.TRACE and one.missing and one.component is None
                for one in brief.telemetry.coverage()
            ):
                notes.gaps.append(_gap(GapReason.NO_DATA, "there are no spans in the window", "check the tracing"))
            return notes.report(brief.budget)
        _tell_broken(notes, now)
        _tell_calls(notes, now)
        baseline = brief.baseline(SourceClass.TRACE)
        healthy = span_table(_within(brief.telemetry.spans(baseline), brief.budget)) if baseline else None
        if healthy is None or not len(healthy):
            detail = "there are no healthy spans; the delays of calls are compared with one another"
            notes.gaps.append(_gap(GapReason.NO_BASELINE, detail, "keep traces of healthy hours"))
            _tell_delays(notes, delays_among(now), now, alone=True)
            tell_skews(notes, now)
            tell_example(notes, now)
            return notes.report(brief.budget)
        _compare(notes, healthy, now)
        tell_example(notes, now)
        return notes.report(brief.budget)


def _compare(notes: Notebook, healthy: SpanTable, now: SpanTable) -> None:
    _tell_delays(notes, delays(healthy, now), now, alone=False)
    _tell_self_times(notes, self_times(healthy, now))
    _tell_failing(notes, failing(healthy, now))
    _tell_missing(notes, missing_calls(healthy, now), now)
    _tell_steady(notes, healthy, now)
    tell_shapes(notes, healthy, now)


def _within(batches: Iterator[Spans], budget: Budget) -> Iterator[Spans]:
    for batch in batches:
        if not budget.allows(len(batch)):
            return
        yield batch


def _instance(brief: Brief) -> str:
    named = [one.instance for one in brief.telemetry.coverage() if one.source is SourceClass.TRACE]
    return named[0] if named else "traces"


def _gap(reason: GapReason, detail: str, next_step: str) -> Gap:
    return Gap(SourceClass.TRACE, reason, detail, next_step)


def _tell_broken(notes: Notebook, now: SpanTable) -> None:
    if now.orphans:
        detail = f"{now.orphans} of {len(now)} spans name a parent that is not there"
        notes.gaps.append(_gap(GapReason.TRUNCATED, detail, "check sampling and the export of spans"))
    if now.sampled < 1:
        detail = f"of {now.seen:,} spans, those of {now.sampled:.1%} of the traces were looked at, as whole traces"
        notes.gaps.append(_gap(GapReason.TRUNCATED, detail, "narrow the window to see all of them"))
    if now.circular:
        detail = f"{now.circular} of {len(now)} spans are their own ancestors; their parents were not believed"
        notes.gaps.append(_gap(GapReason.FAILED, detail, "check what writes the ids of spans"))


def _tell_calls(notes: Notebook, now: SpanTable) -> None:
    """Write down every call between components that the spans show, with one observation for each."""
    below = now.above >= 0
    pairs = Counter(
        (now.name(caller), now.name(callee))
        for caller, callee in zip(now.component[now.above[below]].tolist(), now.component[below].tolist(), strict=True)
        if caller != callee
    )
    named = now.peer >= 0
    pairs.update(
        (now.name(caller), now.name(callee))
        for caller, callee in zip(now.component[named].tolist(), now.peer[named].tolist(), strict=True)
        if caller != callee
    )
    for (caller, callee), count in sorted(pairs.items()):
        seen = notes.observed(
            callee,
            f"spans of {callee} whose parent is a span of {caller}",
            f"{caller} called {callee} {count:,} times",
            ("caller", "callee", "calls"),
            [(caller, callee, count)],
        )
        notes.calls.append(Call(Edge(caller, callee), seen, count))


def _tell_delays(notes: Notebook, found: Iterable[Delay], now: SpanTable, *, alone: bool) -> None:
    for one in found:
        if one.score < _TOLD:
            break
        worst = one.calls[0]
        against = "other calls take" if alone else "in healthy time"
        seen = notes.observed(
            one.component,
            "median of (caller's span - its only child's span) per call that is waited for, against "
            + ("other calls" if alone else "healthy time"),
            f"gap between the callers' and {one.component}'s own spans, {len(one.calls)} kinds of calls",
            ("caller", "callee", "operation", "before_us", "now_us", "n_before", "n_now", "score"),
            [_gap_row(call) for call in one.calls],
        )
        notes.found(
            one.component,
            Signal.CALL_DELAY,
            f"calls into {one.component}",
            Direction.UP,
            f"calls into {one.component} take {duration(worst.after)} more than {one.component} itself needs "
            f"({duration(worst.before)} {against})",
            f"lower bound of the median robust score {one.score:.1f} over {len(one.calls)} kinds of calls into it, "
            f"n {sum(call.count for call in one.calls):,}; {one.outgoing:.1f} over the calls that it makes",
            [seen],
            one.score,
            kinds=_KINDS_DELAY,
            onset=first_slow(now, worst),
        )


def _gap_row(call: CallGap) -> tuple[str | int | float, ...]:
    return (
        call.caller, call.callee, call.operation, round(call.before), round(call.after), call.healthy, call.count,
        round(call.score, 2),
    )  # fmt: skip


def _tell_self_times(notes: Notebook, found: Iterable[SelfTime]) -> None:
    """Write down the slowest operation of each component, with all of its slower ones as rows."""
    own: dict[str, list[SelfTime]] = {}
    for one in found:
        if one.score >= _TOLD:
            own.setdefault(one.component, []).append(one)
    for component, slower in sorted(own.items(), key=lambda item: (-item[1][0].score, item[0])):
        worst = slower[0]
        seen = notes.observed(
            component,
            "median self time (span less its children) per operation, without spans that only call another component, "
            "against healthy time",
            f"self time of {component}, {len(slower)} operations that take longer",
            ("operation", "before_us", "now_us", "n_before", "n_now", "score"),
            [
                (one.operation, round(one.before), round(one.after), one.healthy, one.count, round(one.score, 2))
                for one in slower
            ],
        )
        notes.found(
            component,
            Signal.SELF_TIME,
            worst.operation,
            Direction.UP,
            f"{worst.operation} of {component} itself takes {duration(worst.after)}, "
            f"{duration(worst.before)} in healthy time (medians)",
            f"robust score {worst.score:.1f}, n {worst.healthy} before and {worst.count} now",
            [seen],
            worst.score,
            kinds=_KINDS_SELF,
        )


def _tell_failing(notes: Notebook, found: Iterable[Failing]) -> None:
    told: set[str] = set()
    for one in found:
        if one.score < _TOLD or one.component in told:
            continue
        told.add(one.component)
        seen = notes.observed(
            one.component,
            "failed spans without a failed child, per operation, against healthy time",
            f"{share(one.after)} of {one.operation} of {one.component} fail there",
            ("operation", "failed_before", "failed_now", "n_before", "n_now", "score"),
            [(one.operation, round(one.before, 4), round(one.after, 4), one.healthy, one.count, round(one.score, 2))],
        )
        notes.found(
            one.component,
            Signal.FAILED_CALLS,
            one.operation,
            Direction.UP,
            f"{share(one.after)} of {one.operation} fail at {one.component} itself, "
            f"{share(one.before)} in healthy time",
            f"{one.score:.1f} standard errors, n {one.healthy} before and {one.count} now",
            [seen],
            one.score,
            kinds=_KINDS_FAILING,
            onset=one.onset or None,
        )


def _tell_missing(notes: Notebook, found: Iterable[Missing], now: SpanTable) -> None:
    """Write down the call that each component misses most; a caller whose callee misses one too misses it because."""
    worst: dict[str, Missing] = {}
    for one in found:
        if one.score >= _TOLD:
            worst.setdefault(one.component, one)
    callees = _callees(now)
    for component, one in sorted(worst.items(), key=lambda item: (-item[1].score, item[0])):
        below = [name for name in sorted(callees.get(component, ())) if name in worst]
        because = [name for name in below if worst[name].score >= _PASSED_ON * one.score]
        score = one.score * (_PASSED_ON if because else 1.0)
        seen = notes.observed(
            component,
            f"share of an operation's spans in requests of {one.request} that make a call at least once, "
            "against healthy time",
            f"{one.operation} of {component} makes {one.call} in {share(one.after)} of cases",
            ("operation", "call", "share_before", "share_now", "n_before", "n_now", "score"),
            [
                (
                    one.operation, one.call, round(one.before, 4), round(one.after, 4), one.healthy, one.count,
                    round(one.score, 2),
                )
            ],
        )  # fmt: skip
        follows = f"; {because[0]}, which it calls, misses calls too" if because else ""
        notes.found(
            component,
            Signal.MISSING_CALLS,
            f"{one.operation} > {one.call}",
            Direction.DOWN,
            f"{one.operation} of {component} makes the call {one.call} in {share(one.after)} of cases, "
            f"{share(one.before)} in healthy time",
            f"{one.score:.1f} standard errors in requests of {one.request}, spans of one trace counting as one; "
            f"{one.healthy} spans before and {one.count} now{follows}",
            [seen],
            score,
            kinds=_KINDS_MISSING,
            peer=because[0] if because else None,
        )


def _callees(now: SpanTable) -> dict[str, set[str]]:
    below = now.above >= 0
    found: dict[str, set[str]] = {}
    pairs = {*zip(now.component[now.above[below]].tolist(), now.component[below].tolist(), strict=True)}
    for caller, callee in pairs:
        if caller != callee:
            found.setdefault(now.name(caller), set()).add(now.name(callee))
    return found


def _tell_steady(notes: Notebook, healthy: SpanTable, now: SpanTable) -> None:
    """Say of each component with spans in both stretches, and nothing notable, that it was looked at."""
    loud = {one.component for one in notes.findings if one.score >= _NOTABLE}
    before = Counter(healthy.name(code) for code in healthy.component.tolist())
    after = Counter(now.name(code) for code in now.component.tolist())
    for component in sorted((before.keys() & after.keys()) - loud - {""}):
        seen = notes.observed(
            component,
            "spans per component in both stretches of time",
            f"{after[component]:,} spans of {component} in the window, {before[component]:,} in healthy time",
            ("component", "spans_before", "spans_now"),
            [(component, before[component], after[component])],
        )
        notes.found(
            component,
            Signal.SELF_TIME,
            "spans",
            Direction.STEADY,
            f"spans of {component} take as long, fail as rarely and make the same calls as in healthy time",
            f"no score of {_NOTABLE:g} or more over {after[component]:,} spans",
            [seen],
            0.0,
        )
