"""The questions of suites: files of JSON lines to questions with what a right answer holds."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.answering.answer import Outcome
from evals.handbook_answers import EXPECTED, HandbookQuestion
from evals.quality.declaration import Suite
from evals.questions import Half, Question, load_foreign_questions, load_questions, read_rows
from ingest.errors import UsageError

WITHHELD = (Outcome.ABSTAINED, Outcome.PARTIAL)


@dataclass(frozen=True, slots=True)
class Probe:
    """A question with the paths of the documents that answer it, none where no document can.

    `outcomes` are those that are right, empty where any may be; `quote` is what an answer has to quote.
    """

    id: str
    group: str
    text: str
    right: frozenset[str]
    outcomes: frozenset[Outcome] = frozenset()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which questions of a suite are asked: a folder for those that have none of their own, and how many."""

    folder: Path | None = None
    subset: tuple[str, ...] = ()
    per_group: int | None = None


class QuestionRow(BaseModel):
    """A line of a site's own question file.

    `documents` are the paths of the right ones, relative to their source, or as source/path; none says that no
    document answers, and the question has to be withheld. `outcome` and `quote` are checked where they are given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=200)
    question: str = Field(min_length=1, max_length=8000)
    documents: tuple[str, ...]
    group: str = Field("", max_length=100)
    outcome: Outcome | None = None
    quote: str = ""

    @model_validator(mode="after")
    def _quotes_a_document(self) -> "QuestionRow":
        if self.quote and not self.documents:
            raise ValueError("a `quote` needs the document that it stands in")
        return self


def load_probes(suite: Suite, selection: Selection) -> list[Probe]:
    """Return the questions of a suite, in the order of their file.

    Raises UsageError with file and line where one is not what it should be, or where two share an id.
    """
    probes = _sampled(_read(suite, selection), _least(selection.per_group, suite.declared.at_most))
    seen: set[str] = set()
    for probe in probes:
        if probe.id in seen:
            raise UsageError(f"suite {suite.name!r} has two questions with the id {probe.id!r}; give each its own")
        seen.add(probe.id)
    if not probes:
        raise UsageError(f"suite {suite.name!r} has no questions; write some into {str(suite.questions_file)!r}")
    return probes


def _read(suite: Suite, selection: Selection) -> list[Probe]:
    file = suite.questions_file
    if file is None:
        if selection.folder is None:
            raise UsageError(f"suite {suite.name!r} asks the questions of a folder; give --questions")
        return [_of_question(one) for one in load_questions(selection.folder, selection.subset)]
    match suite.declared.format:
        case "handbook":
            return [_of_handbook(row) for row in read_rows(file, HandbookQuestion)]
        case "foreign":
            return [Probe(one.id, "", one.query, frozenset()) for one in load_foreign_questions(file)]
        case _:
            return [_of_row(row) for row in read_rows(file, QuestionRow)]


def _of_question(question: Question) -> Probe:
    half = "dev" if question.half is Half.DEV else "held-out"
    return Probe(f"{question.set.value}/{half}/{question.id}", question.set.value, question.query, question.relevant)


def _of_handbook(row: HandbookQuestion) -> Probe:
    right = frozenset(path for path in (row.doc_path, *row.also_relevant) if path)
    return Probe(row.id, row.kind, row.query, right, frozenset({EXPECTED[row.kind]}), row.must_quote or "")


def _of_row(row: QuestionRow) -> Probe:
    outcomes = frozenset({row.outcome} if row.outcome else ())
    return Probe(row.id, row.group, row.question, frozenset(row.documents), outcomes, row.quote)


def _sampled(probes: Sequence[Probe], per_group: int | None) -> list[Probe]:
    """Return at most `per_group` probes of each group, always the same ones, in their order."""
    if per_group is None:
        return list(probes)
    by_hash = sorted(probes, key=lambda probe: hashlib.sha256(probe.id.encode()).digest())
    taken: dict[str, list[str]] = {}
    for probe in by_hash:
        taken.setdefault(probe.group, []).append(probe.id)
    kept = {key for ids in taken.values() for key in ids[:per_group]}
    return [probe for probe in probes if probe.id in kept]


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
