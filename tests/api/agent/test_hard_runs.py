"""The agent with a model that loops, breaks off, spends too much or is to learn too much, over HTTP."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.agent.metering import AgentLimits
from api.agent.notes import Ending, StepOutcome
from api.errors import TelemetryUnreadable
from api.investigation.telemetry import LogLines
from api.investigation.windows import Window
from api.llm.budget import Price
from api.llm.masking import MaskedModel, Masks
from tests.api.agent.shop import (
    FINISH,
    QUIET,
    SECRET,
    Shop,
    act,
    assist,
    in_turn,
    last_words,
    same_result,
)
from tests.api.llm.asking import model_at
from tests.api.llm.scripted_server import AskedModel, Fault, Script, serving

pytestmark = QUIET


def test_the_same_call_over_and_over_is_answered_once_reminded_once_and_ends_the_run() -> None:
    with serving(act("query_traces", component="cart")) as server:
        found = assist(server)

    assert [one.outcome for one in found.notes.steps] == [
        StepOutcome.ANSWERED, StepOutcome.REPEATED, StepOutcome.REPEATED,
    ]  # fmt: skip
    assert "already asked; result is observation" in last_words(server.asked[2])
    assert found.notes.ending is Ending.REPEATED
    assert len(server.asked) == 3
    assert len(found.notes.cut) == 2


def test_calls_that_give_nothing_end_the_run() -> None:
    nothing = [act("query_logs", component="cart", words=word) for word in ("alpha", "beta", "gamma", "delta")]
    with serving(*nothing) as server:
        found = assist(server)

    assert found.notes.ending is Ending.EMPTY
    assert len(found.notes.steps) == 3


def test_unknown_tools_and_arguments_are_answered_and_counted() -> None:
    with serving(act("rm", path="/"), act("query_logs", component="ghost", words="a"), FINISH) as server:
        found = assist(server)

    assert [one.outcome for one in found.notes.steps] == [StepOutcome.INVALID, StepOutcome.INVALID]
    assert "there is no tool 'rm'" in last_words(server.asked[1])


@pytest.mark.parametrize(
    ("limits", "price", "ending"),
    [
        (AgentLimits(steps=2), None, Ending.STEPS),
        (AgentLimits(tokens=1_700), None, Ending.TOKENS),
        (AgentLimits(money=0.002), Price(1.0, 1.0), Ending.MONEY),
        (AgentLimits(seconds=0.0), None, Ending.SECONDS),
    ],
)
def test_no_limit_is_passed(limits: AgentLimits, price: Price | None, ending: Ending) -> None:
    words = iter(range(100))

    def asking(_: AskedModel) -> Script:
        return act("query_metric", component="cart", metric=f"cpu {'p' * next(words)}"[:3].strip() + " " * next(words))

    looks = in_turn(
        act("query_traces", component="cart"),
        act("get_topology", component="cart"),
        act("get_topology", component="front"),
        asking,
    )
    with serving(answering=looks) as server:
        found = assist(server, limits=limits, price=price)

    assert found.notes.ending is ending
    assert found.notes.cost.prompt_tokens + found.notes.cost.completion_tokens <= limits.tokens
    assert limits.money is None or (found.notes.cost.money or 0) <= limits.money
    assert len(found.notes.steps) <= limits.steps
    assert same_result(found.investigation)


@pytest.mark.parametrize(
    "broken",
    [
        Script(status=429),
        Script(status=500),
        Script(status=401),
        Script(refusal="I can't help with that", text=""),
        Script(finish="length", text='{"tool": "query_tr'),
        Script(fault=Fault.CUT),
        Script(fault=Fault.SILENT_END),
        Script(fault=Fault.RESET_BEFORE),
        Script(fault=Fault.BROKEN_JSON),
        Script("I think it is the network."),
        Script('{"tool": 7}'),
    ],
    ids=str,
)
def test_where_the_model_fails_half_way_the_inquiry_stands_and_a_note_says_why(broken: Script) -> None:
    with serving(act("query_traces", component="cart"), broken) as server:
        found = assist(server)

    assert found.notes.ending is Ending.MODEL_FAILED
    assert "small-1" in found.notes.note
    assert found.notes.note.endswith("the inquiry's result stands")
    assert found.investigation.runs[-1].name == "agent"
    assert found.investigation.runs[-1].state == "failed"
    assert same_result(found.investigation)


def test_a_source_that_cannot_be_read_is_told_to_the_model_and_ends_nothing() -> None:
    class Broken(Shop):
        def logs(self, window: Window) -> Iterator[LogLines]:
            raise TelemetryUnreadable(f"the log of {window} is cut off")

    with serving(act("query_logs", component="cart"), act("query_traces", component="cart"), FINISH) as server:
        found = assist(server, telemetry=Broken())

    assert "is cut off" in last_words(server.asked[1])
    assert [one.outcome for one in found.notes.steps] == [StepOutcome.EMPTY, StepOutcome.ANSWERED]


def test_an_observation_says_where_the_budget_ended_the_reading() -> None:
    with serving(act("query_traces", component="cart"), FINISH) as server:
        found = assist(server, limits=AgentLimits(rows=40))

    assert "reading stopped after 30 rows" in found.notes.observations[0].rows.cut


def test_an_answer_that_cannot_be_read_is_asked_for_once_more() -> None:
    with serving(Script("Let me look."), act("query_traces", component="cart"), FINISH) as server:
        found = assist(server)

    assert "could not be read" in last_words(server.asked[1])
    assert found.notes.ending is Ending.FINISHED
    assert found.notes.cost.calls == 3


def test_secrets_and_hosts_do_not_leave_the_machine() -> None:
    with serving(act("query_logs", component="cart", words="reconnect"), FINISH) as server:
        assist(MaskedModel(model_at(server, "openai"), Masks()))

    sent = "\n".join(one.words for one in server.asked)
    assert "reconnect to HOST_" in sent
    assert SECRET.partition("=")[2] not in sent
    assert "db7.internal" not in sent
    assert "finding metrics-1 on cart" in sent


def test_a_placeholder_in_an_argument_means_the_value_again() -> None:
    def asking(asked: AskedModel) -> Script:
        host = re.findall(r"HOST_\d+", last_words(asked))[0]
        return act("query_logs", component="cart", words=host)

    turns = in_turn(act("query_logs", component="cart", words="reconnect"), asking, FINISH)
    with serving(answering=turns) as server:
        found = assist(MaskedModel(model_at(server, "openai"), Masks()))

    assert found.notes.steps[1].arguments == (("component", "cart"), ("words", "db7.internal.example.com"))
    assert found.notes.steps[1].outcome is StepOutcome.ANSWERED


def test_a_run_that_is_called_off_stops_asking() -> None:
    cancelled = threading.Event()

    def calling_off(_: AskedModel) -> Script:
        cancelled.set()
        return act("query_traces", component="cart")

    with serving(answering=calling_off) as server:
        found = assist(server, cancelled=cancelled)

    assert found.notes.ending is Ending.CANCELLED
    assert len(server.asked) == 1
    assert found.investigation.runs[-1].state == "cancelled"


def test_a_model_that_stalls_is_left_when_the_seconds_are_over() -> None:
    stalling = Script(fault=Fault.STALL_INSIDE)
    with serving(act("query_traces", component="cart"), stalling) as server:
        found = assist(server, limits=AgentLimits(seconds=1.0))

    assert found.notes.ending is Ending.MODEL_FAILED
    assert found.notes.cost.seconds < 5
    assert same_result(found.investigation)


def test_two_investigations_at_once_keep_their_notes_apart() -> None:
    def looking(asked: AskedModel) -> Script:
        return FINISH if "observation o" in last_words(asked) else act("query_traces", component="cart")

    with serving(answering=looking) as server, ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: assist(server), range(2)))

    assert [[one.tool for one in found.notes.steps] for found in both] == [["query_traces"], ["query_traces"]]
    assert both[0].investigation.verdict == both[1].investigation.verdict
