"""How alert payloads of real systems are read: to which service, severity, time and state, and what is refused and how.

The expectations are in alert_payloads.jsonl, a line for each payload. Each payload is also spoilt, at each of its
places by each of some values, and by cutting it off: that it is then read all the same is counted as such, for many
places are optional; where it is refused, the refusal must begin with the name of a place of the body, and anything else
that is raised is a failure.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from api.incidents.payloads.fields import Refused
from api.incidents.payloads.reading import Reading
from api.incidents.payloads.senders import readers
from evals.console import plain_errors, table
from ingest.errors import UsageError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
"""When the payloads are read: the start of those that tell none."""

_EXPECTED = Path(__file__).with_name("alert_payloads.jsonl")
_GENERIC = frozenset({"generic", "holmes"})
_SPOILT: tuple[Any, ...] = (None, "", "nonsense", -1, 1e300, True, [], {}, [[]], {"": {}}, "\ud800\x00\u202e")
_NAMED = re.compile(r"(?:the body|[A-Za-z_][\w.\[\]-]*): ")


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """What is looked at of an alert; the start in UTC, in ISO 8601 without a zone."""

    service: str | None
    severity: str
    started: str
    state: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One payload: whether it was read as expected, and what came of it spoilt."""

    payload: str
    expected: tuple[ToldAlert, ...]
    found: tuple[ToldAlert, ...]
    spoilt: int
    read: int
    refused: int
    failures: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether every alert was read as expected."""
        return self.expected == self.found


@click.command()
@click.option("--shared", type=click.Path(path_type=Path), required=True, help="Folder that holds payloads/.")
def main(shared: Path) -> None:
    """Measure, and end with 1 where a payload is read wrongly or a spoilt one is not refused as it should be."""
    with plain_errors():
        found = [measure(shared / "payloads", name, alerts) for name, alerts in expectations().items()]
    click.echo(text(found))
    sys.exit(0 if all(one.right and not one.failures for one in found) else 1)


def expectations() -> dict[str, tuple[ToldAlert, ...]]:
    """Return what each payload is to be read as."""
    records = [json.loads(line) for line in _EXPECTED.read_text(encoding="utf-8").splitlines()]
    return {one["payload"]: tuple(ToldAlert(**alert) for alert in one["alerts"]) for one in records}


def measure(folder: Path, name: str, expected: tuple[ToldAlert, ...], *, every: int = 1) -> Outcome:
    """Return how a payload is read, spoilt in `every` so-many-th way; raises UsageError where it is not there."""
    try:
        body = (folder / name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read the payload {str(folder / name)!r} ({error.strerror}); correct --shared"
        ) from error
    read = refused = count = 0
    failures: list[str] = []
    for what, broken in islice(spoilt(body), 0, None, every):
        count += 1
        try:
            read_payload(name, broken)
            read += 1
        except Refused as error:
            refused += 1
            if not _NAMED.match(str(error)):
                failures.append(f"{what}: {error}")
        except Exception as error:  # what is raised beside a refusal is what is looked for
            failures.append(f"{what}: {type(error).__name__}: {error}")
    found = tuple(
        ToldAlert(one.service, one.severity.value, one.started_at.replace(tzinfo=None).isoformat(), one.status.value)
        for one in read_payload(name, body).alerts
    )
    return Outcome(name, expected, found, count, read, refused, tuple(failures))


def read_payload(name: str, body: bytes) -> Reading:
    """Return the alerts of a payload, by its folder; raises Refused."""
    sender = name.partition("/")[0]
    return readers()["generic" if sender in _GENERIC else sender](body, now=NOW)


def spoilt(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Give a body spoilt in every way, with words for each."""
    for size in range(0, len(body), max(1, len(body) // 20)):
        yield f"cut off after {size} bytes", body[:size]
    whole = json.loads(body)
    for path in _places(whole, ()):
        for value in _SPOILT:
            copy = json.loads(body)
            inside = copy
            for part in path[:-1]:
                inside = inside[part]
            inside[path[-1]] = value
            yield f"{'.'.join(map(str, path))} = {value!r}", json.dumps(copy).encode()


def text(found: list[Outcome]) -> str:
    """Return a row for each payload, and what was wrong."""
    rows = [
        [one.payload, "right" if one.right else "WRONG", str(len(one.found)), f"{one.spoilt:,}", f"{one.read:,}",
         f"{one.refused:,}", str(len(one.failures))]
        for one in found
    ]  # fmt: skip
    lines = [table(("payload", "as expected", "alerts", "spoilt", "read", "refused", "failures"), rows)]
    for one in found:
        if not one.right:
            lines.append(f"{one.payload}: expected {one.expected}, and found {one.found}")
        lines += [f"{one.payload}: {failure}" for failure in one.failures[:5]]
    right, alerts = sum(one.right for one in found), sum(len(one.found) for one in found)
    lines.append(
        f"{right} of {len(found)} payloads with {alerts} alerts are read as expected; of "
        f"{sum(one.spoilt for one in found):,} spoilt ones {sum(one.refused for one in found):,} are refused with the "
        f"place, {sum(one.read for one in found):,} read, {sum(len(one.failures) for one in found):,} fail otherwise"
    )
    return "\n".join(lines)


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*path, key)
        yield from _places(inner, (*path, key))


if __name__ == "__main__":
    main()
