"""Several connected sources asked at the same time, each of which can fail alone, made one recording."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from api.errors import GroundwatchError
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans, Telemetry
from api.investigation.windows import Window
from api.telemetry.exporting import apart
from api.telemetry.live.answers import covered
from api.telemetry.live.sources import Limits, LiveSource, Scope
from api.telemetry.recording import Recording

_PATIENCE = 5.0  # beyond what a source may take: for what it does with its answers
_HAPPENING = frozenset({SourceClass.EVENT, SourceClass.CHANGE})

_log = logging.getLogger(__name__)


@runtime_checkable
class _Closing(Protocol):
    def close(self) -> None: ...


@dataclass(slots=True)
class _Gathered:
    """What one source gave so far; written by the threads that ask it."""

    source: LiveSource
    telemetry: Telemetry | None = None
    series: tuple[Series, ...] = ()
    spans: tuple[Spans, ...] = ()
    logs: tuple[LogLines, ...] = ()
    happenings: tuple[Happening, ...] = ()
    edges: tuple[Edge, ...] = ()
    failed: dict[SourceClass, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)


@runtime_checkable
class _Timed(Protocol):
    @property
    def seconds(self) -> float: ...


def patience_for(sources: Sequence[LiveSource]) -> float:
    """Return for how many seconds sources are waited for: the longest that one may take by its limits, and a little."""
    told = [one.seconds if isinstance(one, _Timed) else Limits().seconds for one in sources]
    return max(told, default=0.0) + _PATIENCE


def gather(sources: Sequence[LiveSource], scope: Scope, *, patience: float | None = None) -> Recording:
    """Ask every source for all that it gives of an incident, each class in a thread of its own, and keep it.

    Raises nothing for what a source does: what is missing or cut is in the coverage. A source that has not come to an
    end after `patience` seconds in all is left behind, and what it has given by then of a class that is whole stays.
    """
    patience = patience_for(sources) if patience is None else patience
    asked = [_Gathered(one) for one in sources]
    threads = [thread for one in asked for thread in _threads(one, scope)]
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    facts = tuple(fact for one in asked for fact in _coverage(one, scope, patience))
    for one in asked:
        if isinstance(one.telemetry, _Closing):
            one.telemetry.close()
    return _recording(asked, facts)


def _recording(asked: Sequence[_Gathered], facts: tuple[Coverage, ...]) -> Recording:
    spans = [batch for one in asked for batch in one.spans]
    logs = [batch for one in asked for batch in one.logs]
    happenings = {happening: None for one in asked for happening in one.happenings}
    return Recording(
        facts=facts,
        every_series=tuple(series for one in asked for series in one.series),
        read_spans=lambda: iter(spans),
        read_logs=lambda: iter(logs),
        every_happening=tuple(sorted(happenings, key=lambda one: (one.at, one.source, one.kind, one.ref, one.title))),
        every_edge=tuple(sorted({edge for one in asked for edge in one.edges})),
    )


def _threads(one: _Gathered, scope: Scope) -> Iterator[threading.Thread]:
    gives = one.source.gives
    parts = [
        name
        for name, needed in (
            ("series", SourceClass.METRIC in gives),
            ("spans", SourceClass.TRACE in gives),
            ("logs", SourceClass.LOG in gives),
            # Alerts that a system of metrics keeps are happenings that it tells of.
            ("happenings", bool(gives & _HAPPENING) or SourceClass.METRIC in gives),
            ("edges", bool(gives & {SourceClass.METRIC, SourceClass.TRACE})),
        )
        if needed
    ]
    try:
        one.telemetry = one.source.telemetry(scope)
    except GroundwatchError as error:
        one.failed = dict.fromkeys(gives, f"{one.source.name}: {error}")
        return
    for part in parts:
        yield threading.Thread(
            target=_read, args=(one, part, scope), name=f"source-{one.source.name}-{part}", daemon=True
        )


def _read(one: _Gathered, part: str, scope: Scope) -> None:
    """Read one part of what a source gives into memory; what goes wrong is its own."""
    assert one.telemetry is not None, "it is opened before its threads are"
    try:
        windows = _windows(part, one.source.gives, scope)
        if part == "series":
            one.series = tuple(found for window in windows for found in one.telemetry.series(window))
        elif part == "spans":
            one.spans = tuple(found for window in windows for found in one.telemetry.spans(window))
        elif part == "logs":
            one.logs = tuple(found for window in windows for found in one.telemetry.logs(window))
        elif part == "happenings":
            one.happenings = tuple(found for window in windows for found in one.telemetry.happenings(window))
        else:
            one.edges = one.telemetry.edges()
    except GroundwatchError as error:
        one.failed.update(dict.fromkeys(_classes(part, one.source.gives), f"{one.source.name}: {error}"))
    except Exception:  # the outermost of this thread: one source's odd answer must not end the investigation
        _log.exception("source %s could not be read", one.source.name)
        odd = f"{one.source.name}: its answer was not as expected; the log has it"
        one.failed.update(dict.fromkeys(_classes(part, one.source.gives), odd))
    one.done.add(part)


def _windows(part: str, gives: frozenset[SourceClass], scope: Scope) -> list[Window]:
    """Return the windows to ask about: the healthy time and the trouble, or all that events and changes cover."""
    if part == "happenings":
        return apart([covered(scope, source) for source in sorted(gives & _HAPPENING)] or [scope.window])
    return [one for one in (scope.baseline, scope.window) if one is not None]


def _classes(part: str, gives: frozenset[SourceClass]) -> frozenset[SourceClass]:
    if part == "happenings":
        return gives & _HAPPENING
    single = {"series": SourceClass.METRIC, "spans": SourceClass.TRACE, "logs": SourceClass.LOG}
    return frozenset({single[part]}) if part in single else frozenset()


def _coverage(one: _Gathered, scope: Scope, patience: float) -> Iterator[Coverage]:
    """Tell what a source gave: its own account, and what it left open."""
    told = one.telemetry.coverage() if one.telemetry is not None else ()
    for source in sorted(one.source.gives):
        own = [fact for fact in told if fact.source is source]
        late = one.telemetry is not None and not (_parts(source) & one.done)
        failed = one.failed.get(source, "")
        if failed or late:
            name = own[0].instance if own else one.source.name
            why = failed or f"{one.source.name} came to no end within {patience:g} s"
            yield Coverage(source, name, covered(scope, source), scope.baseline, missing=why)
        else:
            yield from own or [Coverage(source, one.source.name, covered(scope, source), scope.baseline)]


def _parts(source: SourceClass) -> set[str]:
    parts = {SourceClass.METRIC: "series", SourceClass.TRACE: "spans", SourceClass.LOG: "logs"}
    return {parts.get(source, "happenings")}
