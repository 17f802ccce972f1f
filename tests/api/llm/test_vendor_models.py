"""What every adapter does, over real HTTP: one suite for all three interfaces."""

import logging
import threading
import time
import traceback

import pytest

from api.errors import LanguageModelDown, LanguageModelError, LanguageModelRefused
from api.llm.chat_model import ChatDelta, Usage, complete
from api.llm.failures import OutOfTime, PassingFailure, RequestRejected
from tests.api.llm.asking import KEY, PROVIDERS, endpoint_at, hang_up, model_at, request_of
from tests.api.llm.scripted_server import Fault, Script, serving
from tests.api.llm.scripted_wire import DEFAULT_WORDS

SCHEMA: dict[str, object] = {"type": "object", "properties": {"text": {"type": "string"}}}


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def failure(provider: str, script: Script, *, seconds: float = 10.0) -> LanguageModelError:
    """Return how a provider's adapter fails with a script."""
    with serving(script) as server, pytest.raises(LanguageModelError) as raised:
        complete(model_at(server, provider), request_of(seconds=seconds))
    return raised.value


def test_an_answer_comes_whole_with_the_tokens_that_the_provider_counted(provider: str) -> None:
    with serving(Script()) as server:
        completion = complete(model_at(server, provider), request_of())

    assert completion.text == DEFAULT_WORDS
    assert completion.usage == Usage(11, 7)


def test_an_answer_is_passed_on_piece_by_piece(provider: str) -> None:
    with serving(Script(pieces=("Restart ", "the pod", "."))) as server:
        deltas = list(model_at(server, provider).stream(request_of()))

    assert [delta.text for delta in deltas if delta.text] == ["Restart ", "the pod", "."]
    assert [delta.usage for delta in deltas[:-1]] == [None] * (len(deltas) - 1)
    assert deltas[-1].usage is not None


def test_the_first_piece_does_not_wait_for_the_last(provider: str) -> None:
    with serving(Script(fault=Fault.STALL_INSIDE)) as server:
        stream = model_at(server, provider).stream(request_of(seconds=30))
        first = next(stream)
        hang_up(stream)

    assert first == ChatDelta("Restart ")


def test_letters_of_all_scripts_come_through(provider: str) -> None:
    words = "Neustart für „Kasse“ — 再起動 🚒\u2028 zeile"
    with serving(Script(words)) as server:
        completion = complete(model_at(server, provider), request_of("Was nun, Zoë? 再起動"))

    assert completion.text == words
    assert "再起動" in str(server.asked[0].body)


def test_the_request_holds_messages_model_and_limit(provider: str) -> None:
    with serving(Script()) as server:
        complete(model_at(server, provider), request_of("Why is it slow?", max_tokens=77))

    body = server.asked[0].body
    assert body["model"] == "small-1"
    assert "Be brief." in server.asked[0].words
    assert "Why is it slow?" in server.asked[0].words
    assert 77 in (body.get("max_tokens"), body.get("options", {}).get("num_predict"))


def test_a_schema_is_asked_for_in_words_and_enforced_where_the_provider_can(provider: str) -> None:
    with serving(Script('{"text": "x"}')) as server:
        complete(model_at(server, provider), request_of(schema=SCHEMA))

    body = server.asked[0].body
    enforced = body.get("response_format", {}).get("json_schema", {}).get("schema") or body.get("format")
    assert enforced == (None if provider == "anthropic" else SCHEMA)
    assert "valid under the JSON schema" in server.asked[0].words


def test_tokens_are_estimated_where_the_provider_does_not_count(provider: str) -> None:
    with serving(Script("abcdefgh", usage=None)) as server:
        completion = complete(model_at(server, provider), request_of("x" * 40, system="y" * 40))

    assert completion.usage == Usage(20, 2)


