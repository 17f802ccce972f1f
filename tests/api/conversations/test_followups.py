"""Tests of reading follow-ups without a model, and the bars that the labelled dialogues have to reach."""

import pytest

from api.conversations.followups import read_followup
from api.conversations.thread import CitedDocument, EarlierTurn, ShownStep
from evals.followups import HALVES, judge_case, load_cases, score

ALERT = EarlierTurn(
    "What do I do when DbDiskFull fires?",
    cited=(CitedDocument("document-disk", "Disk full"),),
    steps=(ShownStep(1, "See which directory takes the space:", "document-disk"), ShownStep(2, "Drop the slot")),
)
CACHE = EarlierTurn("How do I fail over the cache?")


@pytest.mark.parametrize("half", HALVES)
def test_questions_that_stand_alone_are_left_as_they_are(half: str) -> None:
    scores = score([judge_case(case) for case in load_cases(half)])

    assert scores.alone >= 28
    assert scores.left_alone == scores.alone


@pytest.mark.parametrize("half", HALVES)
def test_nearly_all_follow_ups_are_found_and_resolved(half: str) -> None:
    scores = score([judge_case(case) for case in load_cases(half)])

    assert scores.follow_ups >= 37
    assert scores.right / scores.follow_ups >= 0.95


def test_the_first_question_is_never_a_follow_up() -> None:
    reading = read_followup([], "and why does it do that?")

    assert reading.asked_as == ""
    assert reading.understood == "and why does it do that?"


@pytest.mark.parametrize("question", ["", "?", "…", "and", "🦊", "なぜ?", "it" * 4_000, "why " * 200, "\x00 it \x00"])
def test_hostile_questions_break_nothing(question: str) -> None:
    assert isinstance(read_followup([ALERT, EarlierTurn(""), EarlierTurn("?" * 500)], question).understood, str)


def test_a_step_is_read_as_its_words_and_says_which_document_lent_them() -> None:
    reading = read_followup([ALERT], "What if step 1 shows nothing?")

    assert reading.asked_as == "What if the step “See which directory takes the space” of DbDiskFull shows nothing?"
    assert reading.documents == ("document-disk",)


def test_a_runbook_is_read_as_the_title_of_what_was_cited() -> None:
    reading = read_followup([ALERT], "Is this runbook still current?")

    assert reading.asked_as == "Is the runbook “Disk full” still current?"
    assert reading.documents == ("document-disk",)


def test_an_alert_is_looked_for_further_back_than_the_last_turn() -> None:
    reading = read_followup([ALERT, CACHE], "who is paged for this alert?")

    assert reading.asked_as == "Who is paged for the alert DbDiskFull?"


def test_what_is_too_far_back_is_not_meant() -> None:
    reading = read_followup([ALERT, *[CACHE] * 6], "who is paged for this alert?")

    assert "DbDiskFull" not in reading.asked_as


def test_a_thread_without_a_subject_changes_nothing() -> None:
    reading = read_followup([EarlierTurn("hello?")], "why?")

    assert reading.asked_as == "" or "hello" in reading.asked_as
    assert read_followup([EarlierTurn("why?")], "and then?").asked_as == ""


def test_the_reason_names_what_was_read_as_what() -> None:
    assert read_followup([ALERT], "How do I silence it?").reason == "“it” is read as: DbDiskFull"
