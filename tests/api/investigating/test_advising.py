"""The ledger of a runbook: what people said became of its steps, beside the steps."""

from datetime import UTC, datetime

from api.investigating.advising import with_ledger
from api.schemas.investigation_acts import ActKind, ActRequest, ActView, Came, StepOutcome
from api.schemas.investigation_guidance import GuidanceRunbook, GuidanceSource, GuidanceStep, InvestigationGuidance

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def source(line: int) -> GuidanceSource:
    return GuidanceSource(
        document="runbook", title="Disk full", path="disk.md", revision="1", first_line=line, last_line=line
    )


GUIDANCE = InvestigationGuidance(
    runbooks=(
        GuidanceRunbook(
            title="Disk full",
            source=source(1),
            steps=tuple(GuidanceStep(text=f"step at {line}", source=source(line)) for line in (3, 4)),
        ),
    )
)


def step(number: int, line: int, outcome: StepOutcome, *, withdrawn: bool = False, note: str = "") -> ActView:
    asked = ActRequest(kind=ActKind.STEP, document="runbook", line=line, outcome=outcome, text=note, who="Ana")
    return ActView(number=number, at=NOON, act=asked, came=Came(text=""), withdrawn=withdrawn)


def test_the_last_word_about_a_step_that_nobody_withdrew_stands_beside_it() -> None:
    acts = [
        step(1, 3, StepOutcome.DONE),
        step(2, 3, StepOutcome.IMPOSSIBLE, note="no access"),
        step(3, 3, StepOutcome.NOT_NEEDED, withdrawn=True),
    ]

    first, second = with_ledger(GUIDANCE, acts).runbooks[0].steps

    assert first.taken is not None
    assert (first.taken.outcome, first.taken.who, first.taken.note, first.taken.act) == (
        StepOutcome.IMPOSSIBLE, "Ana", "no access", 2,
    )  # fmt: skip
    assert second.taken is None


def test_steps_of_other_documents_are_not_meant() -> None:
    acts = [step(1, 9, StepOutcome.DONE)]

    assert with_ledger(GUIDANCE, acts) == GUIDANCE
