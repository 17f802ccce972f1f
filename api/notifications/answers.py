"""JSON that other systems answer, read without trust in its form."""

import json
from collections.abc import Iterator
from typing import Any


def read(body: bytes) -> Any:
    """Return what a body says; None where it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def at(value: Any, *path: str) -> Any:
    """Return what is at a path of keys; None where nothing is."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def each(value: Any) -> Iterator[Any]:
    """Yield the entries of a list; none of anything else."""
    yield from value if isinstance(value, list) else ()