@pytest.mark.parametrize(
    ("status", "kind", "step"),
    [
        (401, LanguageModelDown, "set GROUNDWATCH_LLM_API_KEY"),
        (403, LanguageModelDown, "GROUNDWATCH_LLM_MODEL"),
        (404, LanguageModelDown, "check GROUNDWATCH_LLM_MODEL"),
        (402, LanguageModelDown, "no credit"),
        (400, RequestRejected, "GROUNDWATCH_LLM_MODEL"),
        (429, PassingFailure, "ask again later"),
        (500, PassingFailure, "ask again later"),
        (503, PassingFailure, "ask again later"),
        (529, PassingFailure, "ask again later"),
    ],
)
def test_a_status_names_model_place_and_next_step(
    provider: str, status: int, kind: type[LanguageModelError], step: str
) -> None:
    error = failure(provider, Script(status=status, message="told by the server"))

    assert type(error) is kind
    assert f"{provider} model 'small-1' at http://127.0.0.1" in str(error)
    assert f"answered {status} (told by the server" in str(error)
    assert step in str(error)


def test_an_empty_account_is_no_passing_failure(provider: str) -> None:
    error = failure(provider, Script(status=429, message="You exceeded your current quota", kind="insufficient_quota"))

    assert type(error) is LanguageModelDown
    assert "no credit is left" in str(error)


def test_a_limit_of_requests_carries_the_pause_that_is_asked_for(provider: str) -> None:
    error = failure(provider, Script(status=429, headers=(("retry-after", "17"),)))

    assert isinstance(error, PassingFailure)
    assert error.wait == 17
    assert "in 17 s at the earliest" in str(error)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Script(finish="length"), "cut off after 100 tokens; raise GROUNDWATCH_LLM_MAX_TOKENS"),
        (Script(finish="filter"), "content filter"),
        (Script(finish="refusal", refusal="I cannot help with that."), "refused"),
        (Script(""), "empty answer"),
        (Script(" \n "), "empty answer"),
    ],
    ids=["length", "filter", "refusal", "empty", "blank"],
)
def test_an_answer_that_is_none_is_a_refusal(provider: str, script: Script, words: str) -> None:
    error = failure(provider, script)

    # Anthropic and Ollama have no field for the words of a refusal; the reason tells it.
    assert isinstance(error, LanguageModelRefused)
    assert words in str(error)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault.RESET_BEFORE, PassingFailure, "cannot be reached or broke off"),
        (Fault.CUT, PassingFailure, "cannot be reached or broke off"),
        (Fault.SILENT_END, LanguageModelError, "broke off in the middle"),
        (Fault.BROKEN_JSON, LanguageModelError, "cannot be read"),
        (Fault.DEEP, LanguageModelError, "cannot be read"),
        (Fault.WRONG_SHAPE, LanguageModelError, ""),
        (Fault.WRONG_TYPE, LanguageModelError, "'text/html'"),
        (Fault.COMPRESSED, LanguageModelError, "'gzip'"),
        (Fault.HUGE_LINE, LanguageModelError, "far more than it was asked for"),
        (Fault.ENDLESS, LanguageModelError, "far more than it was asked for"),
        (Fault.REDIRECT, LanguageModelDown, "redirects to 'http://192.0.2.1/v1'"),
    ],
)
def test_a_server_that_misbehaves_gives_an_error_of_ours(
    provider: str, fault: Fault, kind: type[LanguageModelError], words: str
) -> None:
    started = time.monotonic()

    error = failure(provider, Script(fault=fault))

    assert type(error) is kind
    assert words in str(error)
    assert "\n" not in str(error)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("fault", [Fault.STALL_BEFORE, Fault.STALL_INSIDE, Fault.ALIVE])
def test_a_call_is_over_when_its_time_is(provider: str, fault: Fault) -> None:
    started = time.monotonic()

    error = failure(provider, Script(fault=fault), seconds=0.5)

    assert type(error) is OutOfTime
    assert "did not finish within 0.5 s; raise GROUNDWATCH_LLM_TIMEOUT_SECONDS" in str(error)
    assert time.monotonic() - started < 1.5


