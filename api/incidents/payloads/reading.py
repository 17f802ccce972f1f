"""What reading a payload gives, and the parts of alerts that every sender's reading shares."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from api.incidents.alerts import Alert
from api.incidents.payloads.fields import Field, Refused

_AHEAD = timedelta(minutes=10)
_LARGEST = 100_000_000  # characters of the alerts of a message: what it says once for all is kept with each of them
_UNNAMED = frozenset({"", "unknown", "none", "null", "n/a", "<no value>"})


@dataclass(frozen=True, slots=True)
class Reading:
    """The alerts of a message, and what was wrong with those that can't be read.

    `ignored` says of a message that asks for nothing, such as a note on an alert, what it was.
    """

    alerts: tuple[Alert, ...] = ()
    refused: tuple[str, ...] = ()
    ignored: str = field(default="")


def read_each(items: Iterable[Field], read: Callable[[Field], Alert]) -> Reading:
    """Read alerts one by one; raises Refused where not a single one can be read.

    A sender does not send again what was refused, so that the good ones of a message must not go with a bad one.
    """
    alerts: list[Alert] = []
    refused: list[str] = []
    size = 0
    for item in items:
        try:
            alert = read(item)
        except Refused as error:
            refused.append(str(error))
            continue
        size += _size(alert)
        if size > _LARGEST:
            raise Refused(
                f"{item.path}: the alerts before it hold {_LARGEST:,} characters already; send fewer at a time"
            )
        alerts.append(alert)
    if refused and not alerts:
        raise Refused("; ".join(refused[:5]))
    return Reading(tuple(alerts), tuple(refused[:100]))


def fingerprint_of(said: Iterable[str], *parts: object) -> str:
    """Return the sender's own fingerprint, the first that is one, else a digest of what tells troubles apart."""
    own = next((one for one in said if one.casefold() not in _UNNAMED), "")
    if own:
        return own if len(own) <= 200 else _digest([own])
    return _digest(list(parts))


def started(said: datetime | None, now: datetime) -> datetime:
    """Return when an alert started; now where it does not say, or where its clock runs far ahead."""
    return now if said is None or said > now + _AHEAD else said


def told(said: datetime | None, now: datetime) -> datetime | None:
    """Return when a sender said something; None where its clock runs far ahead: all later words would seem older."""
    return None if said is None or said > now + _AHEAD else said


def joined(own: tuple[tuple[str, str], ...], shared: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return labels with those of the whole message that they lack."""
    return tuple(sorted({**dict(shared), **dict(own)}.items()))


def picked(pairs: tuple[tuple[str, str], ...], *names: str) -> str:
    """Return the value of the first of these names that holds something, or ""."""
    known = dict(pairs)
    return next((value for name in names if (value := known.get(name, "").strip())), "")


def safe_link(*said: str) -> str:
    """Return the first web address, or ""; what isn't one never becomes a link."""
    return next((one for one in said if _is_web_address(one)), "")


def _is_web_address(said: str) -> bool:
    try:
        parts = urlsplit(said)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, said))
    except ValueError:  # as brackets that hold no address
        return False


def _size(alert: Alert) -> int:
    pairs = (*alert.labels, *alert.annotations)
    return len(alert.summary) + len(alert.description) + sum(len(name) + len(value) for name, value in pairs)


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, default=str).encode()).hexdigest()[:32]
