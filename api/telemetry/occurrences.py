"""Events and changes of a bundle, and what a Kubernetes cluster tells, as happenings."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from api.errors import TelemetryUnreadable
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.telemetry.batches import UNKNOWN, Tally
from api.telemetry.columns import instants
from api.telemetry.files import read_json, read_lines
from api.telemetry.manifest import Unit

_TIMES = ("eventTime", "lastTimestamp", "firstTimestamp")


class Occurrence(BaseModel):
    """One record of events.json or changes.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    time: str | int | float
    kind: str
    title: str
    component: str | None = None
    ref: str = ""
    detail: str = ""
    author: str = ""
    until: str | int | float | None = None
    source: SourceClass | None = None
    instance: str | None = None


def read_occurrences(file: Path, source: SourceClass, unit: Unit, tally: Tally) -> list[Happening]:
    """Return the records of a JSON list or JSON Lines file; those that are none are skipped and counted.

    Raises TelemetryUnreadable where the file can't be read, or more than half of it is broken.
    """
    found: list[Happening] = []
    for number, record in _records(file, tally):
        try:
            found.append(_happening(Occurrence.model_validate(record), source, unit, file.name))
        except (ValidationError, ValueError):
            tally.skip(number)
    tally.check()
    return found


def read_cluster(file: Path, components: Sequence[str], tally: Tally) -> list[Happening]:
    """Return the events and ended containers of a list that kubectl wrote as JSON. Raises TelemetryUnreadable.

    A pod belongs to the component whose name it carries as a label or begins with.
    """
    told = read_json(file)
    items = told.get("items") if isinstance(told, Mapping) else told
    if not isinstance(items, list):
        raise TelemetryUnreadable(f"{file} holds no list of items; write it with 'kubectl get events,pods -o json'")
    found: list[Happening] = []
    for number, item in enumerate(items, start=1):
        tally.lines += 1
        try:
            found.extend(_of_item(item, components, file.name))
        except (AttributeError, TypeError, ValueError):
            tally.skip(number)
    tally.check()
    return found


def _records(file: Path, tally: Tally) -> Iterator[tuple[int, Any]]:
    if file.name.removesuffix(".gz").endswith(".jsonl"):
        last = 0
        for number, record in read_lines(file):
            tally.lines += number - last
            tally.skip(last + 1, number - last - 1)
            last = number
            yield number, record
        return
    told = read_json(file)
    if not isinstance(told, list):
        raise TelemetryUnreadable(f"{file} holds no list of records; write it as docs/bundles.md says")
    tally.lines += len(told)
    yield from enumerate(told, start=1)


def _happening(told: Occurrence, source: SourceClass, unit: Unit, instance: str) -> Happening:
    return Happening(
        source=told.source or source,
        kind=told.kind,
        at=_at(told.time, unit),
        component=told.component,
        title=told.title,
        ref=told.ref,
        detail=told.detail,
        author=told.author,
        until=None if told.until is None else _at(told.until, unit),
        instance=instance if told.instance is None else told.instance,
    )


def _at(value: str | int | float, unit: Unit) -> int:
    """Return a time in microseconds. Raises ValueError where it is none."""
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

    try:
        found = int(instants(pa.array([value]), unit)[0])
    except pa.ArrowException as error:
        raise ValueError(f"{value!r} is no time") from error
    if found == UNKNOWN:
        raise ValueError(f"{value!r} is no time")
    return found


def _of_item(item: Mapping[str, Any], components: Sequence[str], instance: str) -> Iterator[Happening]:
    if item.get("kind") == "Event":
        about = item.get("involvedObject") or item.get("regarding") or {}
        name = str(about.get("name") or "")
        said = str(item.get("message") or item.get("note") or "")
        count = int(item.get("count") or 1)
        yield Happening(
            source=SourceClass.EVENT,
            kind=str(item.get("reason") or "event"),
            at=_at(next(item[key] for key in _TIMES if item.get(key)), "us"),
            component=_component(name, components) if name else None,
            title=f"{about.get('kind', 'object')} {name}: {said}"[:500],
            ref=str((item.get("metadata") or {}).get("uid") or ""),
            detail=f"{item.get('type', '')}, {count} times" if count > 1 else str(item.get("type", "")),
            instance=instance,
        )
    elif item.get("kind") == "Pod":
        yield from _ended_containers(item, components, instance)


def _ended_containers(pod: Mapping[str, Any], components: Sequence[str], instance: str) -> Iterator[Happening]:
    facts = pod.get("metadata") or {}
    name, labels = str(facts.get("name") or ""), facts.get("labels") or {}
    label = next((str(labels[key]) for key in ("app.kubernetes.io/name", "app") if labels.get(key)), "")
    component = label if label in components or not components else _component(name, components)
    for status in (pod.get("status") or {}).get("containerStatuses") or ():
        for state in (status.get("lastState") or {}, status.get("state") or {}):
            ended = state.get("terminated")
            if ended and ended.get("finishedAt"):
                yield Happening(
                    source=SourceClass.EVENT,
                    kind=str(ended.get("reason") or "terminated"),
                    at=_at(ended["finishedAt"], "us"),
                    component=component or name or None,
                    title=f"container {status.get('name', '')} of pod {name} ended with code {ended.get('exitCode')}",
                    detail=f"{status.get('restartCount', 0)} restarts",
                    instance=instance,
                )


def _component(name: str, components: Sequence[str]) -> str:
    """Return the longest name of a component that an object's name is or begins with; else the object's own."""
    fitting = [one for one in components if name == one or name.startswith(f"{one}-")]
    return max(fitting, key=len, default=name)
