"""Observations: what was seen of an incident, how it was got, and the very rows."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from api.investigation.windows import Window

Cell = str | int | float | bool | None


class SourceClass(StrEnum):
    """Where an observation comes from; two observations of one class are not independent."""

    METRIC = "metric"
    LOG = "log"
    TRACE = "trace"
    EVENT = "event"
    CHANGE = "change"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Query:
    """How rows were got: the text that was asked of one source `instance`, for one window."""

    source: SourceClass
    instance: str
    text: str
    window: Window


@dataclass(frozen=True, slots=True)
class Rows:
    """A table that was kept: `kept` of `total` rows; what is missing was cut for the stated reason.

    Each row is as long as `columns`. `cut` is empty where nothing was cut.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    cut: str = ""

    @property
    def kept(self) -> int:
        """How many rows are here."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Observation:
    """Rows of one query about one component, with what they show in a sentence.

    `summary` says what was measured, not what it means. `id` is a digest of query and rows: the same rows of the
    same query have the same id in every run.
    """

    id: str
    query: Query
    component: str | None
    summary: str
    rows: Rows

    @property
    def source(self) -> SourceClass:
        """The class of the source it comes from."""
        return self.query.source


def observe(query: Query, component: str | None, summary: str, rows: Rows) -> Observation:
    """Make an observation, with its id."""
    return Observation(id=_digest(query, component, rows), query=query, component=component, summary=summary, rows=rows)


def _digest(query: Query, component: str | None, rows: Rows) -> str:
    content = [
        query.source, query.instance, query.text, query.window.start, query.window.end, component,
        rows.columns, rows.rows, rows.total,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
    return f"o{digest[:12]}"
