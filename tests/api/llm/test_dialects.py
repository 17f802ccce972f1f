"""What servers refuse of a request, and how it is asked again in plainer form."""

from collections.abc import Callable

import pytest

from api.errors import LanguageModelRefused
from api.llm.chat_model import complete
from api.llm.failures import RequestRejected
from tests.api.llm.asking import model_at, request_of
from tests.api.llm.scripted_server import AskedModel, Script, serving

SCHEMA: dict[str, object] = {"type": "object"}


def refusing(part: Callable[[AskedModel], bool], message: str) -> Callable[[AskedModel], Script]:
    return lambda asked: Script(status=400, message=message) if part(asked) else Script()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (lambda asked: "response_format" in asked.body, "response_format json_schema is not supported"),
        (lambda asked: "response_format" in asked.body, "Extra inputs are not permitted"),
        (lambda asked: "max_tokens" in asked.body, "Unsupported parameter: use 'max_completion_tokens' instead."),
        (lambda asked: "temperature" in asked.body, "Unsupported value: 'temperature' does not support 0"),
        (lambda asked: "stream_options" in asked.body, "stream_options: unknown field"),
    ],
)
def test_a_part_that_is_refused_is_left_out_then_and_from_then_on(
    part: Callable[[AskedModel], bool], message: str
) -> None:
    with serving(answering=refusing(part, message)) as server:
        model = model_at(server, "openai")
        complete(model, request_of(schema=SCHEMA))
        complete(model, request_of(schema=SCHEMA))

    assert [part(asked) for asked in server.asked] == [True, False, False]
    assert "valid under the JSON schema" in server.asked[-1].words


def test_a_request_that_is_refused_in_every_form_is_given_up() -> None:
    with serving(Script(status=400, message="no")) as server, pytest.raises(RequestRejected, match="refuses"):
        complete(model_at(server, "openai"), request_of(schema=SCHEMA))

    assert len(server.asked) == 2


def test_a_claude_that_takes_no_temperature_is_asked_without() -> None:
    refused = refusing(lambda asked: "temperature" in asked.body, "`temperature` is deprecated for this model.")
    with serving(answering=refused) as server:
        model = model_at(server, "anthropic")
        complete(model, request_of())
        complete(model, request_of())

    assert ["temperature" in asked.body for asked in server.asked] == [True, False, False]


def test_a_prompt_that_ollama_would_cut_is_not_sent() -> None:
    with (
        serving(Script()) as server,
        pytest.raises(LanguageModelRefused, match=r"would cut the prompt.*GROUNDWATCH_LLM_CONTEXT_WINDOW"),
    ):
        complete(model_at(server, "ollama"), request_of("x" * 40_000))

    assert server.asked == []
