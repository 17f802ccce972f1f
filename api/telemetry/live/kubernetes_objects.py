"""What Kubernetes objects say of their own past: who edited which fields when, and how two templates differ."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.telemetry.live.labels import component_of
from api.telemetry.live.tables import instant

_SECRET = re.compile(r"pass|secret|token|key|credential|auth|dsn|cert", re.IGNORECASE)
_LONGEST = 200
_NAMING = ("app.kubernetes.io/name", "app")


@dataclass(frozen=True, slots=True)
class Edit:
    """The last edit of one manager: its time, and the fields that it holds since."""

    manager: str
    at: int
    fields: tuple[str, ...]
    of_status: bool


def edits_of(item: Mapping[str, Any]) -> list[Edit]:
    """Return the edits that an object's managedFields tell. Raises ValueError, KeyError, TypeError where broken."""
    return [
        Edit(
            str(one.get("manager") or ""),
            instant(one["time"]),
            tuple(_fields(one.get("fieldsV1") or {}, "")),
            bool(one.get("subresource")),
        )
        for one in item["metadata"].get("managedFields") or ()
        if one.get("time")
    ]


def name_of(item: Mapping[str, Any]) -> str:
    """Return the component that an object is of: by its label, else by its own name."""
    labels = {str(key): str(value) for key, value in (item["metadata"].get("labels") or {}).items()}
    return component_of(labels, _NAMING) or str(item["metadata"]["name"])


def owner_named(item: Mapping[str, Any], kind: str) -> str:
    """Return the name of the owner of a kind; empty where there is none."""
    owners = (item.get("metadata") or {}).get("ownerReferences") or ()
    return next((str(one.get("name")) for one in owners if isinstance(one, dict) and one.get("kind") == kind), "")


def template_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return how the pod templates of two replica sets differ, a line for each value, secrets not shown."""
    old, new = dict(_leaves(_template(before), "")), dict(_leaves(_template(now), ""))
    return [
        f"{path}: {_shown(path, old.get(path))} -> {_shown(path, new.get(path))}"
        for path in sorted({*old, *new}, key=lambda path: (not path.endswith(".image"), path))
        if old.get(path) != new.get(path)
    ]


def _template(item: Mapping[str, Any]) -> Any:
    template = dict(item["spec"]["template"])
    metadata = template.pop("metadata", None) or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != "pod-template-hash"}
    return {"spec": template.get("spec") or {}, "labels": labels, "annotations": metadata.get("annotations") or {}}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from _leaves(value[key], f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            name = one.get("name") if isinstance(one, Mapping) else None
            yield from _leaves(one, f"{path}[{name if name is not None else number}]")
    elif not path.endswith("].name"):
        yield path, str(value)


def _shown(path: str, value: str | None) -> str:
    if value is None:
        return "nothing"
    if _SECRET.search(path.rpartition("[")[2]) and path.endswith("].value"):
        return "(not shown)"
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}..."


def _fields(told: Mapping[str, Any], path: str) -> Iterator[str]:
    """Give the paths of fields as managedFields write them: f: before a field's name, k: before an item's keys."""
    for key in sorted(told):
        if key == "." or not isinstance(told[key], Mapping):
            continue
        name = key.removeprefix("f:") if key.startswith("f:") else f"[{key.partition(':')[2]}]"
        own = f"{path}.{name}" if path and not name.startswith("[") else f"{path}{name}"
        inner = [one for one in told[key] if one != "."]
        if inner:
            yield from _fields(told[key], own)
        elif not own.startswith("metadata"):
            yield own
