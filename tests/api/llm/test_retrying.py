"""Another try: when, how often, and after which pause."""

import pytest

from api.errors import LanguageModelDown
from api.llm.chat_model import ChatDelta, complete
from api.llm.failures import PassingFailure
from api.llm.retrying import RetryingModel
from tests.api.llm.asking import PROVIDERS, FakeModel, model_at, request_of, said
from tests.api.llm.scripted_server import Fault, Script, serving
from tests.api.llm.scripted_wire import DEFAULT_WORDS


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "first", [Script(status=429), Script(status=503), Script(fault=Fault.RESET_BEFORE)], ids=["429", "503", "reset"]
)
def test_what_passes_is_asked_again(provider: str, first: Script) -> None:
    pauses: list[float] = []
    with serving(first, first, Script()) as server:
        completion = complete(RetryingModel(model_at(server, provider), sleep=pauses.append), request_of())

    assert completion.text == DEFAULT_WORDS
    assert len(server.asked) == 3
    assert 0.25 <= pauses[0] <= 0.5 <= pauses[1] <= 1.0


def test_the_pause_is_the_one_that_the_provider_asks_for() -> None:
    pauses: list[float] = []
    with serving(Script(status=429, headers=(("retry-after", "2"),)), Script()) as server:
        complete(RetryingModel(model_at(server, "openai"), sleep=pauses.append), request_of())

    assert pauses == [2.0]


def test_a_pause_beyond_the_time_of_the_call_is_not_waited_for() -> None:
    pauses: list[float] = []
    with (
        serving(Script(status=429, headers=(("retry-after", "120"),))) as server,
        pytest.raises(PassingFailure, match="in 120 s at the earliest"),
    ):
        complete(RetryingModel(model_at(server, "openai"), sleep=pauses.append), request_of(seconds=5))

    assert pauses == []
    assert len(server.asked) == 1


def test_a_server_that_is_always_busy_is_given_up() -> None:
    pauses: list[float] = []
    with serving(Script(status=429)) as server, pytest.raises(PassingFailure, match="limits requests"):
        complete(RetryingModel(model_at(server, "openai"), attempts=4, sleep=pauses.append), request_of())

    assert len(server.asked) == 4
    assert len(pauses) == 3


@pytest.mark.parametrize("status", [400, 401, 404])
def test_what_does_not_pass_is_asked_once(status: int) -> None:
    with serving(Script(status=status)) as server, pytest.raises(LanguageModelDown if status > 400 else Exception):
        complete(RetryingModel(model_at(server, "openai"), sleep=lambda _: None), request_of())

    assert len(server.asked) == 1


def test_nothing_is_asked_again_once_a_piece_was_passed_on() -> None:
    model = FakeModel([[ChatDelta("Restart"), PassingFailure("it broke off")], said("Another beginning")])
    heard: list[str] = []

    with pytest.raises(PassingFailure):
        heard.extend(delta.text for delta in RetryingModel(model).stream(request_of()))

    assert len(model.asked) == 1


def test_tries_share_the_seconds_of_the_request() -> None:
    model = FakeModel([[PassingFailure("busy")], said("Yes")])

    complete(RetryingModel(model, sleep=lambda _: None), request_of(seconds=9))

    assert model.asked[0].seconds <= 9
    assert model.asked[1].seconds < model.asked[0].seconds
