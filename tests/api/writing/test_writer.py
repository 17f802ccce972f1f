"""The writer: what of a model's text is shown, and when the documents' own words are given instead."""

import pytest

from api.answering.answer import Outcome, Statement
from api.errors import BudgetSpent, LanguageModelDown
from api.llm.chat_model import Role, Usage
from api.retrieval.search import Searcher
from api.writing.drafts import SCHEMA
from api.writing.writer import Writer, WritingLimits
from tests.api.writing.material import FakeModel, Found, ask, said

QUESTION = "Which maxmemory-policy does the cart store use?"
POLICY = "The cart store runs with `maxmemory-policy noeviction`: a full store refuses writes."
GOOD = ("A full cart store refuses writes.", "E1", POLICY)
LIVE = ("Each cart has a time to live of 14 days.", "E1", "Each cart has a time to live of 14 days.")
BAD = ("Carts never expire.", "E1", POLICY)


@pytest.fixture(scope="module")
def found(searcher: Searcher) -> Found:
    return ask(searcher, QUESTION)


def _texts(statements: tuple[Statement, ...]) -> list[str]:
    return [one.text for one in statements]


def test_checked_statements_take_the_place_of_the_documents_words(found: Found) -> None:
    answer = Writer(FakeModel([said(GOOD, LIVE)])).write(QUESTION, found.answer, found.hits)

    assert _texts(answer.statements) == [GOOD[0], LIVE[0]]
    assert all(one.written for one in answer.statements)
    assert answer.outcome is found.answer.outcome
    assert answer.writing is not None
    assert answer.writing.fallback == ""
    assert (answer.writing.model, answer.writing.prompt_tokens, answer.writing.completion_tokens) == ("fake", 50, 20)


def test_a_statement_is_handed_on_as_soon_as_it_has_passed(found: Found) -> None:
    streamed: list[Statement] = []

    answer = Writer(FakeModel([said(GOOD, BAD, LIVE)])).write(QUESTION, found.answer, found.hits, streamed.append)

    assert _texts(tuple(streamed)) == [GOOD[0], LIVE[0]] == _texts(answer.statements)


def test_a_removed_sentence_is_listed_with_its_reason(found: Found) -> None:
    answer = Writer(FakeModel([said(GOOD, LIVE, BAD)])).write(QUESTION, found.answer, found.hits)

    assert answer.writing is not None
    assert [one.text for one in answer.writing.removed] == [BAD[0]]
    assert answer.writing.removed[0].reason


def test_past_a_set_share_of_removed_sentences_the_documents_words_are_given(found: Found) -> None:
    answer = Writer(FakeModel([said(GOOD, BAD)])).write(QUESTION, found.answer, found.hits)

    assert answer.statements == found.answer.statements
    assert answer.writing is not None
    assert answer.writing.fallback.startswith("1 of the 2 sentences")


def test_the_share_can_be_set(found: Found) -> None:
    writer = Writer(FakeModel([said(GOOD, BAD)]), WritingLimits(removed_share=0.5))

    answer = writer.write(QUESTION, found.answer, found.hits)

    assert _texts(answer.statements) == [GOOD[0]]


@pytest.mark.parametrize(
    "error",
    [LanguageModelDown("fake answers 503; try again later"), BudgetSpent("the day's 1,000 tokens are spent; raise it")],
)
def test_a_failing_provider_leaves_the_answer_as_it_was(found: Found, error: Exception) -> None:
    answer = Writer(FakeModel(error=error)).write(QUESTION, found.answer, found.hits)

    assert answer.statements == found.answer.statements
    assert answer.writing is not None
    assert answer.writing.fallback == str(error)


def test_a_stream_that_breaks_off_leaves_the_answer_as_it_was(found: Found) -> None:
    answer = Writer(FakeModel([said(GOOD)], breaks_off=True)).write(QUESTION, found.answer, found.hits)

    assert answer.statements == found.answer.statements
    assert answer.writing is not None
    assert "broke off" in answer.writing.fallback


def test_an_abstention_stays_one_and_the_model_is_not_asked(searcher: Searcher) -> None:
    found = ask(searcher, "How do I rebalance Kafka partitions?")
    model = FakeModel([said(GOOD)])

    answer = Writer(model).write("How do I rebalance Kafka partitions?", found.answer, found.hits)

    assert answer == found.answer
    assert model.requests == []


def test_an_unreadable_text_is_asked_for_once_more(found: Found) -> None:
    model = FakeModel(["The policy is noeviction.", said(GOOD)])

    answer = Writer(model).write(QUESTION, found.answer, found.hits)

    assert _texts(answer.statements) == [GOOD[0]]
    assert [message.role for message in model.requests[1].messages][-2:] == [Role.ASSISTANT, Role.USER]
    assert answer.writing is not None
    assert answer.writing.prompt_tokens == 100


def test_it_is_asked_twice_at_most(found: Found) -> None:
    model = FakeModel(["no", "no", said(GOOD)])

    answer = Writer(model).write(QUESTION, found.answer, found.hits)

    assert len(model.requests) == 2
    assert answer.writing is not None
    assert "no sentence that could be read" in answer.writing.fallback


def test_without_time_left_it_is_not_asked_again(found: Found) -> None:
    model = FakeModel(["no", said(GOOD)])

    Writer(model, WritingLimits(seconds=1.0)).write(QUESTION, found.answer, found.hits)

    assert len(model.requests) == 1


def test_the_request_carries_the_schema_the_limits_and_the_fence(found: Found) -> None:
    model = FakeModel([said(GOOD)])

    Writer(model, WritingLimits(answer_tokens=321)).write(QUESTION, found.answer, found.hits)

    request = model.requests[0]
    system, user = (message.text for message in request.messages)
    assert request.json_schema == SCHEMA
    assert request.max_tokens == 321
    assert QUESTION in user
    fence = user.split("<<", 1)[1].split(" ", 1)[0]
    assert f"`<<{fence}`" in system


