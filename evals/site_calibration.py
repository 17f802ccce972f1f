"""A site's own calibration: what its readers said of answers, and its own questions, against the index as it is now."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from api.answering.answerer import Answerer
from api.answering.calibration import Calibration
from api.schemas.answers import Answer
from api.storage.conversations import ConversationTable
from api.storage.database import Database
from api.storage.feedback import FeedbackTable
from evals.answers import Condition
from evals.calibration_cases import CalibrationCase
from evals.calibration_fit import Judged, Labelled, as_calibration, cross_validate, fit, recalibrated, spread
from evals.questions import QuestionSet
from evals.reliability import brier
from ingest.errors import GroundwatchError, UsageError
from ingest.knowledge.passages import PassageFilter

WHOLE_FIT = 200
"""Labels from which the model is fitted anew; with fewer only its numbers are moved (Platt, 1999: two parameters)."""


@dataclass(frozen=True, slots=True)
class SiteLabels:
    """Labelled cases from feedback, and how many thumbs could not be used, by reason."""

    labelled: tuple[Labelled, ...]
    unused: dict[str, int]


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What refitting came to. Both Brier scores are on the same labels, the new one on folds it did not see."""

    n: int
    right: int
    unused: dict[str, int]
    whole: bool
    brier_before: float
    brier_after: float
    calibration: Calibration

    @property
    def better(self) -> bool:
        """Whether the refitted calibration does better on labels that it did not see."""
        return self.brier_after < self.brier_before


def labels_from_feedback(database: Database, answerer: Answerer) -> SiteLabels:
    """Ask again what readers judged, and label it by their thumb where the same document is cited as then."""
    stored, unused = ConversationTable(database), {"no longer kept": 0, "nothing cited": 0, "cites another now": 0}
    labelled: list[Labelled] = []
    for thumb in FeedbackTable(database).ratings():
        try:
            turn = stored.answer(thumb.answer_id).turn
        except GroundwatchError:
            unused["no longer kept"] += 1
            continue
        answer = Answer.model_validate_json(turn.answer)
        cited = {citation.document_id for statement in answer.statements for citation in statement.citations}
        verdicts = answerer.consider(answer.asked_as or answer.question, PassageFilter())
        judged = verdicts.verdicts[0].judged if verdicts.verdicts else None
        if not cited:
            unused["nothing cited"] += 1
        elif judged is None or judged.hit.stored.document.id not in cited:
            unused["cites another now"] += 1
        else:
            document = judged.hit.stored.document
            case = CalibrationCase(
                id=thumb.answer_id,
                set=QuestionSet.FEEDBACK,
                condition=Condition.FOUND,
                key=document.path,
                cited=document.path,
                right=thumb.up,
                in_top=thumb.up,
                vetoed=verdicts.verdicts[0].vetoed,
                certainty=verdicts.assessor.certainty(judged),
            )
            labelled.append(Labelled(case, thumb.up, 1.0, True))
    return SiteLabels(tuple(labelled), {reason: count for reason, count in unused.items() if count})


def refit(labels: SiteLabels, present: Calibration, *, name: str, adapter: str = "") -> SiteReport:
    """Refit a calibration on a site's labels, searched with `adapter`; raises UsageError where there are too few."""
    labelled = labels.labelled
    before = [Judged(one, present.probability(one.case.certainty)) for one in labelled]
    whole = len(labelled) >= WHOLE_FIT
    if whole:
        judged, model = cross_validate(labelled), fit(labelled)
    else:
        judged, model = recalibrated(labelled, present)
    calibration = as_calibration(
        model,
        judged,
        name=name,
        embedding_model=present.embedding_model,
        on=datetime.now(UTC).date(),
        adapter=adapter,
    )
    return SiteReport(
        n=len(labelled),
        right=sum(one.right for one in labelled),
        unused=labels.unused,
        whole=whole,
        brier_before=_brier(before),
        brier_after=_brier(judged),
        calibration=calibration,
    )


def write_calibration(file: Path, calibration: Calibration) -> None:
    """Put a calibration in place in one step; a running API takes it with its next generation or start."""
    file.parent.mkdir(parents=True, exist_ok=True)
    waiting = file.with_suffix(".new")
    waiting.write_text(json.dumps(calibration.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
    waiting.replace(file)


def told(report: SiteReport) -> Iterable[str]:
    """Yield what refitting came to, in words."""
    how = "the model was fitted anew" if report.whole else "the model's numbers were moved, its weights kept"
    yield f"{report.n} labelled answers, {report.right} of them right: {how}"
    yield from (f"{count} not used: {reason}" for reason, count in report.unused.items())
    yield (
        f"Brier score {report.brier_after:.3f} on answers it did not see, {report.brier_before:.3f} with the present "
        f"calibration; expected calibration error {report.calibration.ece:.3f}"
    )


def _brier(judged: Sequence[Judged]) -> float:
    p, y = spread(judged)
    if not len(np.unique(y)):
        raise UsageError("there is no label to judge by; thumbs in the app or POST /v1/feedback make some")
    return brier(p, y)
