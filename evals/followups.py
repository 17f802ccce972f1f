"""Are follow-ups resolved without a model, and are questions that stand alone left as they are?

Each case of `suites/followups/` is the last turn of a dialogue: whether it is a follow-up, and the words that its
standalone form has to hold, or must not hold. The rules were written against the half `dev`; `heldout` was written
before them and is only measured. Questions that others wrote to be asked alone are a third, larger set: after an
alert's question, none of them may be changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from pydantic import BaseModel, ConfigDict, ValidationError

from api.conversations.followups import read_followup
from api.conversations.thread import CitedDocument, EarlierTurn, Reading, ShownStep
from evals.console import plain_errors, table
from evals.questions import load_questions
from ingest.errors import UsageError

SUITE = Path(__file__).parent / "suites" / "followups"
HALVES = ("dev", "heldout")
_ASKED_BEFORE = EarlierTurn("What do I do when KubePodCrashLooping fires?")


class DialogueTurn(BaseModel):
    """An earlier turn; `steps` are the numbered steps that its answer showed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    asked_as: str = ""
    titles: list[str] = []
    steps: dict[int, str] = {}


class FollowupCase(BaseModel):
    """The last turn of a dialogue with what is expected of its reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: str
    turns: list[DialogueTurn]
    question: str
    follow_up: bool
    holds: list[str] = []
    lacks: list[str] = []


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case with how it was read; `complaint` says what is wrong with that, and is empty where nothing is."""

    case: FollowupCase
    reading: Reading
    complaint: str


@dataclass(frozen=True, slots=True)
class FollowupScores:
    """Counts over one set: questions left alone of those that stand alone, follow-ups found, and resolved right."""

    alone: int
    left_alone: int
    follow_ups: int
    found: int
    right: int


def load_cases(half: str) -> list[FollowupCase]:
    """Return the cases of one half; raises UsageError for a line that is no case."""
    file = SUITE / f"{half}.jsonl"
    try:
        return [FollowupCase.model_validate_json(line) for line in file.read_text("utf-8").splitlines() if line]
    except (OSError, ValidationError) as error:
        raise UsageError(f"cannot read the cases of {str(file)!r}: {error}") from error


def judge_case(case: FollowupCase) -> JudgedCase:
    """Read the last question of a dialogue and compare."""
    reading = read_followup([_earlier(turn) for turn in case.turns], case.question)
    return JudgedCase(case, reading, _complaint(case, reading))


def score(judged: Sequence[JudgedCase]) -> FollowupScores:
    """Count over judged cases."""
    alone = [one for one in judged if not one.case.follow_up]
    led = [one for one in judged if one.case.follow_up]
    return FollowupScores(
        alone=len(alone),
        left_alone=sum(not one.reading.asked_as for one in alone),
        follow_ups=len(led),
        found=sum(bool(one.reading.asked_as) for one in led),
        right=sum(not one.complaint for one in led),
    )


def changed_questions(questions: Sequence[str]) -> list[Reading]:
    """Return the readings of questions, meant to be asked alone, that were changed after an alert's question."""
    readings = [read_followup([_ASKED_BEFORE], question) for question in questions]
    return [reading for reading in readings if reading.asked_as]


@click.command()
@click.option("--questions", type=click.Path(path_type=Path), help="Folder of questions that all stand alone.")
def main(questions: Path | None) -> None:
    """Measure how follow-ups are read without a model."""
    with plain_errors():
        rows, wrong = [], []
        for half in HALVES:
            judged = [judge_case(case) for case in load_cases(half)]
            found = score(judged)
            alone = f"{found.left_alone}/{found.alone}"
            rows.append([half, alone, f"{found.found}/{found.follow_ups}", f"{found.right}/{found.follow_ups}"])
            wrong += [one for one in judged if one.complaint]
        if questions is not None:
            asked = [question.query for question in load_questions(questions)]
            left = len(asked) - len(changed_questions(asked))
            rows.append(["questions of others", f"{left}/{len(asked)}", "", ""])
        click.echo(table(["set", "left alone", "follow-ups found", "resolved right"], rows))
        for one in wrong:
            click.echo(f"{one.case.id} {one.case.question!r}: {one.complaint} ({one.reading.understood!r})")


def _earlier(turn: DialogueTurn) -> EarlierTurn:
    cited = tuple(CitedDocument(title, title) for title in turn.titles)
    steps = tuple(ShownStep(number, text) for number, text in turn.steps.items())
    return EarlierTurn(turn.question, turn.asked_as, cited, steps)


def _complaint(case: FollowupCase, reading: Reading) -> str:
    if not case.follow_up:
        return "it stands alone and was changed" if reading.asked_as else ""
    if not reading.asked_as:
        return "it is a follow-up and was left alone"
    said = reading.asked_as.casefold()
    lost = [words for words in case.holds if words.casefold() not in said]
    kept = [words for words in case.lacks if words.casefold() in said]
    return "; ".join([*(f"lacks {words!r}" for words in lost), *(f"still holds {words!r}" for words in kept)])


if __name__ == "__main__":
    main()
