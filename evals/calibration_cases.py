"""Labelled cases for a calibration: every question asked with and without its documents, and what spoke for the answer.

A case is right where the document that the answer would cite is a right one. Questions have one right document, or
a few; other documents that answer as well are told by label sheets: labels that a
language model gave by reading question and document, one pair after the other.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.answering.answerer import Answerer
from api.answering.certainty import Certainty
from evals.answers import Condition
from evals.lookalikes import Lookalikes
from evals.questions import Question, QuestionSet, read_rows
from ingest.knowledge.index import IndexReader
from ingest.knowledge.passages import PassageFilter

SHEETS = Path(__file__).parent / "label_sheets"
"""Labels that a reader gave to pairs of question and document, one file a reading."""

_TOP = 5
_RIGHT = 2  # the label of a document that serves the question rightly

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class CalibrationCase:
    """A question under one condition: what an answer would cite, and what speaks for it.

    `right` says whether `cited` is a right document by the question's own labels, `in_top` whether one is among
    the first five; `vetoed` that a name asked for is in no candidate, so that nothing is cited as an answer.
    `key` is what folds are made by: the path of the question's right document.
    """

    id: str
    set: QuestionSet
    condition: Condition
    key: str
    cited: str
    right: bool
    in_top: bool
    vetoed: bool
    certainty: Certainty


class SheetRow(BaseModel):
    """One line of a label sheet: 2 the document serves the question rightly, 1 it is related, 0 it is wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    set: QuestionSet
    condition: str
    doc_path: str
    label: int
    why: str


def collect_cases(
    answerer: Answerer, reader: IndexReader, questions: Sequence[Question], progress: Progress | None = None
) -> list[CalibrationCase]:
    """Ask every question of the whole index, and those with right documents once more without these and their likes."""
    documents = reader.documents()
    ids = {facts.path: facts.id for facts in documents}
    alike = Lookalikes((facts.path, _text(reader, facts.id)) for facts in documents)
    cases: list[CalibrationCase] = []
    for number, question in enumerate(questions, start=1):
        cases += _case(answerer, question, None)
        if question.doc_path is not None:
            left_out = question.relevant.union(*(alike.of(path) for path in question.relevant))
            where = PassageFilter(exclude_documents=tuple(sorted(ids[path] for path in left_out if path in ids)))
            cases += _case(answerer, question, where)
        if progress is not None and (number % 20 == 0 or number == len(questions)):
            progress("ask", number, len(questions))
    return cases


def load_sheets(folder: Path = SHEETS) -> list[SheetRow]:
    """Return all labels of the sheets; none where there are none."""
    return [row for file in sorted(folder.glob("*.jsonl")) for row in read_rows(file, SheetRow)]


def save_cases(file: Path, cases: Iterable[CalibrationCase]) -> None:
    """Write cases as JSON lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(asdict(case)) + "\n" for case in cases), encoding="utf-8")


def load_cases(file: Path) -> list[CalibrationCase]:
    """Read cases that `save_cases` wrote."""
    return [_loaded(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _loaded(record: dict[str, Any]) -> CalibrationCase:
    certainty = Certainty(**record.pop("certainty"))
    named, condition = QuestionSet(record.pop("set")), Condition(record.pop("condition"))
    return CalibrationCase(**record, set=named, condition=condition, certainty=certainty)


def is_right(row: SheetRow) -> bool:
    """Tell whether a reader found the document to serve the question rightly."""
    return row.label == _RIGHT


def _case(answerer: Answerer, question: Question, where: PassageFilter | None) -> list[CalibrationCase]:
    considered = answerer.consider(question.query, where)
    verdict = considered.verdicts[0] if considered.verdicts else None
    if verdict is None or verdict.judged is None:
        return []  # nothing was found, so nothing could be cited
    cited = verdict.judged.hit.stored.document.path
    top = dict.fromkeys(hit.stored.document.path for hit in considered.found.hits)
    in_top = any(path in question.relevant for path in list(top)[:_TOP])
    if question.doc_path is None:
        condition = Condition.FOREIGN
    elif where is not None:
        condition = Condition.EXCLUDED
    else:
        condition = Condition.FOUND if in_top else Condition.MISSED
    return [
        CalibrationCase(
            id=question.id,
            set=question.set,
            condition=condition,
            key=question.doc_path or question.id,
            cited=cited,
            right=cited in question.relevant and where is None,
            in_top=in_top and where is None,
            vetoed=verdict.vetoed,
            certainty=considered.assessor.certainty(verdict.judged),
        )
    ]


def _text(reader: IndexReader, document_id: str) -> str:
    document = reader.document(document_id)
    return document.text if document is not None else ""
