"""Recordings of RootCauseBench: an alert, long metrics, logs, spans, commits, deploys, flags and a status feed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from api.errors import TelemetryUnreadable
from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Happening, LogLines, Series, Spans
from api.investigation.windows import SECOND, Window
from api.telemetry.files import id_of, instant, needed, numbers, read_columns, read_json, read_lines
from api.telemetry.recording import Codes, Recording

_LEAD = 15 * 60 * SECOND  # before the alert fires, trouble has been there for a while
_OWN = ("timestamp", "service", "severity_text", "msg", "trace_id", "span_id")


def read(folder: Path, facts: Mapping[str, Any]) -> tuple[Incident, Recording]:
    """Return the incident of a case and its telemetry. Raises TelemetryUnreadable where a file can't be read."""
    name = str(facts["case_id"])
    series = _long(folder / "metrics.csv")
    if not series:
        raise TelemetryUnreadable(f"{folder / 'metrics.csv'} holds no series; record it again")
    start = min(int(one.times[0]) for one in series)
    end = max(int(one.times[-1]) for one in series) + 60 * SECOND
    alert = facts["anomaly"]["alert"]
    fired = min(max(instant(alert["fired_at"], str(folder)), start + 2 * SECOND), end - SECOND)
    window = Window(max(start + (fired - start) // 2, fired - _LEAD), end)
    baseline = Window(start, window.start)
    incident = Incident(
        id=name,
        title=str(alert.get("summary", name)),
        symptom=Symptom(
            text=str(alert.get("summary", "")),
            component=str(alert["service"]) if alert.get("service") else None,
            metric=str(alert["metric"]) if alert.get("metric") else None,
            alert=str(alert.get("monitor", "")) or None,
            severity=str(alert.get("severity", "")) or None,
        ),
        window=window,
        baseline=baseline,
        components=tuple(str(one) for one in facts.get("candidates", ())),
    )
    happenings = _happenings(folder / "events.json")
    whole = Window(min([start, *(one.at for one in happenings)]), end)
    coverage = tuple(
        Coverage(source, f"{name}/{source.value}", whole if source is SourceClass.CHANGE else window, baseline)
        for source in (SourceClass.METRIC, SourceClass.LOG, SourceClass.TRACE, SourceClass.CHANGE, SourceClass.EVENT)
    )
    recording = Recording(
        coverage,
        series,
        lambda: _spans(folder / "traces.jsonl"),
        lambda: _logs(folder / "logs.jsonl"),
        happenings,
    )
    return incident, recording


def _long(file: Path) -> tuple[Series, ...]:
    columns = read_columns(file, text=("timestamp", "service", "metric"))
    needed(columns, ("timestamp", "service", "metric", "value"), file)
    times = [instant(value, str(file)) for value in columns["timestamp"]]
    points: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    rows = zip(columns["service"], columns["metric"], times, numbers(columns["value"]).tolist(), strict=True)
    for service, metric, at, value in rows:
        points[service, metric].append((at, value))
    found: list[Series] = []
    for (service, metric), own in sorted(points.items()):
        own.sort()
        moments, values = [at for at, _ in own], [value for _, value in own]
        found.append(Series(service, metric, np.array(moments, dtype=np.int64), np.array(values), instance=file.name))
    return tuple(found)


def _spans(file: Path) -> Iterator[Spans]:
    codes = Codes()
    rows: list[tuple[int, int, int, int, int, int, int, int, int]] = []
    for number, line in read_lines(file):
        trace = str(line.get("trace_id", number))
        parent = line.get("parent_id")
        rows.append(
            (
                id_of(trace),
                id_of(f"{trace}/{line.get('span_id', number)}"),
                -1 if parent is None else id_of(f"{trace}/{parent}"),
                codes.of(str(line.get("service", ""))),
                codes.of(str(line.get("name", ""))),
                codes.of(str(line.get("peer.service") or "")),
                instant(line.get("start"), f"{file}:{number}"),
                round(float(line.get("duration_ms") or 0) * 1_000),
                {"ERROR": 1, "OK": 0}.get(str(line.get("status", "")).upper(), -1),
            )
        )
    if rows:
        wide = np.array(rows, dtype=np.int64).T
        yield Spans(
            codes.names, wide[0], wide[1], wide[2], wide[3].astype(np.int32), wide[4].astype(np.int32),
            wide[5].astype(np.int32), wide[6], wide[7], wide[8].astype(np.int8),
        )  # fmt: skip


def _logs(file: Path) -> Iterator[LogLines]:
    codes = Codes()
    rows: list[tuple[int, int, int, int, int]] = []
    texts: list[str] = []
    for number, line in read_lines(file):
        trace = line.get("trace_id")
        span = line.get("span_id")
        rows.append(
            (
                instant(line.get("timestamp"), f"{file}:{number}"),
                codes.of(str(line.get("service", ""))),
                codes.of(str(line.get("severity_text", ""))),
                id_of(str(trace)) if trace else -1,
                id_of(f"{trace}/{span}") if span else -1,
            )
        )
        more = " ".join(f"{key}={value}" for key, value in line.items() if key not in _OWN)
        texts.append(f"{line.get('msg', '')} {more}".strip())
    if rows:
        wide = np.array(rows, dtype=np.int64).T
        yield LogLines(
            names=codes.names,
            time=wide[0],
            component=wide[1].astype(np.int32),
            severity=wide[2].astype(np.int32),
            origin=np.full(len(texts), -1, dtype=np.int32),
            trace=wide[3],
            span=wide[4],
            count=np.ones(len(texts), dtype=np.int64),
            text=tuple(texts),
        )


def _happenings(file: Path) -> tuple[Happening, ...]:
    told = read_json(file)
    found: list[Happening] = []

    def add(kind: str, record: Mapping[str, Any], component: object, title: object, *more: object) -> None:
        ref, detail, author = [str(one or "") for one in (*more, "", "", "")][:3]
        found.append(
            Happening(
                source=SourceClass.CHANGE,
                kind=kind,
                at=instant(record.get("timestamp"), str(file)),
                component=str(component) if component else None,
                title=str(title),
                ref=ref,
                detail=detail,
                author=author,
                instance=file.name,
            )
        )

    for one in told.get("commits", ()):
        changed = "\n".join(str(path) for path in one.get("files_changed", ()))
        detail = f"{changed}\n{one.get('diff', '')}"
        add("commit", one, None, one.get("message", ""), one.get("sha"), detail, one.get("author"))
    for one in told.get("deploys", ()):
        title = f"deploy {one.get('version', '')}".strip()
        add("deploy", one, one.get("service"), title, one.get("commit_sha"))
    for one in told.get("flags", ()):
        title = f"flag {one.get('flag', '')} {one.get('change', '')}".strip()
        add("flag", one, one.get("service"), title, one.get("flag"), "", one.get("actor"))
    found.extend(_status(told.get("status_feed"), file))
    return tuple(sorted(found, key=lambda one: (one.at, one.kind, one.ref, one.title)))


def _status(feed: Any, file: Path) -> Iterator[Happening]:
    """Give what a provider's status feed says: figures, incidents and updates, wherever records with a time are."""
    provider = str(feed.get("provider") or "") if isinstance(feed, Mapping) else ""
    waiting = [("status", feed)]
    while waiting:
        kind, value = waiting.pop(0)
        if isinstance(value, Mapping):
            at = value.get("timestamp") or value.get("started_at")
            if at:
                yield _told(kind, value, instant(at, str(file)), provider, file.name)
            waiting.extend((str(key), inner) for key, inner in value.items() if isinstance(inner, Mapping | list))
        elif isinstance(value, list):
            waiting.extend((kind, inner) for inner in value)


def _told(kind: str, record: Mapping[str, Any], at: int, provider: str, instance: str) -> Happening:
    where = str(record.get("endpoint") or "")
    if isinstance(record.get("value"), int | float):
        title = f"{kind} of {where or provider} {record['value']}"
    else:
        title = ", ".join(str(record[key]) for key in ("name", "impact", "status", "body") if record.get(key)) or kind
    return Happening(
        SourceClass.EVENT,
        "provider_status",
        at,
        None,
        title,
        ref=str(record.get("id") or ""),
        detail=" ".join(filter(None, (provider, where))),
        instance=instance,
    )
