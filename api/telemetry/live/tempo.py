"""Grafana Tempo as a source of spans: traces found evenly over a window, each then read whole.

The HTTP API is https://grafana.com/docs/tempo/latest/api_docs/.
"""

from collections.abc import Iterator

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Spans
from api.investigation.windows import SECOND, Window
from api.telemetry.live.adapters import Adapter, Asked
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.otlp_spans import spans_in
from api.telemetry.live.promql import one_of
from api.telemetry.live.tables import Span, slices, spans_of

_PARTS = 10  # of a window: asked as a whole, Tempo gives traces of its end only


class TempoTelemetry(Asked):
    """What a Tempo tells of one incident."""

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans of a number of traces in `window`."""
        found: list[Span] = []
        for spans in self.asking.each(self._trace, self._ids(window)):
            inside = [one for one in spans if one.start in window]
            found.extend(inside[: self.account.room(SourceClass.TRACE, len(inside))])
        if found:
            yield spans_of(found)

    def _ids(self, window: Window) -> list[str]:
        """Return the ids of the traces to read, and tell where there are more of them."""
        share = max(1, self.settings.traces // _PARTS)
        parts = slices(window, _PARTS)
        found: dict[str, None] = {}
        full = 0
        for ids in self.asking.each(lambda part: self._search(part, share), parts):
            full += len(ids) >= share
            found.update(dict.fromkeys(ids))
        if full:
            text = f"{share} traces were read of each {parts[0].seconds:g} s, and {full} of {len(parts)} have more"
            self.account.lacks(SourceClass.TRACE, text)
        return list(found)

    def _search(self, part: Window, share: int) -> list[str]:
        query = self.settings.query or "{}"
        if self.scope.components and not self.settings.query:
            query = f"{{ resource.service.name =~ {one_of(sorted(self.scope.components))} }}"
        params = {
            "q": query, "start": part.start // SECOND, "end": -(-part.end // SECOND), "limit": share, "spss": 1,
        }  # fmt: skip
        try:
            answer = self.asking.get("/api/search", params)
            return [str(one["traceID"]) for one in answer.get("traces") or ()]
        except Unanswered as error:
            self.account.lacks(SourceClass.TRACE, error)
        except (KeyError, TypeError, AttributeError):
            self.account.lacks(SourceClass.TRACE, "its answer to a search holds no traces")
        return []

    def _trace(self, trace: str) -> list[Span]:
        if not trace.isalnum() or self.account.full:
            return []
        try:
            return list(spans_in(self.asking.get(f"/api/traces/{trace}")))
        except Unanswered as error:
            self.account.lacks(SourceClass.TRACE, f"{error}")
        except (KeyError, TypeError, ValueError, AttributeError):
            self.account.lacks(SourceClass.TRACE, "it gave a trace that is none")
        return []


def _version(asking: Asking) -> str:
    asking.get("/api/search", {"limit": 1})
    try:
        return str(asking.get("/api/status/buildinfo").get("version", ""))
    except Unanswered:
        return ""


ADAPTER = Adapter("tempo", frozenset({SourceClass.TRACE}), TempoTelemetry, _version)
