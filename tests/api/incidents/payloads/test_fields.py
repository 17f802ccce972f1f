"""What a refusal of a payload says, and what times and texts are read as."""

import json
from datetime import UTC, datetime

import pytest

from api.incidents.payloads.fields import Field, Refused, parsed


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "not UTF-8 at byte 0"),
        (b"[]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a":' * 200_000, "nested deeper"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nested deeper"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "not JSON"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_with_the_reason(body: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        parsed(body)


@pytest.mark.parametrize(
    "value",
    [
        "2026-05-01T03:00:00Z",
        "2026-05-01T03:00:00.000000000Z",
        "2026-05-01T05:00:00+02:00",
        "2026-05-01 03:00:00",
        1777604400,
        1777604400000,
        1777604400.0,
        "1777604400000",
        1777604400000000000,
    ],
)
def test_instants_are_read_in_the_forms_that_senders_use(value: object) -> None:
    assert Field(value).time() == datetime(2026, 5, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00Z", 0])
def test_a_zero_time_is_none(value: object) -> None:
    assert Field(value).time() is None


@pytest.mark.parametrize("value", ["soon", [], {}, True, 1e300, "9999-12-31T23:59:59-23:00", "10:00"])
def test_what_is_no_time_is_refused_with_the_field(value: object) -> None:
    with pytest.raises(Refused, match=r"alerts\[0\].startsAt: must be a time"):
        Field(value, "alerts[0].startsAt").time()


def test_texts_are_cut_and_cleaned_for_any_database() -> None:
    said = parsed(json.dumps({"a": "x" * 5_000, "b": "nul\x00 half\ud800"}).encode())

    assert len(said.at("a").text()) == 2_000
    assert said.at("b").text() == "nul  half?"


def test_a_value_inside_of_what_is_no_object_is_refused() -> None:
    with pytest.raises(Refused, match="alert: must be an object, and is 'text'"):
        parsed(b'{"alert": "text"}').at("alert", "labels")


def test_labels_that_are_no_texts_are_kept_as_json() -> None:
    assert Field({"b": {"x": 1}, "a": True, "c": None}).pairs() == (("a", "true"), ("b", '{"x": 1}'), ("c", ""))
