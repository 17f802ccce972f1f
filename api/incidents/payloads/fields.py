"""The values of a payload that others wrote, each with the path that a refusal names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from api.errors import UsageError

MAX_ALERTS = 20_000
"""Most alerts in one message."""

_TEXT, _LONG, _PAIRS = 2_000, 20_000, 200
_DEPTH = 60
_EPOCHS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))  # nano-, micro-, milliseconds and seconds since 1970
_NUMBER = re.compile(r"\d{9,19}(?:\.\d{1,9})?", re.ASCII)


class Refused(UsageError):
    """A payload, or an alert of it, is not what its sender documents; the text begins with the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value at a path of a payload; one that is missing is None."""

    value: object
    path: str = ""

    def at(self, *names: str) -> "Field":
        """Return the value of a name, and of a name in it; raises Refused for what should hold names and doesn't."""
        found = self
        for name in names:
            if found.value is not None and not isinstance(found.value, dict):
                raise found.refused("must be an object")
            inside = found.value.get(name) if isinstance(found.value, dict) else None
            found = Field(inside, f"{found.path}.{name}" if found.path else name)
        return found

    def first(self, *names: str) -> "Field":
        """Return the first of these names that holds something; the first of all where none does."""
        return next((found for name in names if not (found := self.at(name)).is_empty), self.at(names[0]))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())

    def required(self) -> "Field":
        """Return this; raises Refused where it is missing or empty."""
        if self.is_empty:
            raise Refused(f"{self.path or 'the body'}: is missing; send it as the sender's documentation says")
        return self

    def each(self) -> Iterator["Field"]:
        """Yield the items of a list; raises Refused where it is none, or too long."""
        if not isinstance(self.value, list):
            raise self.refused("must be a list")
        if len(self.value) > MAX_ALERTS:
            raise Refused(f"{self.path}: holds {len(self.value):,} items; send at most {MAX_ALERTS:,} at a time")
        for number, item in enumerate(self.value):
            yield Field(item, f"{self.path}[{number}]")

    def text(self, *, long: bool = False) -> str:
        """Return a text, a number as text, or "" for none; raises Refused for lists and objects."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if not isinstance(self.value, str | int | float):
            raise self.refused("must be a text")
        return shortened(str(self.value).strip(), _LONG if long else _TEXT)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return an object of texts, sorted, what is nested in it as JSON; raises Refused for what is no object."""
        if self.value is None:
            return ()
        if not isinstance(self.value, dict):
            raise self.refused("must be an object of texts")
        written = ((key, _written(value)) for key, value in list(self.value.items())[:_PAIRS])
        return tuple(sorted((shortened(key, 300), shortened(text, _TEXT)) for key, text in written))

    def time(self) -> datetime | None:
        """Return an instant: ISO 8601, UTC where no zone is said, or a number since 1970; None for none.

        The zero time of Go means none. Raises Refused for what is no time.
        """
        if self.is_empty:
            return None
        try:
            moment = _moment(self.value)
        except (ValueError, OverflowError, OSError) as error:
            raise self.refused("must be a time such as '2026-05-01T03:00:00Z'") from error
        return moment if moment.year > 1970 else None

    def refused(self, why: str) -> Refused:
        """Return the refusal of this value."""
        said = repr(self.value)
        return Refused(
            f"{self.path or 'the body'}: {why}, and is {said if len(said) <= 80 else type(self.value).__name__}"
        )


def parsed(body: bytes) -> Field:
    """Return the JSON object in a body. Raises Refused that says what is wrong with it."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"the body: is not UTF-8 at byte {error.start}; send JSON in UTF-8") from error
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise Refused(f"the body: is nested deeper than {_DEPTH} levels; send the alert alone") from error
    except ValueError as error:
        raise Refused(f"the body: is not JSON: {str(error)[:200]}") from error
    if not isinstance(value, dict):
        raise Field(value).refused("must be a JSON object")
    _check_depth(value)
    return Field(value)


def shortened(text: str, most: int) -> str:
    """Return a text as every database takes it, cut to a length."""
    kept = text[:most].replace("\x00", " ").encode("utf-8", "replace").decode()
    return kept if len(text) <= most else f"{kept[: most - 1]}…"


def _check_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(_DEPTH):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _inside(one)]
        if not level:
            return
    raise Refused(f"the body: is nested deeper than {_DEPTH} levels; send the alert alone")


def _inside(value: "dict[str, object] | list[object]") -> "list[object]":
    return list(value.values()) if isinstance(value, dict) else value


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _moment(value: object) -> datetime:
    said = value.strip() if isinstance(value, str) else value
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        raise ValueError("no time")
    if isinstance(said, int | float) or _NUMBER.fullmatch(said):
        number = float(said)
        scale = next((scale for least, scale in _EPOCHS if number >= least), 1.0)
        return datetime.fromtimestamp(number / scale, UTC)
    moment = datetime.fromisoformat(said)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
