"""The specialist for logs: what lines are new, gone or more frequent, and which steps code no longer takes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Gap, GapReason
from api.investigation.loglines.broken import broken_scores
from api.investigation.loglines.differences import Comparison, compare
from api.investigation.loglines.reading import LogReader
from api.investigation.loglines.sequences import LostStep
from api.investigation.loglines.severity import Severity
from api.investigation.loglines.templates import MOST_PER_COMPONENT
from api.investigation.loglines.wording import kinds_in
from api.investigation.observations import Cell, SourceClass
from api.investigation.reports import Brief, Budget, Report
from api.investigation.signals import Signal
from api.investigation.specialists.writing import Notebook, amount, share
from api.investigation.telemetry import LogLines, Spans, Telemetry
from api.investigation.windows import Window, instant_text

_BEGINS = "(span begins)"
_TOLD = 1.0  # score from which a finding is worth writing down, for the ranking
_STEADY = 1.0  # score below which a component with errors or steps is said to be as always
_MOST_OF_ONE = 12  # findings on templates of one component; what is more is counted in its observation
_BARE = 2.5  # score beyond which nothing goes without a baseline: nothing is known to be unusual
_BROKEN = (FaultKind.CODE_DEFECT, FaultKind.BAD_CHANGE)
_COLUMNS = (
    "template", "severity", "origin", "healthy", "seen", "expected", "score", "first", "last", "names", "varying",
    "example",
)  # fmt: skip
_STEP_COLUMNS = ("before", "then", "began_healthy", "then_healthy", "began", "then_now", "loss", "score")


@dataclass(frozen=True, slots=True)
class LogsSpecialist:
    """Look at log lines in the window against healthy ones, by template and by their order inside of spans.

    What to expect is reckoned from the requests of each component where lines tell theirs, so that neither more load
    nor another mix of requests is trouble.
    """

    name: str = "logs"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        window = brief.incident.window
        told = [one for one in brief.telemetry.coverage() if one.source is SourceClass.LOG]
        notes = Notebook(self.name, SourceClass.LOG, told[0].instance if told else "logs", window)
        baseline = brief.baseline(SourceClass.LOG)
        reader = LogReader(baseline or window, window)
        wrote = _read(reader, brief, window, side=1)
        if not reader.rows[1] and not any(one.missing and one.component is None for one in told):
            notes.gaps.append(_gap(GapReason.NO_DATA, "there are no log lines in the window", "check the log shipping"))
        if baseline is not None:
            wrote |= _read(reader, brief, baseline, side=0)
            _read_beginnings(reader, brief, (baseline, window), wrote)
        if not reader.rows[0]:
            if reader.rows[1]:
                detail = "there are no log lines of healthy time; that lines are new can't be told"
                notes.gaps.append(_gap(GapReason.NO_BASELINE, detail, "keep the logs of a healthy hour"))
                _tell_bare(notes, compare(reader, _components(brief)))
        elif reader.rows[1] or brief.budget.spent is None:
            _tell(notes, compare(reader, _components(brief)), brief, partial=brief.budget.spent is not None)
        _tell_limits(notes, reader)
        return notes.report(brief.budget)


def _read(reader: LogReader, brief: Brief, window: Window, *, side: int) -> set[str]:
    """Read the lines of a window and return the components that wrote lines inside of spans."""
    wrote: set[str] = set()
    for batch in _within(brief.telemetry.logs(window), brief.budget):
        reader.add(batch, side)
        codes = np.unique(batch.component[batch.span != -1]).tolist()
        wrote.update(batch.names[code] for code in codes if code >= 0)
    return wrote


def _read_beginnings(reader: LogReader, brief: Brief, windows: tuple[Window, Window], wrote: set[str]) -> None:
    """Count the beginning of each span of those that write lines in spans as an event: a span without a line is one."""
    for side, window in enumerate(windows):
        if not wrote:
            return
        for batch in brief.telemetry.spans(window):
            names = [*batch.names, ""]
            own = np.array([name in wrote for name in names], dtype=bool)[batch.component]
            if not brief.budget.allows(len(batch)):
                return
            if own.any():
                reader.add(_beginnings(batch, own), side)


def _beginnings(batch: Spans, own: NDArray[np.bool_]) -> LogLines:
    count = int(own.sum())
    nothing = np.full(count, -1, dtype=np.int32)
    names = [*batch.names, ""]
    return LogLines(
        names=batch.names,
        time=batch.start[own] - 1,
        component=batch.component[own],
        severity=nothing,
        origin=nothing,
        trace=batch.trace[own],
        span=batch.span[own],
        count=np.ones(count, dtype=np.int64),
        text=tuple(f"{_BEGINS} {names[code]}" for code in batch.operation[own].tolist()),
    )


def _within(batches: Iterator[LogLines], budget: Budget) -> Iterator[LogLines]:
    for batch in batches:
        if not budget.allows(len(batch)):
            return
        yield batch


def _components(brief: Brief) -> frozenset[str]:
    stated = (name for edge in brief.telemetry.edges() for name in (edge.caller, edge.callee))
    return frozenset(brief.incident.components).union(stated)


def _gap(reason: GapReason, detail: str, next_step: str, component: str | None = None) -> Gap:
    return Gap(SourceClass.LOG, reason, detail, next_step, component)


def _tell(notes: Notebook, found: Comparison, brief: Brief, *, partial: bool) -> None:
    tables = _tell_tables(notes, found)
    _tell_steps(notes, found, _callees(brief, found))
    per_component: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    ranked = sorted(range(len(found.templates)), key=lambda one: (-round(found.score(one), 6), one))
    for number in ranked:
        name = found.templates[number].component
        if _is_beginning(found, number):
            continue
        if found.score(number) < _TOLD or (partial and found.rates[number].score < 0):
            continue  # lines that were not read are not gone
        if per_component[name] >= _MOST_OF_ONE:
            left[name] += 1
            continue
        per_component[name] += 1
        _tell_template(notes, found, number, tables[name])
    for name, count in sorted(left.items()):
        detail = f"{count} more templates of {name} changed than are told; its table of templates has them"
        notes.gaps.append(_gap(GapReason.TRUNCATED, detail, f"open the templates of {name}", name))
    _tell_steady(notes, found, tables)
    _tell_silent(notes, found, brief)


def _tell_tables(notes: Notebook, found: Comparison) -> dict[str, str]:
    """Write down the templates of each component, the most unusual first, and return the observations by component."""
    own: dict[str, list[int]] = defaultdict(list)
    for number, template in enumerate(found.templates):
        if not _is_beginning(found, number):
            own[template.component].append(number)
    tables: dict[str, str] = {}
    for name, numbers in sorted(own.items()):
        numbers.sort(key=lambda one: (-round(found.score(one), 6), one))
        lines, before = (sum(int(side.counts[one]) for one in numbers) for side in (found.now, found.healthy))
        tables[name] = notes.observed(
            name,
            f"log lines of {name} by template; expected = lines in {found.healthy.window} times the requests of the "
            "same kind, or the time, now over then; score = root of the deviance of both counts as Poisson, over "
            "bursts and over what the best of all templates reaches by chance, weighted by severity",
            f"{name} wrote {lines:,} lines of {len(numbers)} templates ({before:,} in healthy time)",
            _COLUMNS,
            [_row(found, one) for one in numbers],
        )
    return tables


def _is_beginning(found: Comparison, number: int) -> bool:
    return found.templates[number].text.startswith(_BEGINS)


def _row(found: Comparison, number: int) -> tuple[Cell, ...]:
    template, rate = found.templates[number], found.rates[number]
    seen = bool(rate.seen)
    varying = "; ".join(
        f"{one.kind} {one.place + 1}: {one.different} values in {one.sampled} sampled lines, "
        + ", ".join(f"{value} ({count})" for value, count in one.frequent)
        for one in template.varying[:4]
    )
    return (
        template.name, template.severity.name.lower(), template.origin, rate.healthy, rate.seen,
        round(rate.expected, 2), round(found.score(number), 2),
        instant_text(int(found.now.first[number])) if seen else None,
        instant_text(int(found.now.last[number])) if seen else None,
        found.peers[number], varying[:400], template.example,
    )  # fmt: skip


def _tell_template(notes: Notebook, found: Comparison, number: int, table: str) -> None:
    template, rate = found.templates[number], found.rates[number]
    direction = (
        Direction.NEW if found.is_new(number)
        else Direction.GONE if found.is_gone(number)
        else Direction.UP if rate.score > 0 else Direction.DOWN
    )  # fmt: skip
    trouble = found.troubled(number) and direction in {Direction.NEW, Direction.UP}
    plain = {Direction.NEW: Signal.NEW_LOGS, Direction.GONE: Signal.VANISHED_LOGS}.get(direction, Signal.LOG_RATE)
    grave = template.severity.name.lower() if template.severity >= Severity.WARN else "log"
    said = "{} wrote {} {} line{} {!r}, {}".format(
        template.component, f"{rate.seen:,}" if rate.seen else "no", grave, "" if rate.seen == 1 else "s",
        template.name[:120],
        "which healthy time has none of" if not rate.healthy else f"where {amount(rate.expected)} were expected",
    )  # fmt: skip
    notes.found(
        template.component,
        Signal.ERROR_LOGS if trouble else plain,
        template.name,
        direction,
        said,
        f"{rate.seen:,} lines against {rate.healthy:,} in healthy time ({amount(rate.expected)} for as much "
        f"{rate.by}), score {found.score(number):.1f}",
        [table],
        found.score(number),
        kinds=kinds_in(_words(found, number)) if direction in {Direction.NEW, Direction.UP} else _BROKEN,
        onset=found.onset(number),
        peer=found.peers[number] if trouble else None,
    )


def _words(found: Comparison, number: int) -> str:
    template = found.templates[number]
    return f"{template.trace} {template.example}" if template.trace else template.example or template.text


def _tell_steps(notes: Notebook, found: Comparison, callees: Mapping[str, set[str]]) -> None:
    """Write down the lost steps of each component, those that are clear, with one finding on the gravest."""
    own: dict[str, list[LostStep]] = defaultdict(list)
    for step in found.steps:
        own[step.component].append(step)
    worth = broken_scores(found.steps, callees)
    for name in sorted(own, key=lambda one: (-round(worth[one], 6), one)):
        first, score = own[name][0], 2 * worth[name]
        if score < _TOLD:
            continue
        seen = notes.observed(
            name,
            "for each line that another follows inside a span in most of healthy time: how often it still does; loss "
            "= lower bound of the fall (Newcombe, z 1), score = fall in standard errors",
            f"{len(own[name])} {'step' if len(own[name]) == 1 else 'steps'} of {name} taken less than in healthy time",
            _STEP_COLUMNS,
            [_step_row(found, step) for step in own[name]],
        )
        before, then = (found.templates[one].name[:80] for one in (first.before, first.then))
        passed_on = score < 2 * first.loss * first.score - 1e-9
        notes.found(
            name,
            Signal.BROKEN_SEQUENCE,
            f"{before} -> {then}",
            Direction.DOWN,
            f"after {before!r}, {name} went on to {then!r} in {first.kept} of {first.began} cases "
            f"({first.kept_healthy} of {first.began_healthy} in healthy time)",
            f"at least {share(first.loss)} less, {first.score:.1f} standard errors"
            + ("; halved, as a component that it calls lost a step too" if passed_on else ""),
            [seen],
            score,
            kinds=_BROKEN,
            onset=first.onset,
        )


def _step_row(found: Comparison, step: LostStep) -> tuple[Cell, ...]:
    return (
        found.templates[step.before].name, found.templates[step.then].name, step.began_healthy, step.kept_healthy,
        step.began, step.kept, round(step.loss, 3), round(step.score, 2),
    )  # fmt: skip


def _callees(brief: Brief, found: Comparison) -> dict[str, set[str]]:
    """Return whom each component calls, as stated or, where steps of several were lost, as the spans show."""
    callees: dict[str, set[str]] = defaultdict(set)
    for edge in brief.telemetry.edges():
        callees[edge.caller].add(edge.callee)
    if callees or len({step.component for step in found.steps}) < 2:
        return callees
    return _calls_in_spans(brief.telemetry, brief.incident.window, brief.budget)


def _calls_in_spans(telemetry: Telemetry, window: Window, budget: Budget) -> dict[str, set[str]]:
    callees: dict[str, set[str]] = defaultdict(set)
    for batch in telemetry.spans(window):
        if not budget.allows(len(batch)):
            break
        if not len(batch):
            continue
        order = np.argsort(batch.span, kind="stable")
        ids = batch.span[order]
        place = np.minimum(np.searchsorted(ids, batch.parent), len(ids) - 1)
        below = ids[place] == batch.parent
        callers = batch.component[order[place[below]]].tolist()
        pairs = set(zip(callers, batch.component[below].tolist(), strict=True))
        for caller, callee in sorted(pairs):
            if caller != callee:
                callees[batch.names[caller]].add(batch.names[callee])
    return callees


def _tell_steady(notes: Notebook, found: Comparison, tables: Mapping[str, str]) -> None:
    """Say of each component that wrote lines before and now that its logs are as always, where they are."""
    told = {one.component for one in notes.findings}
    for name, table in tables.items():
        numbers = [
            one
            for one, template in enumerate(found.templates)
            if template.component == name and not _is_beginning(found, one)
        ]
        lines, before = (sum(int(side.counts[one]) for one in numbers) for side in (found.now, found.healthy))
        loudest = max(found.score(one) for one in numbers)
        if name in told or not lines or not before or loudest >= _STEADY:
            continue
        notes.found(
            name, Signal.LOG_RATE, f"logs of {name}", Direction.STEADY,
            f"{name} writes the lines that it always writes ({lines:,} lines, {len(numbers)} templates)",
            f"no template or step scores above {_STEADY:.0f}; {before:,} lines in healthy time",
            [table], loudest,
        )  # fmt: skip


def _tell_silent(notes: Notebook, found: Comparison, brief: Brief) -> None:
    """Tell which components wrote nothing, in the window or at all."""
    lines = [number for number in range(len(found.templates)) if not _is_beginning(found, number)]
    wrote = {found.templates[number].component for number in lines if found.now.counts[number]}
    known = {found.templates[number].component for number in lines}
    for name in sorted(known - wrote):
        detail = f"{name} wrote no line in the window, and did in healthy time"
        notes.gaps.append(_gap(GapReason.NO_DATA, detail, f"look whether {name} runs and ships its logs", name))
    for name in sorted(_components(brief) - known):
        notes.gaps.append(_gap(GapReason.NO_DATA, f"{name} has no logs", f"ship the logs of {name}", name))


def _tell_bare(notes: Notebook, found: Comparison) -> None:
    """Without healthy time: name the lines of trouble, as nothing that could be held against always."""
    tables = _tell_tables(notes, found)
    for number, template in enumerate(found.templates):
        lines = int(found.now.counts[number])
        if template.severity >= Severity.ERROR or (template.severity == 0 and found.troubled(number)):
            notes.found(
                template.component, Signal.ERROR_LOGS, template.name, Direction.CHANGED,
                f"{template.component} wrote {lines:,} lines {template.name[:120]!r}",
                "there is no healthy time to compare with, so that they may be as always",
                [tables[template.component]], min(_BARE, float(np.log1p(lines))),
                kinds=kinds_in(_words(found, number)), onset=int(found.now.first[number]), peer=found.peers[number],
            )  # fmt: skip


def _tell_limits(notes: Notebook, reader: LogReader) -> None:
    """Tell what was cut, sampled or not kept apart."""
    limits = (
        (reader.stood_for_more, "rows stand for more than one line: their counts are taken, their texts are samples"),
        (reader.cut, "lines were cut to their first 2,000 characters"),
        (reader.not_in_order, "lines were counted and not looked at for their order, which is kept for 2,000,000"),
    )
    for count, what in limits:
        if count:
            notes.gaps.append(_gap(GapReason.TRUNCATED, f"{count:,} {what}", "narrow the window to see them whole"))
    for name, lines in sorted(reader.overflowed.items()):
        detail = (
            f"{lines:,} lines of {name} are beyond {MOST_PER_COMPONENT:,} different ones and counted as one template"
        )
        notes.gaps.append(_gap(GapReason.TRUNCATED, detail, "narrow the window", name))
