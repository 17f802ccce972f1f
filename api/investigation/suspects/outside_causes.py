"""What a cause outside of all changes is: what it is about, what shows it, and since when."""

from dataclasses import dataclass

from api.investigation.faults import FaultKind
from api.investigation.observations import Cell, SourceClass
from api.investigation.signals import Signal


@dataclass(frozen=True, slots=True)
class Outside:
    """A cause that no change brings about, with the rows that show it; `query` says how they were got."""

    kind: FaultKind
    signal: Signal
    source: SourceClass
    component: str | None
    subject: str
    claim: str
    query: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    onset: int | None
