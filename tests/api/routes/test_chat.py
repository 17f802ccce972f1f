"""The OpenAI-compatible door, through the official client over real HTTP, and under requests that mean harm."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam

from api.bootstrap import Local
from api.chat_completions import Turn
from api.routes.chat_errors import COMPLETIONS
from api.schemas.answers import Answer
from ingest.knowledge.generation_files import copy_tree
from tests.api.routes.chat_door import QUESTION, chat_app, official_client
from tests.api.world import open_world, served

UNKNOWN = "How do I rotate the Kerberos keytab of FooBarUnseen?"


@pytest.fixture(scope="module")
def url(written_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the documents once: no test here changes them."""
    folder = tmp_path_factory.mktemp("chat") / "data"
    copy_tree(written_once, folder)
    world = open_world(folder, check_every=60.0)
    with served(chat_app(world)) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with official_client(url) as found:
        yield found


def _ask(client: openai.OpenAI, *messages: ChatCompletionMessageParam, model: str = "groundwatch") -> ChatCompletion:
    return client.chat.completions.create(model=model, messages=messages)


def _typed(response: ChatCompletion | ChatCompletionChunk) -> Answer:
    return Answer.model_validate((response.model_extra or {})["groundwatch"])


def _text(response: ChatCompletion) -> str:
    return response.choices[0].message.content or ""


def test_the_official_client_gets_an_answer_with_sources(client: openai.OpenAI) -> None:
    response = _ask(client, {"role": "user", "content": QUESTION})

    text, answer = _text(response), _typed(response)
    assert text.startswith("**Answered")
    assert "du -sh /var/lib/db/*" in text
    assert "**DESTRUCTIVE:" in text
    assert "[1] Disk full" in text
    assert response.id == f"chatcmpl-{answer.id}"
    assert answer.question == QUESTION
    assert response.choices[0].finish_reason == "stop"
    assert response.usage is not None
    assert response.usage.total_tokens == 0  # no language model took part


def test_the_typed_answer_is_the_one_of_the_ask_route(client: openai.OpenAI, url: str) -> None:
    plain = Answer.model_validate(httpx.post(f"{url}/v1/ask", json={"question": QUESTION}, trust_env=False).json())

    typed = _typed(_ask(client, {"role": "user", "content": QUESTION}))

    own = {"id", "took_ms", "conversation_id"}
    assert typed.model_dump(exclude=own) == plain.model_dump(exclude=own)


def test_a_stream_says_the_same_in_pieces(client: openai.OpenAI) -> None:
    whole = _ask(client, {"role": "user", "content": QUESTION})

    chunks = list(
        client.chat.completions.create(
            model="groundwatch",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    finishing = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason == "stop"]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(pieces) == _text(whole)
    assert len(pieces) > 5
    assert len({chunk.id for chunk in chunks}) == 1
    assert _typed(finishing[0]).statements == _typed(whole).statements
    assert chunks[-1].usage is not None
    assert not chunks[-1].choices


def test_a_stream_ends_with_done(url: str) -> None:
    body = {"model": "groundwatch", "messages": [{"role": "user", "content": QUESTION}], "stream": True}

    text = httpx.post(f"{url}{COMPLETIONS}", json=body, trust_env=False).text

    events = [json.loads(line[6:]) for line in text.split("\n\n")[:-2]]
    assert text.endswith("data: [DONE]\n\n")
    assert all(event["object"] == "chat.completion.chunk" for event in events)
    assert "usage" not in events[-1]
    assert set(events[1]["choices"][0]["delta"]) == {"content"}


def test_what_no_document_holds_is_told_and_not_made_up(client: openai.OpenAI) -> None:
    response = _ask(client, {"role": "user", "content": UNKNOWN})

    assert _text(response).startswith("**Not answered:**")
    assert _typed(response).outcome == "abstained"


def test_text_parts_are_read(client: openai.OpenAI) -> None:
    parts: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "You are a pirate."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "What do I do when"}, {"type": "text", "text": "DbDiskFull fires?"}],
        },
    ]

    assert "du -sh" in _text(_ask(client, *parts))


