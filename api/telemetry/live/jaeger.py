"""Jaeger as a source of spans, asked service by service, and of the calls that it knows.

The HTTP API is https://www.jaegertracing.io/docs/latest/apis/ (the JSON that its own page reads).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Edge, Spans
from api.investigation.windows import Window
from api.telemetry.live.adapters import Adapter, Asked
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.tables import Span, slices, spans_of

_PARTS = 4
_MOST_SERVICES = 200
_OUTGOING = frozenset({"client", "producer"})


class JaegerTelemetry(Asked):
    """What a Jaeger tells of one incident."""

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans of a number of traces of each service in `window`, each span once."""
        found: dict[tuple[str, str], Span] = {}
        parts = slices(window, _PARTS)
        asked = [(service, part) for service in self._services() for part in parts]
        share = max(1, self.settings.traces // _PARTS)
        for spans, traces in self.asking.each(lambda one: self._traces(one[0], one[1], share), asked):
            fresh = {(one.trace, one.span): one for one in spans if one.start in window}
            new = [key for key in fresh if key not in found]
            found.update((key, fresh[key]) for key in new[: self.account.room(SourceClass.TRACE, len(new))])
            if traces >= share:
                text = f"{share} traces were read of each service and {parts[0].seconds:g} s, and there are more"
                self.account.lacks(SourceClass.TRACE, text)
        if found:
            yield spans_of(list(found.values()))

    def edges(self) -> tuple[Edge, ...]:
        """Give the calls that Jaeger knows of the window."""
        window = self.scope.window
        params = {"endTs": window.end // 1_000, "lookback": (window.end - window.start) // 1_000}
        try:
            told = self.asking.get("/api/dependencies", params).get("data") or ()
            return tuple(sorted({Edge(str(one["parent"]), str(one["child"])) for one in told}))
        except Unanswered as error:
            self.account.lacks(SourceClass.TRACE, f"calls between services: {error}")
        except (KeyError, TypeError, AttributeError):
            self.account.lacks(SourceClass.TRACE, "its answer about dependencies is none")
        return ()

    def _services(self) -> list[str]:
        wanted = list(self.settings.services or self.scope.components)
        if wanted:
            return wanted
        try:
            told = sorted(map(str, self.asking.get("/api/services").get("data") or ()))
        except Unanswered as error:
            self.account.lacks(SourceClass.TRACE, error)
            return []
        except (TypeError, AttributeError):
            self.account.lacks(SourceClass.TRACE, "its answer holds no services")
            return []
        if len(told) > _MOST_SERVICES:
            self.account.lacks(SourceClass.TRACE, f"{_MOST_SERVICES} of {len(told)} services were asked for")
        return told[:_MOST_SERVICES]

    def _traces(self, service: str, part: Window, share: int) -> tuple[list[Span], int]:
        """Return spans, and of how many traces they are."""
        if self.account.full:
            return [], 0
        params = {"service": service, "start": part.start, "end": part.end - 1, "limit": share}
        try:
            told = self.asking.get("/api/traces", params).get("data") or ()
            return [span for trace in told for span in _spans(trace)], len(told)
        except Unanswered as error:
            self.account.lacks(SourceClass.TRACE, error)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.account.lacks(SourceClass.TRACE, "it gave a trace that is none")
        return [], 0


def _spans(trace: Mapping[str, Any]) -> Iterator[Span]:
    processes = trace.get("processes") or {}
    for one in trace["spans"]:
        tags = {str(tag.get("key")): tag.get("value") for tag in one.get("tags") or ()}
        parents = [
            str(ref["spanID"])
            for ref in one.get("references") or ()
            if ref.get("refType") == "CHILD_OF" and ref.get("traceID", one["traceID"]) == one["traceID"]
        ]
        failed = tags.get("error") in (True, "true") or tags.get("otel.status_code") == "ERROR"
        outgoing = tags.get("span.kind") in _OUTGOING
        component = str((processes.get(one.get("processID")) or one.get("process") or {})["serviceName"])
        yield Span(
            str(one["traceID"]), str(one["spanID"]), parents[0] if parents else "", component,
            str(one.get("operationName") or ""), int(one["startTime"]), max(0, int(one["duration"])), int(failed),
            str(tags.get("peer.service") or "") if outgoing else "",
        )  # fmt: skip


def _version(asking: Asking) -> str:
    asking.get("/api/services")
    return ""


ADAPTER = Adapter("jaeger", frozenset({SourceClass.TRACE}), JaegerTelemetry, _version)
