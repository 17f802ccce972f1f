"""The specialist for logs: steps that are no longer taken, new and vanished lines, more errors, and whom they blame."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Gap, GapReason
from api.investigation.loglines.comparison import Broken, Template, broken_steps, changed_templates
from api.investigation.loglines.counting import START, Begun, Counted, counted, steps
from api.investigation.loglines.severity import Severity
from api.investigation.loglines.words import kinds_told
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Budget, Report
from api.investigation.signals import Signal
from api.investigation.specialists.writing import Notebook, share
from api.investigation.telemetry import LogLines
from api.investigation.windows import Window

_NOTABLE = 3.0
_TOLD = 1.0
_PASSED_ON = 0.5
_FEWEST_NEW = 3  # lines of a new template
_KINDS_BROKEN = (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE)


@dataclass(frozen=True, slots=True)
class LogsSpecialist:
    """Look at log lines in the window against healthy ones, within each component's own lines, since load drifts."""

    name: str = "logs"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        window = brief.incident.window
        notes = Notebook(self.name, SourceClass.LOG, _instance(brief), window)
        now = counted(_within(brief.telemetry.logs(window), brief.budget))
        missing = any(one.source is SourceClass.LOG and one.missing for one in brief.telemetry.coverage())
        if not now.lines:
            if not missing:
                notes.gaps.append(_gap(GapReason.NO_DATA, "there are no log lines in the window", "check collection"))
            return notes.report(brief.budget)
        _tell_limits(notes, now)
        baseline = brief.baseline(SourceClass.LOG)
        healthy = counted(_within(brief.telemetry.logs(baseline), brief.budget)) if baseline else None
        known = tuple(sorted({*brief.incident.components, *now.templates}))
        if baseline is None or healthy is None or not healthy.lines:
            detail = "there are no healthy log lines; only the words of errors can be told"
            notes.gaps.append(_gap(GapReason.NO_BASELINE, detail, "keep logs of healthy hours"))
            _tell_errors(notes, changed_templates(Counted(), now, (1.0, 1.0)), known)
            return notes.report(brief.budget)
        changed = changed_templates(healthy, now, (baseline.seconds, window.seconds))
        _tell_broken(notes, _broken(brief, baseline, healthy, now), brief)
        _tell_errors(notes, changed, known)
        _tell_rates(notes, changed)
        _tell_steady(notes, healthy, now)
        return notes.report(brief.budget)


def _within(batches: Iterator[LogLines], budget: Budget) -> Iterator[LogLines]:
    for batch in batches:
        if not budget.allows(len(batch)):
            return
        yield batch


def _instance(brief: Brief) -> str:
    named = [one.instance for one in brief.telemetry.coverage() if one.source is SourceClass.LOG]
    return named[0] if named else "logs"


def _gap(reason: GapReason, detail: str, next_step: str) -> Gap:
    return Gap(SourceClass.LOG, reason, detail, next_step)


def _tell_limits(notes: Notebook, now: Counted) -> None:
    if now.overflowed:
        detail = f"{now.overflowed:,} lines belong to templates beyond the most that are kept, and were only counted"
        notes.gaps.append(_gap(GapReason.TRUNCATED, detail, "narrow the window or the components"))
    if now.textless:
        detail = f"the text of {now.textless:,} of {now.lines:,} lines was not recorded; they are known by their place"
        notes.gaps.append(_gap(GapReason.TRUNCATED, detail, "record the text as well"))


def _broken(brief: Brief, baseline: Window, healthy: Counted, now: Counted) -> Sequence[Broken]:
    """Return steps no longer taken inside spans; none where lines carry no span."""
    if not healthy.events or not now.events:
        return ()
    usual = steps(healthy.events, _begun(brief, baseline))
    return broken_steps(usual, steps(now.events, _begun(brief, brief.incident.window)))


def _begun(brief: Brief, window: Window) -> Begun:
    """Return component and operation of each span: one in which no line was written counts as well."""
    begun: dict[int, tuple[str, str]] = {}
    for batch in brief.telemetry.spans(window):
        if not brief.budget.allows(len(batch)):
            break
        names = [*batch.names, ""]
        pairs = zip(batch.span.tolist(), batch.component.tolist(), batch.operation.tolist(), strict=True)
        begun.update((span, (names[component], names[operation])) for span, component, operation in pairs)
    return begun


def _tell_broken(notes: Notebook, found: Sequence[Broken], brief: Brief) -> None:
    """Write down the step that each component misses most; a caller whose callee misses one too misses it because."""
    worst: dict[str, list[Broken]] = defaultdict(list)
    for one in found:
        if one.score >= _TOLD and one.component:
            worst[one.component].append(one)
    callees = _callees(brief)
    for component, own in sorted(worst.items(), key=lambda item: (-item[1][0].score, item[0])):
        first = own[0]
        below = sorted(_below(callees, component) & worst.keys())
        because = [name for name in below if worst[name][0].score >= first.score]
        seen = notes.observed(
            component,
            "share of an event's occurrences inside a span that the next event follows, against healthy time",
            f"{len(own)} steps of {component} that are taken less often",
            ("event", "next", "share_before", "share_now", "n_before", "n_now", "score", "instead"),
            [
                (
                    one.event, one.next, round(one.before, 4), round(one.after, 4), one.healthy, one.count,
                    round(one.score, 2), one.instead,
                )
                for one in own
            ],
        )  # fmt: skip
        follows = f"; {because[0]}, which it calls, misses a step too" if because else ""
        event = first.event.removeprefix(START).strip()
        notes.found(
            component,
            Signal.BROKEN_SEQUENCE,
            f"{event} > {first.next}",
            Direction.GONE if not first.after else Direction.DOWN,
            f"in {component}, {event} is followed by {first.next} in {share(first.after)} of cases, "
            f"{share(first.before)} in healthy time",
            f"{first.score:.1f} standard errors, n {first.healthy} before and {first.count} now{follows}",
            [seen],
            first.score * (_PASSED_ON if because else 1.0),
            kinds=_KINDS_BROKEN,
            peer=because[0] if because else None,
        )