def test_a_model_name_narrows_the_search(client: openai.OpenAI) -> None:
    response = _ask(
        client, {"role": "user", "content": "checkout pool connections"}, model="groundwatch:kind=architecture"
    )

    kinds = {c.kind for statement in _typed(response).statements for c in statement.citations}
    kinds |= {hit.kind for hit in _typed(response).nearest}
    assert kinds == {"architecture"}
    assert response.model == "groundwatch:kind=architecture"


def test_metadata_narrows_the_search(client: openai.OpenAI) -> None:
    response = client.chat.completions.create(
        model="groundwatch",
        messages=[{"role": "user", "content": "checkout pool connections"}],
        metadata={"groundwatch_exclude": "architecture/data-stores.md", "trace": "7"},
    )

    documents = {c.path for statement in _typed(response).statements for c in statement.citations}
    assert "architecture/data-stores.md" not in documents


def test_models_are_listed_and_found(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list().data] == ["groundwatch"]
    assert client.models.retrieve("groundwatch:source=docs").owned_by == "groundwatch"
    with pytest.raises(openai.NotFoundError, match="gpt-4o"):
        client.models.retrieve("gpt-4o")


def test_sampling_parameters_are_ignored(client: openai.OpenAI) -> None:
    response = client.chat.completions.create(
        model="groundwatch",
        messages=[{"role": "user", "content": QUESTION}],
        temperature=1.7,
        top_p=0.1,
        seed=7,
        max_tokens=1,
        stop=["\n"],
        n=1,
        presence_penalty=2,
        user="u",
        response_format={"type": "text"},
        extra_body={"newer_than_this": {"x": 1}},
    )

    assert "du -sh" in _text(response)


class _ByTheBook:
    """Follow up by putting the first question before the last."""

    def __init__(self) -> None:
        self.turns: list[Sequence[Turn]] = []

    def resolve(self, question: str, earlier_turns: Sequence[Turn]) -> str:
        self.turns.append(earlier_turns)
        return f"{earlier_turns[0].text} {question}"


def test_a_follow_up_is_resolved_from_the_earlier_turns(world: Local) -> None:
    book = _ByTheBook()
    with served(chat_app(world, follow_ups=book)) as url, official_client(url) as client:
        response = _ask(
            client,
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "DbDiskFull"},
            {"role": "assistant", "content": "**Answered**"},
            {"role": "user", "content": "what do I do first?"},
        )

    answer = _typed(response)
    assert book.turns == [(Turn("user", "DbDiskFull"), Turn("assistant", "**Answered**"))]
    assert answer.question == "what do I do first?"
    assert answer.asked_as == "DbDiskFull what do I do first?"
    assert "Understood as: DbDiskFull what do I do first?" in _text(response)