def test_an_answer_that_is_told_to_be_over_does_not_wait_for_the_connection_to_close(provider: str) -> None:
    started = time.monotonic()
    with serving(Script(fault=Fault.STALL_AFTER)) as server:
        completion = complete(model_at(server, provider), request_of(seconds=20))

    assert completion.text == DEFAULT_WORDS
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("message", "kind"), [("Overloaded", PassingFailure), ("The pipe burst", LanguageModelError)])
def test_a_failure_inside_of_a_stream_is_told(provider: str, message: str, kind: type[LanguageModelError]) -> None:
    error = failure(provider, Script(fault=Fault.ERROR_EVENT, message=message))

    assert type(error) is kind
    assert message in str(error)


def test_nobody_listening_is_told_with_the_address(provider: str) -> None:
    with serving(Script()) as server:
        model = model_at(server, provider)

    with pytest.raises(PassingFailure, match=r"cannot be reached.*refused.*GROUNDWATCH_LLM_BASE_URL"):
        complete(model, request_of())


@pytest.mark.parametrize("status", [400, 401, 500])
def test_a_key_is_shown_nowhere_even_where_the_server_repeats_it(
    provider: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(Script(status=status, message=f"Incorrect key: {KEY}")) as server:
        with pytest.raises(LanguageModelError) as raised:
            complete(model_at(server, provider), request_of())
        shown = [repr(endpoint_at(server, provider)), "".join(traceback.format_exception(raised.value)), caplog.text]

    assert KEY in str(server.asked[0].headers)
    assert not [text for text in shown if KEY in text]


def test_a_key_that_a_stream_repeats_is_not_shown(provider: str) -> None:
    error = failure(provider, Script(fault=Fault.ERROR_EVENT, message=f"bad key {KEY}"))

    assert "bad key (key)" in str(error)
    assert KEY not in "".join(traceback.format_exception(error))


def test_keys_and_addresses_of_the_environment_are_not_used(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OLLAMA_API_KEY"):
        monkeypatch.setenv(name, "from-the-environment")
    for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.setenv(name, "http://192.0.2.1")
    with serving(Script()) as server:
        complete(model_at(server, provider, key=""), request_of())

    headers = server.asked[0].headers
    assert not {"authorization", "x-api-key"} & set(headers)
    assert "from-the-environment" not in str(headers)
    assert headers["user-agent"] == "groundwatch"
    assert not [name for name in headers if name.startswith("x-stainless")]


def test_calls_at_the_same_time_do_not_mix(provider: str) -> None:
    answers: dict[int, str] = {}
    with serving(answering=lambda asked: Script(f"echo {asked.words.partition('ask-')[2][:2]}")) as server:
        model = model_at(server, provider)

        def ask(number: int) -> None:
            answers[number] = complete(model, request_of(f"ask-{number}")).text

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(10, 16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert answers == {number: f"echo {number}" for number in range(10, 16)}


def test_a_call_leaves_no_thread_behind(provider: str) -> None:
    with serving(Script()) as server:
        complete(model_at(server, provider), request_of())
    end = time.monotonic() + 2
    while time.monotonic() < end and _workers():
        time.sleep(0.01)

    assert _workers() == []


def test_an_abandoned_stream_hangs_up(provider: str) -> None:
    with serving(Script(fault=Fault.ENDLESS)) as server:
        stream = model_at(server, provider).stream(
            request_of(max_tokens=100_000, seconds=30)
            if provider != "ollama"
            else request_of(max_tokens=7_000, seconds=30)
        )
        next(stream)
        hang_up(stream)
        end = time.monotonic() + 3
        while time.monotonic() < end and _workers():
            time.sleep(0.01)

        assert _workers() == []


def _workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "language-model-call"]
