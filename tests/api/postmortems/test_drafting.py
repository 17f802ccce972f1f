"""Drafts: sentences that cite, questions where nothing was seen, no name, no number that nobody saw, no gap lost."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.exports.postmortem_draft import draft_markdown
from api.investigating.drafting import drafted
from api.investigation.findings import Gap, GapReason
from api.investigation.investigations import Investigation
from api.investigation.observations import SourceClass
from api.investigation.verdicts import Verdict, VerdictState
from api.postmortems.checking import checked, gated
from api.postmortems.drafting import draft_of
from api.postmortems.drafts import Draft, Section, SectionKind, Statement, Sure
from api.steering.acts import Act, ActKind, Deed
from api.steering.steered import Models, steered
from tests.api.investigated import CPU, RISE, investigation

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def section(draft: Draft, kind: SectionKind) -> tuple[Statement, ...]:
    return next(one.statements for one in draft.sections if one.kind is kind)


def texts(draft: Draft, kind: SectionKind) -> list[str]:
    return [one.text for one in section(draft, kind)]


def decided(who: str = "Ana Ruiz") -> Investigation:
    """Return an investigation that a person decided."""
    deeds = [
        Deed(ActKind.FACT, f"{who} restarted cart at 10:05", component="cart"),
        Deed(ActKind.CONFIRM_CAUSE, "I looked", component="cart"),
    ]
    acts = [Act(number, NOON, who, deed) for number, deed in enumerate(deeds, start=1)]
    return steered(investigation(), acts, Models())


def test_a_draft_has_all_sections_in_their_order_and_is_sound() -> None:
    found = draft_of(investigation())

    assert [one.kind for one in found.sections] == list(SectionKind)
    assert checked(found, investigation()).is_sound
    assert draft_of(investigation()) == found


def test_the_summary_says_how_far_the_cause_is_settled_with_what_it_rests_on() -> None:
    first = section(draft_of(investigation()), SectionKind.SUMMARY)[0]

    assert first.text.startswith("The likely cause is cart: ")
    assert first.sure is Sure.LIKELY
    assert first.findings == ("metrics-1", "traces-1")
    assert CPU.id in first.observations


def test_without_a_cause_the_summary_is_a_question() -> None:
    calm = investigation(verdict=Verdict(VerdictState.INCONCLUSIVE, None))

    assert [one.sure for one in section(draft_of(calm), SectionKind.SUMMARY)] == [Sure.QUESTION]


def test_every_line_of_the_timeline_has_its_instant() -> None:
    lines = [one for one in section(draft_of(investigation()), SectionKind.TIMELINE) if one.sure is not Sure.QUESTION]

    assert {one.at for one in lines} == {RISE.onset}


def test_all_gaps_are_told_and_each_becomes_an_action_item() -> None:
    gap = Gap(SourceClass.TRACE, GapReason.TIMED_OUT, "spans after 10:04 were not read", "ask for a shorter window")
    many = replace(investigation(), gaps=(*investigation().gaps, gap))

    found = draft_of(many)

    assert checked(found, many).dropped == ()
    assert "spans after 10:04 were not read." in texts(found, SectionKind.GAPS)
    assert "Close the gap: ask for a shorter window." in texts(found, SectionKind.ACTIONS)


def test_people_are_roles_unless_they_are_asked_for() -> None:
    blameless = draft_markdown(drafted("i1", decided()))
    named = draft_markdown(drafted("i1", decided(), names=True))

    assert "Ana" not in blameless
    assert "responder 1 restarted cart at 10:05" in blameless
    assert "Ana Ruiz restarted cart" in named


def test_what_a_person_rejected_is_not_in_the_draft() -> None:
    acts = [Act(1, NOON, "Bo", Deed(ActKind.REJECT_FINDING, "broken", finding="metrics-1"))]
    found = draft_of(steered(investigation(), acts, Models()))

    assert all("metrics-1" not in one.findings for one in found.statements)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (Statement("cart failed 4711 times.", findings=("metrics-1",)), "invented"),
        (Statement("cart failed 9 times.", findings=("metrics-1",)), "invented"),  # in a reason that it doesn't repeat
        (Statement("cart failed.", findings=("metrics-99",)), "unresolved"),
        (Statement("cart failed."), "unsupported"),
        (Statement("It was not seen.", gaps=(7,)), "unresolved"),
    ],
)
def test_what_does_not_hold_is_found_and_left_to_the_team(statement: Statement, problem: str) -> None:
    draft = Draft("x", (Section(SectionKind.SUMMARY, (statement,)),))

    other = replace(investigation().ruled_out[0], reason="9 restarts are as always")
    whole = replace(investigation(), ruled_out=(other,))
    found = checked(draft, whole)
    kept = gated(draft, whole)

    assert getattr(found, problem)
    assert not found.is_sound
    assert [one.sure for one in kept.statements] == [Sure.QUESTION]


def test_the_markdown_cites_and_keeps_hostile_words_plain() -> None:
    hostile = replace(investigation(), incident=replace(investigation().incident, title="<b>x</b> [y](javascript:z)"))

    text = draft_markdown(drafted("i1", hostile))

    assert "<b>" not in text
    assert "\\[y\\](javascript:z)" in text
    assert f"`metrics-1`, `traces-1`, `{CPU.id}`" in text
    assert "**Question:**" in text
