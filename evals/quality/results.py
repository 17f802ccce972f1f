"""What measuring a suite yields: its cases with their values, and why each that failed did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from api.schemas.evaluations import Curve

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case. `values` holds the metrics that apply to it; `faults` say what is wrong, none where nothing is.

    `expected` and `found` name documents, best first, or outcomes.
    """

    id: str
    group: str
    question: str
    values: Mapping[str, float]
    expected: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    outcome: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """A suite that was measured; `notes` says for a metric without a value why it has none."""

    cases: tuple[CaseResult, ...]
    curves: tuple[Curve, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