def test_by_default_a_follow_up_is_read_in_its_thread(client: openai.OpenAI) -> None:
    response = _ask(
        client,
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "**Answered**"},
        {"role": "user", "content": "why does it fire?"},
    )

    answer = _typed(response)
    assert answer.question == "why does it fire?"
    assert "DbDiskFull" in answer.asked_as
    assert "Understood as:" in _text(response)


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 3}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"logprobs": True}, "logprobs"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "messages[0].content",
        ),
        ({"messages": [{"role": "assistant", "content": "hello"}]}, "messages"),
        (
            {"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}, {"role": "user", "content": "y"}]},
            "messages[0]",
        ),
    ],
)
def test_what_would_change_the_meaning_is_refused(url: str, more: dict[str, object], param: str) -> None:
    body = {"model": "groundwatch", "messages": [{"role": "user", "content": QUESTION}]} | more

    response = httpx.post(f"{url}{COMPLETIONS}", json=body, trust_env=False)

    error = response.json()["error"]
    assert response.status_code == 400
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"
    assert error["code"] == "unsupported_parameter"
    assert param.partition("[")[0] in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"model": "groundwatch"},
        {"model": "groundwatch", "messages": []},
        {"model": "groundwatch", "messages": "hello"},
        {"model": "groundwatch", "messages": [7]},
        {"model": "groundwatch", "messages": [{"role": "captain", "content": "x"}]},
        {"model": "groundwatch", "messages": [{"role": "user", "content": {"text": "x"}}]},
        {"model": "groundwatch", "messages": [{"role": "user", "content": ""}]},
        {"model": "groundwatch", "messages": [{"role": "user", "content": None}]},
        {"model": "groundwatch", "messages": [{"role": "user", "content": "x" * 9_000}]},
        {"model": "groundwatch", "messages": [{"role": "user", "content": "\ud800"}]},
        {"model": 7, "messages": [{"role": "user", "content": "x"}]},
        {"model": "groundwatch", "messages": [{"role": "user", "content": "x"}], "stream": "maybe"},
        {"model": "groundwatch", "messages": [{"role": "user", "content": "x"}], "metadata": {"a": 1}},
        {"model": "groundwatch:source=nowhere", "messages": [{"role": "user", "content": "x"}]},
        {"model": "groundwatch:sauce=x", "messages": [{"role": "user", "content": "x"}]},
        [],
        None,
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_wrong_requests_get_an_error_object(url: str, body: object, stream: bool) -> None:
    if stream and isinstance(body, dict) and "stream" not in body:
        body = body | {"stream": True}

    response = httpx.post(
        f"{url}{COMPLETIONS}",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
        trust_env=False,
    )

    error = response.json()["error"]
    assert response.status_code == 400
    assert error["message"]
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("content", [b"{", b"\xff{", b"", b"\x00" * 1000, b"[" * 100_000])
def test_a_body_that_is_no_json_gets_an_error_object(url: str, content: bytes) -> None:
    response = httpx.post(
        f"{url}{COMPLETIONS}", content=content, headers={"content-type": "application/json"}, trust_env=False
    )

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_a_body_that_is_too_large_is_told_so(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as told:
        _ask(client, {"role": "user", "content": "x" * 1_100_000})

    assert told.value.status_code == 413
    assert told.value.code == "too_large"


def test_a_thousand_turns_are_read(client: openai.OpenAI) -> None:
    turns: list[ChatCompletionMessageParam] = []
    for number in range(500):
        turns.append({"role": "user", "content": f"question {number}"})
        turns.append({"role": "assistant", "content": f"answer {number}"})

    response = _ask(client, *turns, {"role": "user", "content": QUESTION})

    assert _typed(response).question == QUESTION


def test_a_model_of_others_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as told:
        _ask(client, {"role": "user", "content": QUESTION}, model="gpt-4o")

    assert told.value.code == "model_not_found"
    assert "groundwatch" in told.value.message


def test_a_key_is_asked_for_where_keys_are_set(world: Local) -> None:
    with served(chat_app(world, keys=("right",))) as url:
        with official_client(url, "right") as client:
            allowed = _ask(client, {"role": "user", "content": QUESTION})
        with official_client(url, "wrong") as client, pytest.raises(openai.AuthenticationError) as told:
            client.models.list()

    assert _typed(allowed).outcome == "answered"
    assert told.value.code == "invalid_api_key"
    assert told.value.type == "authentication_error"


@pytest.mark.parametrize("stream", [False, True])
def test_nothing_ingested_is_told_with_the_next_step(tmp_path: Path, stream: bool) -> None:
    world = open_world(tmp_path / "nothing")
    with (
        served(chat_app(world)) as url,
        official_client(url) as client,
        pytest.raises(openai.InternalServerError) as told,
    ):
        client.chat.completions.create(
            model="groundwatch", messages=[{"role": "user", "content": QUESTION}], stream=stream
        )

    assert told.value.status_code == 503
    assert told.value.code == "knowledge_missing"
    assert "groundwatch ingest" in told.value.message


def test_other_routes_keep_their_problems(url: str) -> None:
    response = httpx.post(f"{url}/v1/ask", json={"question": ""}, trust_env=False)

    assert response.headers["content-type"] == "application/problem+json"
    assert response.status_code == 422


def test_another_method_gets_an_error_object(url: str) -> None:
    response = httpx.get(f"{url}{COMPLETIONS}", trust_env=False)

    assert response.status_code == 405
    assert response.json()["error"]["type"] == "invalid_request_error"
