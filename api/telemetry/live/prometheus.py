"""Prometheus, Mimir and Thanos as a source: range queries with one step, alerts that fired, and calls between services.

The HTTP API is https://prometheus.io/docs/prometheus/latest/querying/api/.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Edge, Happening, Series
from api.investigation.windows import SECOND, Window
from api.telemetry.exporting import apart
from api.telemetry.live.answers import Account, Nothing, asked_windows
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.health import health_of
from api.telemetry.live.labels import component_of, plain_label
from api.telemetry.live.matrices import labels_of, merged, points_of, stretches
from api.telemetry.live.promql import Known, Question, inner, one_of, questions, quoted
from api.telemetry.live.settings import PrometheusSettings
from api.telemetry.live.sources import Limits, Scope, SourceHealth

_POINTS = 500  # of each series, about
_SHORTEST_STEP, _SCRAPE_UNKNOWN = 15, 60
_LONG_QUERY = 1_500  # signs; longer ones go into a form, since a URL may be cut
_GRAPHS: Mapping[str, tuple[str, str]] = {
    "traces_service_graph_request_total": ("client", "server"),
    "istio_requests_total": ("source_workload", "destination_workload"),
}
_NOBODY = frozenset({"", "unknown", "user"})


class PrometheusSource:
    """One Prometheus, or what speaks like it."""

    kind = "prometheus"
    gives = frozenset({SourceClass.METRIC})

    def __init__(self, settings: PrometheusSettings) -> None:
        self.settings = settings

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self.settings.name

    @property
    def seconds(self) -> float:
        """How long one investigation may ask it."""
        return self.settings.limits.seconds

    def telemetry(self, scope: Scope) -> "PrometheusTelemetry":
        """Return what it tells of an incident; asks nothing yet."""
        return PrometheusTelemetry(self.settings, scope)

    def health(self) -> SourceHealth:
        """Ask whether it can be used."""

        def version(asking: Asking) -> str:
            _answered(asking, "/api/v1/query", {"query": "1"})
            try:
                return str(asking.get("/api/v1/status/buildinfo")["data"]["version"])
            except (Unanswered, KeyError, TypeError):
                return ""

        return health_of(self.name, self.kind, self.settings.connection(), version)


class PrometheusTelemetry(Nothing):
    """What a Prometheus tells of one incident."""

    def __init__(self, settings: PrometheusSettings, scope: Scope) -> None:
        self._settings, self._scope = settings, scope
        self._stretches = apart(asked_windows(scope))
        self.step = _step(settings, sum(one.seconds for one in self._stretches))
        limits: Limits = settings.limits.limits()
        super().__init__(Account(f"{settings.name}, step {self.step} s", PrometheusSource.gives, scope, limits))
        self._asking = Asking(settings.connection(), limits)
        self._lock = threading.Lock()
        self._names: tuple[str, ...] | None = None
        self._series: tuple[Series, ...] | None = None

    def series(self, window: Window) -> Iterator[Series]:
        """Give each series that has points inside `window`; all are asked for at the first call."""
        with self._lock:
            if self._series is None:
                self._series = tuple(self._asked())
        for one in self._series:
            part = one.within(window)
            if len(part.times):
                yield part

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the alerts that fired inside `window`: they count as metrics, on which they were raised."""
        restrict = inner(self._settings.select)
        query = f"ALERTS{{{','.join(part for part in ('alertstate=' + quoted('firing'), restrict) if part)}}}"
        try:
            found = self._range(query, window)
        except Unanswered as error:
            self.account.lacks(SourceClass.METRIC, f"alerts: {error}")
            return
        for one in found:
            labels, times = labels_of(one), points_of(one)[0]
            for start, end in stretches(times, 2 * self.step * SECOND):
                yield _alert(labels, int(times[start]), int(times[end]), self.account.instance, self._settings.labels)

    def edges(self) -> tuple[Edge, ...]:
        """Give the calls that metrics of a service graph count."""
        window = self._scope.window
        found: set[Edge] = set()
        try:
            known = set(self._metric_names())
            for metric, (caller, callee) in _GRAPHS.items():
                if metric in known:
                    query = f"sum by ({caller}, {callee}) (increase({metric}[{max(1, round(window.seconds))}s])) > 0"
                    params = {"query": query, "time": window.end / SECOND}
                    for one in _result(_answered(self._asking, "/api/v1/query", params)):
                        labels = labels_of(one)
                        ends = labels.get(caller, ""), labels.get(callee, "")
                        if not _NOBODY & set(ends) and ends[0] != ends[1]:
                            found.add(Edge(*ends))
        except Unanswered as error:
            self.account.lacks(SourceClass.METRIC, f"calls between services: {error}")
        return tuple(sorted(found))

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell what there is; the instance names the step."""
        return self.account.coverage()

    def close(self) -> None:
        """Let go of the connections."""
        self._asking.close()

    def _asked(self) -> Iterator[Series]:
        try:
            known = self._known()
            asked = questions(self._settings, known, self._restricting(), self._rate_seconds())
        except Unanswered as error:
            self.account.lacks(SourceClass.METRIC, error)
            return
        most = self._settings.most_metrics
        if len(asked) > most:
            self.account.lacks(
                SourceClass.METRIC, f"asked for {most} of {len(asked)} metrics, rates and durations first"
            )
        yield from self._answers(asked[:most])

    def _answers(self, asked: Sequence[Question]) -> Iterator[Series]:
        failed: list[Unanswered] = []

        def ask(question: Question) -> list[Series]:
            if any(one.spent for one in failed) or self.account.full:
                failed.extend(failed[:1])
                return []
            try:
                return [one for stretch in self._stretches for one in self._answer(question, stretch)]
            except Unanswered as error:
                failed.append(error)
                return []

        count = 0
        for found in self._asking.each(ask, asked):
            for one in found:
                count += 1
                taken = count <= self._settings.most_series
                if taken and self.account.room(SourceClass.METRIC, len(one.times)) == len(one.times):
                    yield one
        self._tell_lacks(asked, failed, count)

    def _tell_lacks(self, asked: Sequence[Question], failed: Sequence[Unanswered], count: int) -> None:
        problems: list[str] = []
        if count > self._settings.most_series:
            problems.append(f"gave {self._settings.most_series:,} of {count:,} series")
        if failed:
            why = next((one for one in failed if one.spent), failed[0])
            problems.append(f"{len(failed)} of {len(asked)} metrics did not come: {why}")
        elif asked and not count:
            labels = ", ".join(self._settings.labels)
            problems.append(f"none of its series carries a label that names a component ({labels})")
        for problem in problems:
            self.account.lacks(SourceClass.METRIC, problem)

    def _answer(self, question: Question, window: Window) -> list[Series]:
        parts: defaultdict[str, list[Any]] = defaultdict(list)
        for one in self._range(question.query, window):
            component = component_of(labels_of(one), question.order)
            if component is not None and self._is_wanted(component):
                parts[component].append(points_of(one))
        return [merged(component, question, own, self.account.instance) for component, own in sorted(parts.items())]

    def _is_wanted(self, component: str) -> bool:
        return not self._scope.components or component in self._scope.components

    def _range(self, query: str, window: Window) -> list[Any]:
        step = self.step * SECOND
        first, last = -(-window.start // step) * step, (window.end - 1) // step * step
        if last < first:
            first = last = window.start
        params = {"query": query, "start": str(first / SECOND), "end": str(last / SECOND), "step": str(self.step)}
        answer = _answered(self._asking, "/api/v1/query_range", params)
        for warning in answer.get("warnings") or ():
            self.account.lacks(SourceClass.METRIC, f"it warns: {str(warning)[:160]!r}")
        return _result(answer)

    def _known(self) -> Known:
        names = self._metric_names()
        types: dict[str, str] = {}
        try:
            told = _answered(self._asking, "/api/v1/metadata", {}).get("data")
            types = {str(name): str(own[0].get("type", "")) for name, own in told.items() if own} if told else {}
        except (Unanswered, AttributeError, TypeError, KeyError, IndexError):
            types = {}  # their names tell it nearly as well
        labels = _answered(self._asking, "/api/v1/labels", self._when()).get("data") or ()
        return Known(names, types, frozenset(map(str, labels)))

    def _metric_names(self) -> tuple[str, ...]:
        if self._names is None:
            params = self._when()
            if inner(self._settings.select):
                params["match[]"] = f"{{{inner(self._settings.select)}}}"
            answer = _answered(self._asking, "/api/v1/label/__name__/values", params)
            self._names = tuple(map(str, answer.get("data") or ()))
        return self._names

    def _when(self) -> dict[str, str]:
        return {"start": str(self._stretches[0].start / SECOND), "end": str(self._scope.window.end / SECOND)}

    def _restricting(self) -> str:
        """Return a matcher for the components of the scope, where one label names all of them; else none."""
        wanted = set(self._scope.components)
        for label in self._settings.labels if wanted else ():
            name = plain_label(label)
            told = _answered(self._asking, f"/api/v1/label/{name}/values", self._when()).get("data") or ()
            if wanted <= set(map(str, told)):
                return f"{name}=~{one_of(sorted(wanted))}"
        return ""

    def _rate_seconds(self) -> int:
        """Return over how long rates are taken: four scrapes, learnt from how often targets were scraped."""
        params = {"query": "quantile(0.1, count_over_time(up[10m]))", "time": str(self._scope.window.end / SECOND)}
        try:
            found = _result(_answered(self._asking, "/api/v1/query", params))
            count = float(found[0]["value"][1]) if found else 0.0
        except (Unanswered, KeyError, IndexError, TypeError, ValueError):
            count = 0.0
        scrape = 600 / count if count >= 1 else _SCRAPE_UNKNOWN
        # At the start of a recording few scrapes are there, which says nothing of the time between them.
        return max(round(4 * min(scrape, _SCRAPE_UNKNOWN)), self.step, 1)


def _step(settings: PrometheusSettings, seconds: float) -> int:
    if settings.step_seconds is not None:
        return max(1, round(settings.step_seconds), int(seconds // 10_000))  # 11,000 points are the most it answers
    return max(_SHORTEST_STEP, -(-round(seconds / _POINTS) // 5) * 5)


def _answered(asking: Asking, path: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    form = {key: str(value) for key, value in params.items()}
    answer = asking.post_form(path, form) if len(form.get("query", "")) > _LONG_QUERY else asking.get(path, form)
    if not isinstance(answer, dict) or answer.get("status") != "success":
        said = str(answer.get("error", "") if isinstance(answer, dict) else answer)[:160]
        raise Unanswered(f"it answered {path} with no success ({said!r})")
    return answer


def _result(answer: Mapping[str, Any]) -> list[Any]:
    data = answer.get("data")
    found = data.get("result") if isinstance(data, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unanswered("its answer holds no list of results")
    return found


def _alert(labels: Mapping[str, str], start: int, end: int, instance: str, order: Sequence[str]) -> Happening:
    shown = {key: value for key, value in sorted(labels.items()) if key not in ("__name__", "alertstate")}
    return Happening(
        source=SourceClass.METRIC,
        kind="alert",
        at=start,
        component=component_of(labels, order),
        title=labels.get("alertname", "alert"),
        detail=", ".join(f"{key}={value}" for key, value in shown.items())[:2_000],
        until=end if end > start else None,
        instance=instance,
    )
