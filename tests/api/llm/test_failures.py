"""What a failure says, and how long it asks to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr

from api.llm.failures import Endpoint, asked_wait, of_status, scrubbed

ENDPOINT = Endpoint(provider="openai", model="small-1", base_url="http://llm.example", key=SecretStr("k-12345678"))


@pytest.mark.parametrize(
    ("value", "wait"), [("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("", None), ("soon", None), ("-3", None), ("9e99", None)]
)
def test_a_pause_is_read_from_a_number(value: str, wait: float | None) -> None:
    assert asked_wait({"retry-after": value}) == wait


def test_a_pause_is_read_from_a_date() -> None:
    wait = asked_wait({"retry-after": format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)})

    assert wait is not None
    assert 80 < wait <= 90


def test_a_date_that_is_over_asks_for_no_pause() -> None:
    assert asked_wait({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"error": {"message": "wrong model", "code": "x"}}', "(wrong model; x)"),
        (b'{"error": "wrong model"}', "(wrong model)"),
        (b'{"detail": "wrong model"}', "(wrong model)"),
        (b'{"error": {"message": 3}}', '({"error"'),
        (b"<html><body>Gateway</body></html>", "(an HTML page)"),
        (b"plain words", "(plain words)"),
        (b"[1, 2]", "([1, 2])"),
        (b"\xff\xfe", "answered 500 ("),
        (b"[" * 100_000, "answered 500 ("),
        (b"", "answered 500:"),
    ],
)
def test_the_message_of_a_body_is_found_whatever_its_shape(body: bytes, told: str) -> None:
    assert told in str(of_status(ENDPOINT, 500, body, {}))


def test_words_of_others_are_one_short_line_without_the_key() -> None:
    told = scrubbed(ENDPOINT, "bad\x1b[31m\nkey k-12345678 " + "x" * 1000)

    assert told.startswith("bad[31m key (key) xxx")
    assert len(told) <= 301


@pytest.mark.parametrize("text", ["This model's maximum context length is 8192", "prompt is too long: 9 > 8"])
def test_a_prompt_that_is_too_long_is_told_as_that(text: str) -> None:
    assert "too long for the model" in str(of_status(ENDPOINT, 400, text.encode(), {}))


def test_an_endpoint_does_not_show_its_key() -> None:
    assert "k-12345678" not in f"{ENDPOINT!r} {ENDPOINT} {ENDPOINT.where}"
