"""Evaluations on the wire and in the files that the history keeps: scores with their n, curves, and failed cases."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.places import Wire

REPORT_VERSION = 1
"""Raised when the form of a kept report changes; a reader leaves out reports of another version and says so."""


class Score(Wire):
    """One number of a suite over `n` cases.

    `low` and `high` bound its 95 % bootstrap interval over cases. `bar` is what it has to reach, None where nothing
    was promised; `group` names the part of the suite it is about, empty for the whole. `value` is None where there
    was nothing to measure, and `reason` then says why.
    """

    name: str
    value: float | None
    n: int
    group: str = ""
    low: float | None = None
    high: float | None = None
    bar: float | None = None
    better: Literal["higher", "lower"] = "higher"
    unit: Literal["share", "score", "seconds", "milliseconds", "count", "ratio"] = "score"
    reason: str = ""


class CurvePoint(Wire):
    """One point of a curve, and over how many cases it was measured."""

    x: float
    y: float
    n: int = 0


class Curve(Wire):
    """A curve such as a reliability diagram, risk over coverage, or recall by rank; `ideal` is what to compare with."""

    name: str
    x_label: str
    y_label: str
    points: list[CurvePoint]
    ideal: list[CurvePoint] = []


class Case(Wire):
    """A case that did not come out as it should; `expected` and `found` name documents, best first, or outcomes."""

    id: str
    group: str
    question: str
    expected: list[str]
    found: list[str]
    outcome: str
    reason: str


class SuiteReport(Wire):
    """One suite of one run. `failed` holds at most as many cases as the suite keeps; `failures` counts all."""

    name: str
    title: str
    n: int
    seconds: float
    scores: list[Score]
    curves: list[Curve] = []
    failed: list[Case] = []
    failures: int = 0
    skipped: str = Field("", description="Why the suite did not run; empty where it did.")


class EvaluationReport(Wire):
    """One run of the evaluations, as it is kept in the history."""

    version: int = REPORT_VERSION
    id: str
    started_at: datetime
    seconds: float
    trigger: Literal["person", "schedule"]
    revision: str = Field("", description="Revision of the code, where it is known.")
    embedding_model: str
    generation: int
    documents: int
    passages: int
    suites: list[SuiteReport]


class EvaluationSummary(Wire):
    """One run in a list: its head, and the scores that have a bar."""

    id: str
    started_at: datetime
    seconds: float
    trigger: Literal["person", "schedule"]
    revision: str
    embedding_model: str
    passages: int
    scores: dict[str, list[Score]]


class EvaluationPage(Wire):
    """The newest runs first; `unreadable` names the files of the history that could not be read, and why."""

    runs: list[EvaluationSummary]
    total: int
    unreadable: list[str] = []
