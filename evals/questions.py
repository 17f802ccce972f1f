"""The question sets: files of JSON lines to typed questions with their right documents."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import UsageError


class QuestionSet(StrEnum):
    """Where a question comes from, and so how hard it is."""

    ALERT_FULL = "alert, full"
    ALERT_DESCRIPTION = "alert, description only"
    INCIDENT_SYMPTOM = "incident symptom"
    INCIDENT_CHANGE = "incident from the change"
    RECURRENCE = "recurrence"
    KUBEFIX = "kubefix realistic"
    FAQ = "faq link"
    COMMIT = "commit subjects"
    HANDBOOK = "handbook"
    FOREIGN = "foreign products"
    FEEDBACK = "readers' feedback"


class Half(StrEnum):
    """Which half of the documents a question belongs to: tuning sees the dev half only."""

    DEV = "dev"
    HELD_OUT = "held-out"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the documents that answer it, by path relative to the corpus.

    `doc_path` is the right document, None where there is none; `relevant` holds it and all others that
    count as right. `id` is unique within its set.
    """

    id: str
    set: QuestionSet
    query: str
    doc_path: str | None
    relevant: frozenset[str]

    @property
    def half(self) -> Half:
        """The half by a hash of the right document's path, so that no document is in both."""
        digest = hashlib.sha256((self.doc_path or self.id).encode()).digest()
        return Half.DEV if digest[0] < 128 else Half.HELD_OUT

    @property
    def folder(self) -> str:
        """The corpus folder of the right document; empty where there is none."""
        return (self.doc_path or "").partition("/")[0]


def load_questions(folder: Path, subset: Sequence[str] = ()) -> list[Question]:
    """Return all questions below `folder`; with `subset`, those whose right document is in these corpus folders.

    Raises UsageError where no known file is there, or a line is not what it should be.
    """
    files = [(folder / name, row) for name, row in _FILES.items() if (folder / name).is_file()]
    if not files:
        raise UsageError(f"no question files in {str(folder)!r} (looked for {', '.join(_FILES)}); check --questions")
    questions = [question for file, row in files for question in _questions(file, row)]
    return [question for question in questions if not subset or question.folder in subset]


def load_foreign_questions(file: Path) -> list[Question]:
    """Return questions that no document of the corpus can answer."""
    return [Question(row.id, QuestionSet.FOREIGN, row.query, None, frozenset()) for row in read_rows(file, _ForeignRow)]


def sample(questions: Iterable[Question], per_set: int | None) -> list[Question]:
    """Return at most `per_set` questions of each set: always the same ones, chosen by a hash of their ids."""
    by_set: dict[QuestionSet, list[Question]] = {}
    for question in questions:
        by_set.setdefault(question.set, []).append(question)
    chosen: list[Question] = []
    for members in by_set.values():
        members.sort(key=lambda question: hashlib.sha256(question.id.encode()).digest())
        chosen.extend(members[:per_set])
    return chosen


Row = TypeVar("Row", bound=BaseModel)


def read_rows(file: Path, row: type[Row]) -> list[Row]:
    """Return the lines of a file as rows; raises UsageError with file and line where one does not fit."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"cannot read {str(file)!r}: {error.strerror}; check the path") from error
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(row.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(f"{str(file)!r}, line {number}: {first['loc']!r} {first['msg']}; mend the line") from error
    return rows


class _Row(BaseModel, ABC):
    """Fields that every file has; the others are its maker's notes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    doc_path: str
    also_relevant: tuple[str, ...] = ()

    @abstractmethod
    def queries(self) -> list[tuple[QuestionSet, str]]:
        """Return the questions of this row with their sets."""

    def questions(self) -> list[Question]:
        """Return the questions of this row; empty ones are left out."""
        relevant = frozenset((self.doc_path, *self.also_relevant))
        return [Question(self.id, name, query, self.doc_path, relevant) for name, query in self.queries() if query]


class _AlertRow(_Row):
    query_full: str
    query_description_only: str | None = None

    def queries(self) -> list[tuple[QuestionSet, str]]:
        return [
            (QuestionSet.ALERT_FULL, self.query_full),
            (QuestionSet.ALERT_DESCRIPTION, self.query_description_only or ""),
        ]


class _KindRow(_Row):
    kind: str
    query: str

    def queries(self) -> list[tuple[QuestionSet, str]]:
        return [(_KINDS[self.kind], self.query)] if self.kind in _KINDS else []


class _ForeignRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    product: str
    query: str


_KINDS = {
    "symptom": QuestionSet.INCIDENT_SYMPTOM,
    "change": QuestionSet.INCIDENT_CHANGE,
    "recurrence_same_title": QuestionSet.RECURRENCE,
    "recurrence_linked": QuestionSet.RECURRENCE,
    "kubefix_realistic": QuestionSet.KUBEFIX,
    "faq_link": QuestionSet.FAQ,
    "commit_subject_weak": QuestionSet.COMMIT,
}

_FILES: dict[str, type[_Row]] = {
    "alert_runbook.jsonl": _AlertRow,
    "incident_postmortem.jsonl": _KindRow,
    "question_doc.jsonl": _KindRow,
    "question_doc_weak_commits.jsonl": _KindRow,
}


def _questions(file: Path, row: type[_Row]) -> list[Question]:
    return [question for found in read_rows(file, row) for question in found.questions()]
