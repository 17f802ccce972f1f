"""Spans of OTLP in JSON, as Tempo gives them: ids in hex or base64, times in nanoseconds as text."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.telemetry.live.tables import Span

_HEX = re.compile(r"^(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{32})$")
_FAILED = frozenset({2, "2", "STATUS_CODE_ERROR"})
_PEERS = ("peer.service", "server.address", "db.system", "messaging.system")
_OUTGOING = frozenset({3, 4, "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER"})


def spans_in(answer: Any) -> Iterator[Span]:
    """Give the spans of a trace. Raises ValueError, KeyError or TypeError where it is not as the format has it."""
    trace = answer.get("trace", answer)
    for resource in trace.get("resourceSpans") or trace.get("batches") or ():
        component = str(_attributes(resource.get("resource") or {}).get("service.name") or "")
        for scope in resource.get("scopeSpans") or resource.get("instrumentationLibrarySpans") or ():
            for one in scope.get("spans") or ():
                if component:
                    yield _span(one, component)


def _span(one: Mapping[str, Any], component: str) -> Span:
    start, end = int(one["startTimeUnixNano"]), int(one.get("endTimeUnixNano") or 0)
    told = _attributes(one)
    outgoing = one.get("kind") in _OUTGOING
    return Span(
        trace=_id(one["traceId"]),
        span=_id(one["spanId"]),
        parent=_id(one.get("parentSpanId") or ""),
        component=component,
        operation=str(one.get("name") or ""),
        start=start // 1_000,
        duration=max(0, end - start) // 1_000,
        failed=int((one.get("status") or {}).get("code") in _FAILED),
        peer=next((str(told[name]) for name in _PEERS if told.get(name)), "") if outgoing else "",
    )


def _attributes(of: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in of.get("attributes") or ():
        value = one.get("value") or {}
        found[str(one.get("key"))] = next(iter(value.values()), "") if isinstance(value, dict) else value
    return found


def _id(told: str) -> str:
    if not told or _HEX.match(told):
        return told.lower()
    try:
        return base64.b64decode(told, validate=True).hex()
    except (binascii.Error, ValueError):
        return told
