"""What may be spent: by a call, by an answer, by a day; and what is left after failures."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from api.errors import BudgetSpent, LanguageModelDown, LanguageModelError, LanguageModelRefused
from api.llm.budget import BudgetedModel, Limits, OneAnswer, Price, Spending
from api.llm.chat_model import ChatDelta, ChatRequest, Usage, complete
from api.llm.failures import OutOfTime, PassingFailure, RequestRejected
from api.llm.ledgers import MemoryLedger
from tests.api.llm.asking import FakeModel, hang_up, request_of, said

NOW = datetime(2026, 11, 23, 20, 40, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PROMPT = "x" * 40  # ten tokens, with the system prompt thirteen


@dataclass
class World:
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    now: datetime = NOW

    def model(self, *calls: list[ChatDelta | LanguageModelError], **limits: float | None) -> BudgetedModel:
        self.inner = FakeModel(list(calls) or [said("Yes", usage=Usage(10, 5))])
        kept = Limits(**limits)  # type: ignore[arg-type]  # a test's limits
        return BudgetedModel(self.inner, kept, self.ledger, price=Price(2.0, 10.0), now=lambda: self.now)


def test_what_a_call_used_is_kept_with_its_price() -> None:
    world = World()

    complete(world.model(), request_of(PROMPT))

    assert world.ledger.spent(TODAY) == Spending(15, 10 * 2 + 5 * 10)
    assert world.ledger.spent(TODAY).money == 0.00007


def test_a_call_that_would_pass_the_days_tokens_is_not_made() -> None:
    world = World()
    world.ledger.add(TODAY, Spending(900, 0))
    model = world.model(daily_tokens=1_000)

    with pytest.raises(BudgetSpent) as raised:
        complete(model, request_of(PROMPT, max_tokens=100))

    assert "900 of 1000 tokens are used or booked, and this call may take 113" in str(raised.value)
    assert "it frees at 00:00 UTC, in 3 h 20 min, or raise GROUNDWATCH_LLM_DAILY_TOKENS" in str(raised.value)
    assert world.inner.asked == []
    assert world.ledger.spent(TODAY) == Spending(900, 0)


def test_a_call_that_would_pass_the_days_money_is_not_made() -> None:
    world = World()
    world.ledger.add(TODAY, Spending(0, 999_500))
    model = world.model(daily_money=1.0)

    with pytest.raises(BudgetSpent, match=r"0.9995 of 1.0000 is used.*may cost 0.0010.*GROUNDWATCH_LLM_DAILY_COST"):
        complete(model, request_of(PROMPT, max_tokens=100))

    assert world.inner.asked == []


def test_a_budget_of_nothing_allows_nothing() -> None:
    with pytest.raises(BudgetSpent):
        complete(World().model(daily_tokens=0), request_of())


def test_the_next_day_is_a_new_budget() -> None:
    world = World()
    world.ledger.add(TODAY, Spending(1_000, 0))
    model = world.model(daily_tokens=1_000)
    world.now = datetime(2026, 11, 24, 0, 0, 1, tzinfo=UTC)

    complete(model, request_of(PROMPT))

    assert world.ledger.spent(date(2026, 11, 24)).tokens == 15


def test_a_call_over_midnight_counts_for_the_day_on_which_it_began() -> None:
    world = World()
    stream = world.model().stream(request_of(PROMPT))
    next(stream)
    world.now = datetime(2026, 11, 24, 0, 1, tzinfo=UTC)
    list(stream)

    assert world.ledger.spent(TODAY).tokens == 15
    assert world.ledger.spent(date(2026, 11, 24)) == Spending()


def test_while_a_call_runs_the_most_that_it_can_use_is_booked() -> None:
    world = World()
    stream = world.model().stream(request_of(PROMPT, max_tokens=100))
    next(stream)

    assert world.ledger.spent(TODAY).tokens == 113
    list(stream)
    assert world.ledger.spent(TODAY).tokens == 15


@pytest.mark.parametrize(
    ("error", "tokens"),
    [
        (PassingFailure("busy"), 0),
        (LanguageModelDown("wrong key"), 0),
        (RequestRejected("no", "no"), 0),
        (OutOfTime("late"), 113),
        (LanguageModelRefused("cut off"), 113),
    ],
)
def test_a_failure_costs_what_the_provider_may_have_charged(error: LanguageModelError, tokens: int) -> None:
    world = World()

    with pytest.raises(LanguageModelError):
        complete(world.model([error]), request_of(PROMPT, max_tokens=100))

    assert world.ledger.spent(TODAY).tokens == tokens


def test_an_answer_that_breaks_off_costs_the_prompt_and_what_came() -> None:
    world = World()

    with pytest.raises(PassingFailure):
        complete(world.model([ChatDelta("12345678"), PassingFailure("cut")]), request_of(PROMPT))

    assert world.ledger.spent(TODAY).tokens == 13 + 2


def test_an_answer_that_nobody_waits_for_costs_what_came() -> None:
    world = World()
    stream = world.model([ChatDelta("1234"), ChatDelta("5678"), *said("")]).stream(request_of(PROMPT))
    next(stream)
    hang_up(stream)

    assert world.ledger.spent(TODAY).tokens == 13 + 1


def test_a_request_is_cut_to_what_one_call_may_take() -> None:
    world = World()

    complete(world.model(max_tokens=50, seconds=3.0), request_of(max_tokens=100, seconds=10))
    complete(BudgetedModel(world.inner, Limits(max_tokens=500), world.ledger), request_of(max_tokens=100, seconds=10))

    assert [(asked.max_tokens, asked.seconds) for asked in world.inner.asked] == [(50, 3.0), (100, 10.0)]


def test_calls_at_the_same_time_cannot_pass_the_limit_together() -> None:
    world = World()
    gate = threading.Barrier(8)
    outcomes: list[str] = []

    class Slow(FakeModel):
        def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
            yield ChatDelta("x")
            yield ChatDelta("", Usage(13, 100))

    model = BudgetedModel(Slow([]), Limits(daily_tokens=400), world.ledger, now=lambda: NOW)

    def ask() -> None:
        gate.wait()
        try:
            complete(model, request_of(PROMPT, max_tokens=100))
            outcomes.append("answered")
        except BudgetSpent:
            outcomes.append("refused")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 8
    assert world.ledger.spent(TODAY).tokens == 113 * outcomes.count("answered") <= 400


class ManualClock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_the_calls_of_one_answer_share_its_tokens_and_its_seconds() -> None:
    clock = ManualClock()
    inner = FakeModel([said("a", usage=Usage(1, 60))])
    model = OneAnswer(inner, max_tokens=100, seconds=30, clock=clock)

    complete(model, request_of(max_tokens=90, seconds=60))
    clock.time += 20
    complete(model, request_of(max_tokens=90, seconds=60))

    assert [(asked.max_tokens, asked.seconds) for asked in inner.asked] == [(90, 30.0), (40, 10.0)]


def test_an_answer_that_used_its_tokens_makes_no_other_call() -> None:
    model = OneAnswer(FakeModel([said("a", usage=Usage(1, 100))]), max_tokens=100, seconds=30)
    complete(model, request_of())

    with pytest.raises(BudgetSpent, match="the 100 tokens for one answer are used; raise GROUNDWATCH_LLM_MAX_TOKENS"):
        complete(model, request_of())


def test_an_answer_that_used_its_seconds_makes_no_other_call() -> None:
    clock = ManualClock()
    model = OneAnswer(FakeModel([said("a")]), max_tokens=100, seconds=30, clock=clock)
    clock.time += 30

    with pytest.raises(BudgetSpent, match="the 30 s for one answer are over"):
        complete(model, request_of())
