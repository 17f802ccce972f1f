"""Two runs of the evaluations on the wire: what got better, what got worse, and what only moved within noise."""

from datetime import datetime
from typing import Literal

from api.schemas.places import Wire


class Change(Wire):
    """How one score moved over the `n` cases that both runs have.

    `low` and `high` bound the 95 % interval of `difference`, from a paired bootstrap over these cases; it is
    `better` or `worse` where that interval leaves out 0, and `equal` else.
    """

    name: str
    group: str
    before: float
    after: float
    difference: float
    low: float
    high: float
    n: int
    verdict: Literal["better", "worse", "equal"]


class SuiteComparison(Wire):
    """One suite beside the last run that asked mostly the same; `note` says what else differs between the two."""

    suite: str
    against: str
    against_started_at: datetime
    cases: int
    changes: list[Change]
    newly_failed: list[str]
    mended: list[str]
    note: str = ""


class Comparison(Wire):
    """A run beside earlier ones, suite by suite; suites that never ran before are left out."""

    id: str
    suites: list[SuiteComparison]
