"""Elasticsearch and OpenSearch as sources of log lines: a point in time, read page after page in order of time.

The APIs are https://www.elastic.co/docs/reference/elasticsearch/rest-apis/paginate-search-results and
https://docs.opensearch.org/latest/search-plugins/searching-data/point-in-time/.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from api.investigation.observations import SourceClass
from api.investigation.telemetry import LogLines
from api.investigation.windows import Window, instant_text
from api.telemetry.live.adapters import Adapter, Asked
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.tables import Line, first_text, instant, lines_of, slices

_KEEP = "1m"


class ElasticsearchTelemetry(Asked):
    """What an Elasticsearch or OpenSearch tells of one incident."""

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines inside `window`, a batch for each part of it."""
        try:
            point = self._open()
        except Unanswered as error:
            self.account.lacks(SourceClass.LOG, error)
            return
        parts = slices(window, 2 * self.settings.limits.at_once)
        try:
            for found in self.asking.each(lambda part: self._part(point, part), parts):
                kept = found[: self.account.room(SourceClass.LOG, len(found))]
                if kept:
                    yield lines_of(kept)
        finally:
            self._close(point)

    @property
    def _is_open(self) -> bool:
        return bool(self.settings.kind == "opensearch")

    def _open(self) -> str:
        path = "_search/point_in_time" if self._is_open else "_pit"
        index = quote(self.settings.index, safe="*,")
        answer = self.asking.post_json(f"/{index}/{path}", None, {"keep_alive": _KEEP})
        told = answer.get("pit_id" if self._is_open else "id") if isinstance(answer, dict) else None
        if not isinstance(told, str):
            raise Unanswered("it opens no point in time; is its kind right?")
        return told

    def _close(self, point: str) -> None:
        if self._is_open:
            self.asking.delete("/_search/point_in_time", {"pit_id": [point]})
        else:
            self.asking.delete("/_pit", {"id": point})

    def _part(self, point: str, part: Window) -> list[Line]:
        """Return the lines of a part of the window; what failed or did not fit is told."""
        found: list[Line] = []
        after: list[Any] | None = None
        broken = 0
        try:
            while not self.account.full and len(found) < self.settings.limits.rows:
                hits = self._page(point, part, after)
                for hit in hits:
                    try:
                        line = self._line(hit["_source"])
                    except (KeyError, TypeError, ValueError):
                        broken += 1
                        continue
                    if line is not None:
                        found.append(line)
                if len(hits) < self.settings.page:
                    break
                after = hits[-1].get("sort")
                if not isinstance(after, list):
                    raise Unanswered("its answer does not say where the next page begins")
        except Unanswered as error:
            self.account.lacks(SourceClass.LOG, error)
        if broken:
            self.account.lacks(SourceClass.LOG, "lines without a time or a component were left out; check the fields")
        return found

    def _page(self, point: str, part: Window, after: list[Any] | None) -> list[Any]:
        field = self.settings.time_field
        asked: list[dict[str, Any]] = [
            {"range": {field: {"gte": instant_text(part.start), "lt": instant_text(part.end)}}}
        ]
        if self.settings.query:
            asked.append({"query_string": {"query": self.settings.query}})
        order = {"order": "asc", "format": "strict_date_optional_time_nanos", "numeric_type": "date_nanos"}
        body: dict[str, Any] = {
            "size": self.settings.page,
            "track_total_hits": False,
            "pit": {"id": point, "keep_alive": _KEEP},
            "query": {"bool": {"filter": asked}},
            "sort": [{field: order}, {"_doc" if self._is_open else "_shard_doc": "asc"}],
            "_source": self._fields(),
        }
        if after is not None:
            body["search_after"] = after
        answer = self.asking.post_json("/_search", body)
        try:
            if answer.get("timed_out") or (answer.get("_shards") or {}).get("failed"):
                self.account.lacks(SourceClass.LOG, "some of its shards did not answer")
            return list(answer["hits"]["hits"])
        except (KeyError, TypeError, AttributeError) as error:
            raise Unanswered("its answer holds no hits") from error

    def _fields(self) -> list[str]:
        told = self.settings
        return [
            told.time_field, *told.message_fields, *told.component_fields, *told.severity_fields, *told.trace_fields,
            *told.span_fields,
        ]  # fmt: skip

    def _line(self, record: Any) -> Line | None:
        component = first_text(record, self.settings.component_fields)
        if not component:
            raise ValueError("a line without a component")
        if not self.is_wanted(component):
            return None
        told = first_text(record, [self.settings.time_field])
        at = int(told) * 1_000 if told.isdigit() else instant(told)
        return Line(
            at, component, first_text(record, self.settings.message_fields),
            first_text(record, self.settings.severity_fields), first_text(record, self.settings.trace_fields),
            first_text(record, self.settings.span_fields),
        )  # fmt: skip


def _version(asking: Asking) -> str:
    return str(asking.get("/")["version"]["number"])


ADAPTER = Adapter("elasticsearch", frozenset({SourceClass.LOG}), ElasticsearchTelemetry, _version)
