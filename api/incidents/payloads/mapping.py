"""Which places of a body of one's own hold the fields of an alert, as a YAML file says."""

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.errors import UsageError
from api.incidents.alerts import AlertStatus, Severity

_DEFAULT = Path(__file__).with_name("default_mapping.yaml")
_MOST_BYTES = 200_000
_PART = re.compile(r"(?:^|\.)(?P<name>[^.\[\]\"]+)|\[(?P<number>\d{1,5})\]|\[\"(?P<quoted>[^\"]+)\"\]")

_SHARED = "$shared"
Parts = tuple[str | int, ...]


class Fields(BaseModel):
    """The paths of each field, the best first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: tuple[str, ...]
    status: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    description: tuple[str, ...] = ()
    started_at: tuple[str, ...] = ()
    ended_at: tuple[str, ...] = ()
    fingerprint: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    shared_labels: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()
    shared_annotations: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    runbook: tuple[str, ...] = ()

    @field_validator("*", mode="after")
    @classmethod
    def _can_be_read(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            split(path)
        return paths


class Shape(BaseModel):
    """One shape of a body: taken where `when` holds something; `alerts` is the path of a list of alerts, if any.

    `severities` and `statuses` give the sender's own words, by ours; without a status an alert fires.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: str = ""
    alerts: str = ""
    fields: Fields
    severities: dict[Severity, tuple[str, ...]] = {}
    statuses: dict[AlertStatus, tuple[str, ...]] = {}

    @field_validator("when", "alerts", mode="after")
    @classmethod
    def _can_be_read(cls, path: str) -> str:
        split(path)
        return path


class Mapping(BaseModel):
    """The shapes that a site's senders use, in the order in which they are tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shapes: tuple[Shape, ...] = Field(min_length=1)


@cache
def split(path: str) -> Parts:
    """Return the names and numbers of a path. Raises ValueError for what is no path."""
    parts: list[str | int] = []
    at = 0
    while at < len(path):
        found = _PART.match(path, at)
        if found is None:
            raise ValueError(f'{path!r} is no path at character {at + 1}; write names with dots, [0] or ["a name"]')
        number = found["number"]
        parts.append(int(number) if number is not None else found["name"] or found["quoted"])
        at = found.end()
    return tuple(parts)


def is_shared(path: str) -> bool:
    """Tell whether a path begins at the whole body."""
    return split(path)[:1] == (_SHARED,)


@cache
def default_mapping() -> Mapping:
    """Return the mapping that is packaged."""
    return read_mapping(_DEFAULT)


def read_mapping(file: Path) -> Mapping:
    """Return the mapping in a file. Raises UsageError that names what is wrong and where."""
    import yaml

    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{file} is larger than {_MOST_BYTES:,} bytes; is it a mapping of alerts?")
        text = file.read_bytes().decode("utf-8-sig")
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):  # with which a small file unfolds into a huge one
                raise UsageError(f"{file}: aliases (*{event.anchor}) are not read; write it out")
        return Mapping.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise UsageError(
            f"cannot read the mapping {str(file)!r} ({error.strerror}); correct GROUNDWATCH_WEBHOOK_MAPPING_FILE"
        ) from error
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors()[:5])
        raise UsageError(f"{file}: {said}; docs/alerts.md shows a mapping") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no YAML that can be read: {' '.join(str(error).split())[:200]}") from error