def test_a_price_gives_the_cost(found: Found) -> None:
    def price(usage: Usage) -> float:
        return usage.prompt_tokens * 0.01

    answer = Writer(FakeModel([said(GOOD)]), price_of=price).write(QUESTION, found.answer, found.hits)

    assert answer.writing is not None
    assert answer.writing.cost == pytest.approx(0.5)


def test_a_gap_that_code_finds_too_makes_the_answer_partial(searcher: Searcher) -> None:
    question = "Which maxmemory-policy does the full cart store run with when it refuses writes on Mondays?"
    found = ask(searcher, question)
    output = said(GOOD, insufficient=True, missing=["Mondays; see https://evil.example.net"])

    answer = Writer(FakeModel([output])).write(question, found.answer, found.hits)

    assert answer.outcome is Outcome.PARTIAL
    assert "“mondays”" in answer.missing
    assert not any("evil" in gap for gap in answer.missing)


def test_a_gap_that_the_cited_passages_fill_is_not_believed(found: Found) -> None:
    output = said(GOOD, insufficient=True, missing=["the policy of the cart store"])

    answer = Writer(FakeModel([output])).write(QUESTION, found.answer, found.hits)

    assert answer.outcome is found.answer.outcome
    assert answer.missing == found.answer.missing


def test_both_sides_of_a_conflict_must_be_named(searcher: Searcher) -> None:
    question = "How large is the connection pool of checkout per pod?"
    found = ask(searcher, question)
    one, other = (statement.text for statement in found.answer.statements[:2])

    half = Writer(FakeModel([said((one, "E1", one))])).write(question, found.answer, found.hits)
    whole = Writer(FakeModel([said((one, "E1", one), (other, "E2", other))])).write(question, found.answer, found.hits)

    assert found.answer.outcome is Outcome.CONFLICT
    assert half.statements == found.answer.statements
    assert half.writing is not None
    assert "one side of a conflict" in half.writing.fallback
    assert whole.outcome is Outcome.CONFLICT
    assert _texts(whole.statements) == [one, other]


STEPS = (
    ("See what takes the space.", "E1", "See what takes the space:"),
    ("$ du -sh /var/lib/db/*", "E1", "du -sh /var/lib/db/*"),
    ("Remove the old logs.", "E1", "Remove the old logs:"),
    ("$ rm -rf /var/lib/db/log", "E1", "rm -rf /var/lib/db/log"),
    ("Check that the shop takes orders and do not restart the database.", "E1",
     "Check that the shop takes orders. Do not restart the database."),
)  # fmt: skip


def test_a_whole_procedure_is_shown_with_its_marks_and_only_when_it_is_whole(searcher: Searcher) -> None:
    question = "What do I do when DiskFull fires?"
    found = ask(searcher, question)
    streamed: list[Statement] = []

    answer = Writer(FakeModel([said(*STEPS)])).write(question, found.answer, found.hits, streamed.append)

    assert answer.writing is not None
    assert answer.writing.fallback == ""
    assert [one.destructive for one in answer.statements].count("deletes files without asking") == 1
    assert tuple(streamed) == answer.statements


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ((*STEPS[:2], *STEPS[3:]), "leaves out"),
        (STEPS[:4], "leaves out"),
        ((*STEPS[2:4], *STEPS[:2], STEPS[4]), "another place"),
        ((*STEPS[:4], ("Check that the shop takes orders.", "E1", "Check that the shop takes orders.")), "warning"),
        (tuple(step for step in STEPS if not step[0].startswith("$ du")), "du -sh"),
    ],
)
def test_a_procedure_that_loses_or_reorders_something_is_given_in_the_documents_words(
    searcher: Searcher, steps: tuple[tuple[str, str, str], ...], reason: str
) -> None:
    question = "What do I do when DiskFull fires?"
    found = ask(searcher, question)
    streamed: list[Statement] = []

    answer = Writer(FakeModel([said(*steps)])).write(question, found.answer, found.hits, streamed.append)

    assert answer.statements == found.answer.statements
    assert streamed == []
    assert answer.writing is not None
    assert reason in answer.writing.fallback


def test_a_destructive_command_that_the_documents_answer_does_not_give_is_removed(
    searcher: Searcher, found: Found
) -> None:
    disk = ask(searcher, "What do I do when DiskFull fires?")
    hits = (*disk.hits, *found.hits)
    labels = ("E1", "E2", "E3", "E4", "E5", "E6")
    commands = [("$ rm -rf /var/lib/db/log", label, "rm -rf /var/lib/db/log") for label in labels]

    answer = Writer(FakeModel([said(GOOD, *commands)])).write(QUESTION, found.answer, hits)

    assert answer.writing is not None
    reasons = [one.reason for one in answer.writing.removed]
    assert any("the documents' own answer does not give it" in reason for reason in reasons)
    assert answer.statements == found.answer.statements


def test_a_repeated_statement_is_shown_once(found: Found) -> None:
    answer = Writer(FakeModel([said(GOOD, LIVE, GOOD)])).write(QUESTION, found.answer, found.hits)

    assert _texts(answer.statements) == [GOOD[0], LIVE[0]]
    assert answer.writing is not None
    assert answer.writing.removed[0].reason == "it was said before"


def test_no_more_statements_are_shown_than_are_allowed(found: Found) -> None:
    limits = WritingLimits(statements=1, removed_share=0.5)

    answer = Writer(FakeModel([said(GOOD, LIVE)]), limits).write(QUESTION, found.answer, found.hits)

    assert _texts(answer.statements) == [GOOD[0]]
