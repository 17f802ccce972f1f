"""Recordings of the PetShop benchmark: five-minute metrics of the nodes of a call graph, and the symptom."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Edge, Series
from api.investigation.windows import SECOND, Window
from api.telemetry.files import instant, needed, numbers, read_columns
from api.telemetry.pointers import pointed
from api.telemetry.recording import Recording


def read(folder: Path, facts: Mapping[str, Any]) -> tuple[Incident, Recording]:
    """Return the incident of a case and its telemetry. Raises TelemetryUnreadable where a file can't be read."""
    name = str(facts["case_id"])
    step = int(facts["step_s"]) * SECOND
    inside = _wide(folder / "metrics.csv")
    window = Window(
        min(int(one.times[0]) for one in inside.values()), max(int(one.times[-1]) for one in inside.values()) + step
    )
    pointer = facts.get("baseline_metrics")
    before = _wide(pointed(folder, pointer, within=folder.parent)) if isinstance(pointer, str) else {}
    baseline = _baseline(before, window, step)
    told = facts["anomaly"]["symptom"]
    incident = Incident(
        id=name,
        title=f"{told['node']}: {told['metric']}",
        symptom=Symptom(
            text=f"{told['agg']} {told['metric']} of {told['node']}",
            component=str(told["node"]),
            metric=str(told["metric"]),
            rising=told["metric"] == "latency",
        ),
        window=window,
        baseline=baseline,
        components=tuple(str(one) for one in facts.get("candidates", ())),
    )
    metrics = Coverage(SourceClass.METRIC, f"{name}/metrics", window, baseline)
    absent = [
        Coverage(source, f"{name}/{source.value}", None, None, "the recording holds none")
        for source in (SourceClass.LOG, SourceClass.TRACE, SourceClass.CHANGE)
    ]
    series = tuple(_joined(before.get(key), inside.get(key)) for key in sorted({*before, *inside}))
    return incident, Recording((metrics, *absent), series, every_edge=_edges(folder, facts))


def _baseline(before: Mapping[str, Series], window: Window, step: int) -> Window | None:
    """Return the healthy stretch, which may lie on either side of the window but not over it."""
    if not before:
        return None
    start = min(int(one.times[0]) for one in before.values())
    end = max(int(one.times[-1]) for one in before.values()) + step
    if start < window.start < end:
        return Window(start, window.start)
    return Window(max(start, window.end) if start < window.end < end else start, end)


def _wide(file: Path) -> dict[str, Series]:
    columns = read_columns(file)
    needed(columns, ("time",), file)
    times = np.array([instant(value, str(file)) for value in columns["time"]], dtype=np.int64)
    order = np.argsort(times, kind="stable")
    found: dict[str, Series] = {}
    for name, values in columns.items():
        component, bar, metric = name.rpartition("|")
        if bar:
            found[name] = Series(component, metric, times[order], numbers(values)[order], instance=file.name)
    return found


def _joined(before: Series | None, inside: Series | None) -> Series:
    """Return one series of the healthy stretch and the window; the window's own points count where both have one."""
    parts = [one for one in (before, inside) if one is not None]
    if len(parts) == 1:
        return parts[0]
    kept = parts[0]
    keep = ~np.isin(kept.times, parts[1].times)
    times = np.concatenate([kept.times[keep], parts[1].times])
    values = np.concatenate([kept.values[keep], parts[1].values])
    order = np.argsort(times, kind="stable")
    return Series(kept.component, kept.metric, times[order], values[order], instance=parts[1].instance)


def _edges(folder: Path, facts: Mapping[str, Any]) -> tuple[Edge, ...]:
    pointer = facts.get("call_graph")
    if not isinstance(pointer, str):
        return ()
    file = pointed(folder, pointer, within=folder.parent)
    columns = read_columns(file, text=("caller", "callee"))
    needed(columns, ("caller", "callee"), file)
    return tuple(sorted({Edge(*pair) for pair in zip(columns["caller"], columns["callee"], strict=True)}))