def _callees(brief: Brief) -> dict[str, set[str]]:
    """Return who calls whom by the spans of the window."""
    owner: dict[int, str] = {}
    pairs: list[tuple[int, str]] = []
    for batch in brief.telemetry.spans(brief.incident.window):
        names = [*batch.names, ""]
        rows = zip(batch.span.tolist(), batch.parent.tolist(), batch.component.tolist(), strict=True)
        for span, parent, component in rows:
            owner[span] = names[component]
            pairs.append((parent, names[component]))
    found: dict[str, set[str]] = defaultdict(set)
    for parent, callee in pairs:
        caller = owner.get(parent)
        if caller is not None and caller != callee:
            found[caller].add(callee)
    return found


def _below(callees: dict[str, set[str]], component: str) -> set[str]:
    waiting, seen = [component], set[str]()
    while waiting:
        for callee in callees.get(waiting.pop(), ()):
            if callee not in seen:
                seen.add(callee)
                waiting.append(callee)
    return seen - {component}


def _tell_errors(notes: Notebook, changed: Sequence[Template], known: Sequence[str]) -> None:
    """Write down for each component its errors that are new or more frequent, and whom their words name."""
    own: dict[str, list[Template]] = defaultdict(list)
    for one in changed:
        if one.component and one.severity >= Severity.ERROR and one.score >= _TOLD and one.after:
            own[one.component].append(one)
    for component, errors in sorted(own.items(), key=lambda item: (-item[1][0].score, item[0])):
        first = errors[0]
        lines = sum(one.after for one in errors)
        seen = notes.observed(
            component,
            "lines of severity error or worse by template, against their healthy share of the component's lines",
            f"{lines:,} error lines of {component} in {len(errors)} templates that are new or more frequent",
            ("template", "before", "now", "first_us", "score", "example"),
            [(one.template, one.before, one.after, one.first, round(one.score, 2), one.example) for one in errors],
        )
        told = tuple(dict.fromkeys(kind for one in errors[:5] for kind in kinds_told(one.example or one.template)))
        blamed = [name for name in known if name != component and any(_names(one, name) for one in errors)]
        notes.found(
            component,
            Signal.NEW_LOGS if not first.before else Signal.ERROR_LOGS,
            first.template,
            Direction.NEW if not first.before else Direction.UP,
            f'{component} wrote {first.after:,} lines like "{_short(first.example or first.template)}", '
            f"{first.before:,} in healthy time",
            f"score {first.score:.1f} against its healthy share; {len(errors)} such templates",
            [seen],
            first.score,
            kinds=told or (FaultKind.CODE_DEFECT,),
            onset=min(one.first for one in errors),
            peer=blamed[0] if blamed else None,
        )


def _names(one: Template, name: str) -> bool:
    return name in one.example or name in one.template


def _short(text: str, most: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _tell_rates(notes: Notebook, changed: Sequence[Template]) -> None:
    """Write down for each component the line below error that came or went most."""
    told: set[tuple[str, Signal]] = set()
    for one in changed:
        if abs(one.score) < _TOLD:
            break
        if one.severity >= Severity.ERROR or not one.component:
            continue
        signal = _signal(one)
        if signal is None or (one.component, signal) in told:
            continue
        told.add((one.component, signal))
        direction = {Signal.NEW_LOGS: Direction.NEW, Signal.VANISHED_LOGS: Direction.GONE}.get(
            signal, Direction.UP if one.score > 0 else Direction.DOWN
        )
        seen = notes.observed(
            one.component,
            "lines by template, against their healthy share of the component's lines",
            f"{one.after:,} lines of one template of {one.component}, {one.before:,} in healthy time",
            ("template", "before", "now", "score", "example"),
            [(one.template, one.before, one.after, round(one.score, 2), one.example)],
        )
        notes.found(
            one.component,
            signal,
            one.template,
            direction,
            f'{one.component} wrote {one.after:,} lines like "{_short(one.example or one.template)}", '
            f"{one.before:,} in healthy time",
            f"score {one.score:+.1f} against its healthy share of the component's lines",
            [seen],
            abs(one.score),
            kinds=kinds_told(one.example or one.template) if one.severity >= Severity.WARN else (),
            onset=one.first if one.score > 0 else None,
        )


def _signal(one: Template) -> Signal | None:
    if not one.before:
        return Signal.NEW_LOGS if one.after >= _FEWEST_NEW else None
    return Signal.VANISHED_LOGS if not one.after else Signal.LOG_RATE


def _tell_steady(notes: Notebook, healthy: Counted, now: Counted) -> None:
    """Say of each component with lines in both stretches, and nothing notable, that it was looked at."""
    loud = {one.component for one in notes.findings if one.score >= _NOTABLE}
    both = {name for name, _ in now.tallies} & {name for name, _ in healthy.tallies}
    for component in sorted(both - loud - {""}):
        own = [(template, tally.count) for (name, template), tally in sorted(now.tallies.items()) if name == component]
        seen = notes.observed(
            component,
            "lines by template",
            f"{sum(count for _, count in own):,} lines of {component} in {len(own)} templates",
            ("template", "lines"),
            own,
        )
        notes.found(
            component,
            Signal.LOG_RATE,
            "lines",
            Direction.STEADY,
            f"{component} writes the same lines in the same order and share as in healthy time",
            f"no score of {_NOTABLE:g} or more over {len(own)} templates",
            [seen],
            0.0,
        )
