"""Grafana Loki as a source of log lines, read in pages, several parts of a window at the same time.

The HTTP API is https://grafana.com/docs/loki/latest/reference/loki-http-api/.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import LogLines
from api.investigation.windows import Window
from api.telemetry.live.adapters import Adapter, Asked
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.labels import component_of, plain_label
from api.telemetry.live.promql import one_of
from api.telemetry.live.tables import Line, lines_of, slices

_LEVELS = ("level", "detected_level", "severity", "severity_text")
_Entry = tuple[int, tuple[tuple[str, str], ...], str]


class LokiTelemetry(Asked):
    """What a Loki tells of one incident."""

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines inside `window`, a batch for each part of it."""
        try:
            selector = self._selector(window)
        except Unanswered as error:
            self.account.lacks(SourceClass.LOG, error)
            return
        parts = slices(window, 2 * self.settings.limits.at_once)
        for found in self.asking.each(lambda part: self._part(selector, part), parts):
            kept = found[: self.account.room(SourceClass.LOG, len(found))]
            if kept:
                yield lines_of(kept)

    def _selector(self, window: Window) -> str:
        """Return the settings' selector; else that of all streams which carry the first label that names components."""
        if self.settings.select:
            select = str(self.settings.select).strip()
            return select if select.startswith("{") else f"{{{select}}}"
        times = {"start": window.start * 1_000, "end": window.end * 1_000}
        there = set(_data(self.asking.get("/loki/api/v1/labels", times), list))
        name = next((one for one in map(plain_label, self.settings.labels) if one in there), None)
        if name is None:
            labels = ", ".join(self.settings.labels)
            raise Unanswered(f"no stream carries a label that names a component ({labels}); set select or labels")
        if self.scope.components:
            values = set(_data(self.asking.get(f"/loki/api/v1/label/{name}/values", times), list))
            if set(self.scope.components) <= values:
                return f"{{{name}=~{one_of(sorted(self.scope.components))}}}"
        return f'{{{name}=~".+"}}'

    def _part(self, selector: str, part: Window) -> list[Line]:
        """Return the lines of a part of the window; what failed or did not fit is told."""
        found: list[Line] = []
        start, end, seen = part.start * 1_000, part.end * 1_000, set[_Entry]()
        try:
            while start < end and not self.account.full and len(found) < self.settings.limits.rows:
                page = self._page(selector, start, end)
                fresh = [one for one in page if one not in seen]
                found.extend(line for one in fresh if (line := self._line(one)) is not None)
                if len(page) < self.settings.page:
                    break
                last = page[-1][0]
                if last == start and not fresh:
                    last += 1
                    self.account.lacks(SourceClass.LOG, f"more than {self.settings.page:,} lines of one instant")
                start, seen = last, {one for one in page if one[0] == last}
        except Unanswered as error:
            self.account.lacks(SourceClass.LOG, error)
        return found

    def _page(self, selector: str, start: int, end: int) -> list[_Entry]:
        params = {"query": selector, "start": start, "end": end, "limit": self.settings.page, "direction": "forward"}
        result = _data(self.asking.get("/loki/api/v1/query_range", params), dict).get("result")
        try:
            return sorted(
                (int(value[0]), _labels(stream["stream"], value), str(value[1]))
                for stream in result or ()
                for value in stream["values"]
            )
        except (TypeError, KeyError, ValueError, IndexError, AttributeError) as error:
            raise Unanswered("its answer holds a line that is none") from error

    def _line(self, entry: _Entry) -> Line | None:
        at, labels, text = entry
        told = dict(labels)
        component = component_of(told, self.settings.labels)
        if component is None or not self.is_wanted(component):
            return None
        level = next((told[one] for one in _LEVELS if told.get(one) not in (None, "", "unknown")), "")
        return Line(at // 1_000, component, text, level, told.get("trace_id", ""), told.get("span_id", ""))


def _labels(stream: Mapping[str, Any], value: list[Any]) -> tuple[tuple[str, str], ...]:
    """Return the labels of a stream with what a line carries of its own."""
    own = value[2] if len(value) > 2 and isinstance(value[2], dict) else {}
    own = own.get("structuredMetadata", own)
    return tuple(sorted((str(key), str(told)) for key, told in {**stream, **own}.items()))


def _data(answer: Any, kind: type) -> Any:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, kind):
        raise Unanswered("its answer holds no data")
    return data


def _version(asking: Asking) -> str:
    asking.get("/loki/api/v1/labels")
    try:
        return str(asking.get("/loki/api/v1/status/buildinfo").get("version", ""))
    except Unanswered:
        return ""


ADAPTER = Adapter("loki", frozenset({SourceClass.LOG}), LokiTelemetry, _version)
