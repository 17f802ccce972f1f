"""What leaves the machine instead of names and secrets, and how it is undone."""

import json
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import LanguageModelDown, UsageError
from api.llm.chat_model import ChatDelta, Usage, complete
from api.llm.masking import MaskedModel, Masking, Masks, Unmasker, pattern_of
from tests.api.llm.asking import PROVIDERS, FakeModel, model_at, request_of, said
from tests.api.llm.scripted_server import Script, serving

MASKS = Masks(domains=frozenset({"shop.test"}), people=("Jane Doe", "rsmith"), patterns=(pattern_of(r"CUST-[0-9]{3}"),))
SENSITIVE = [
    "db1.prod.shop.com",
    "10.1.2.3",
    "fd00::17",
    "jane.roe@shop.com",
    "Jane Doe",
    "rsmith",
    "CUST-123",
    "ghp_0123456789abcdefghijABCDEFGHIJ",
    "password=hunter2!",
    'token: "aB3dE6gH9jK2"',
    "postgres://app:s3cr3t@db/main",
    "Authorization: Bearer abcdef0123456789",
]
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(SENSITIVE),
        st.sampled_from(["HOST_1", "HOST\\_2", "secret_3", "IP_", "PERSON", "_1", "1", "\n", "{", '"', "\\", "ß", "٣"]),
        st.text(max_size=12),
    ),
    max_size=12,
).map("".join)


@given(st.lists(TEXTS, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_masking_and_unmasking_gives_the_same_text(texts: list[str]) -> None:
    masking = Masking(MASKS, texts)

    assert [masking.unmask(masking.mask(text)) for text in texts] == texts


@given(TEXTS, TEXTS, st.lists(st.integers(0, 200), max_size=8))
@settings(max_examples=120, deadline=None)
def test_a_text_in_pieces_is_unmasked_like_the_whole(text: str, more: str, cuts: list[int]) -> None:
    masking = Masking(MASKS, [text])
    reply = masking.mask(text) + more
    unmasker = Unmasker(masking)
    places = sorted({0, len(reply), *(min(cut, len(reply)) for cut in cuts)})

    pieces = [unmasker.feed(reply[start:end]) for start, end in pairwise(places)]

    assert "".join([*pieces, unmasker.finish()]) == masking.unmask(reply)


@given(TEXTS)
@settings(max_examples=50, deadline=None)
def test_letter_by_letter_is_no_different(text: str) -> None:
    masking = Masking(MASKS, [text])
    unmasker = Unmasker(masking)

    said_so_far = "".join([*map(unmasker.feed, masking.mask(text)), unmasker.finish()])

    assert said_so_far == text


@given(st.lists(st.sampled_from(SENSITIVE), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_sensitive_value_is_left(values: list[str]) -> None:
    text = "\n".join(f"see {value} there" for value in values)

    masked = Masking(MASKS, [text]).mask(text)

    secret = r"shop\.com|10\.1\.2|fd00|Jane|rsmith|CUST|ghp_|hunter2|aB3dE6|s3cr3t|abcdef0123"
    assert re.search(secret, masked) is None


def test_the_same_value_has_the_same_placeholder_in_all_texts() -> None:
    masking = Masking(MASKS, ["from db1.shop.com to db2.shop.com", "db2.shop.com and db1.shop.com"])

    assert masking.mask("from db1.shop.com to db2.shop.com") == "from HOST_1 to HOST_2"
    assert masking.mask("db2.shop.com and db1.shop.com") == "HOST_2 and HOST_1"


def test_a_placeholder_that_a_text_holds_already_is_not_taken() -> None:
    masking = Masking(MASKS, ["HOST_1 and host\\_2 are not db1.shop.com"])

    masked = masking.mask("HOST_1 and host\\_2 are not db1.shop.com")

    assert masked == "HOST_1 and host\\_2 are not HOST_3"
    assert masking.unmask("HOST_1 HOST_2 HOST_3") == "HOST_1 HOST_2 db1.shop.com"


def test_a_secret_that_one_text_gives_away_is_masked_where_it_stands_bare() -> None:
    masking = Masking(MASKS, ["DB_PASSWORD=Tr0ub4dor", "we tried Tr0ub4dor and failed"])

    assert masking.mask("we tried Tr0ub4dor and failed") == "we tried SECRET_1 and failed"


def test_a_person_is_known_by_the_address_of_another_text() -> None:
    masking = Masking(MASKS, ["owner: max.power@shop.com", "Ask Max Power first"])

    assert masking.mask("Ask Max Power first") == "Ask PERSON_1 first"


@pytest.mark.parametrize("written", ["HOST_1", "HOST\\_1", "HOST\\\\_1", "**HOST_1**", "_HOST_1_", "HOST_1."])
def test_placeholders_are_found_as_models_write_them(written: str) -> None:
    masking = Masking(MASKS, ["db1.shop.com"])
    masking.mask("db1.shop.com")

    assert "db1.shop.com" in masking.unmask(written)


@pytest.mark.parametrize("written", ["HOST_11", "GHOST_1", "HOST_01", "HOST_2", "IP_1", "host_1", "HOST_", "HOST"])
def test_what_is_no_placeholder_stays(written: str) -> None:
    masking = Masking(MASKS, ["db1.shop.com"])
    masking.mask("db1.shop.com")

    assert masking.unmask(written) == written


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_never_sees_a_name_or_a_secret(provider: str) -> None:
    question = "\n".join(SENSITIVE)
    with serving(Script("Look at HOST_1 and SECRET_1.")) as server:
        completion = complete(MaskedModel(model_at(server, provider), MASKS), request_of(question, system=SENSITIVE[0]))

    assert re.search(r"shop\.com|10\.1\.2|fd00|Jane|rsmith|CUST|ghp_|hunter2|s3cr3t", str(server.asked[0].body)) is None
    assert completion.text.startswith("Look at db1.prod.shop.com and ghp_")


def test_a_placeholder_cut_in_two_by_the_stream_is_put_back() -> None:
    model = FakeModel([said("Restart H", "OST", "_", "1", "1 or HO", "ST_1", "; then wait")])

    stream = MaskedModel(model, MASKS).stream(request_of("is db1.shop.com up?"))

    assert "".join(delta.text for delta in stream) == "Restart HOST_11 or db1.shop.com; then wait"


def test_what_cannot_be_a_placeholder_is_passed_on_at_once() -> None:
    model = FakeModel([said("Restart ", "the ", "HOST_1", " now")])

    stream = MaskedModel(model, MASKS).stream(request_of("db1.shop.com"))

    assert [delta.text for delta in stream] == ["Restart ", "the ", "db1.shop.com now", ""]


def test_the_last_delta_keeps_the_usage_and_what_was_held_back() -> None:
    model = FakeModel([said("on HOST_1", usage=Usage(3, 4))])

    deltas = list(MaskedModel(model, MASKS).stream(request_of("db1.shop.com")))

    assert deltas == [ChatDelta("on "), ChatDelta("db1.shop.com", Usage(3, 4))]


def test_a_value_with_quotes_leaves_json_valid() -> None:
    model = FakeModel([said('{"text": "use SECRET_1"}')])
    request = request_of("password='a\"b\\c{1}'", schema={"type": "object"})

    completion = complete(MaskedModel(model, MASKS), request)

    assert json.loads(completion.text) == {"text": 'use a"b\\c{1}'}


def test_a_failure_of_the_model_comes_through() -> None:
    with pytest.raises(LanguageModelDown, match="busy"):
        complete(MaskedModel(FakeModel([[LanguageModelDown("busy")]]), MASKS), request_of())


@pytest.mark.parametrize(
    ("expression", "words"), [("CUST-[", "no regular expression"), ("x*", "matches an empty text")]
)
def test_a_pattern_that_cannot_serve_is_refused(expression: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        pattern_of(expression)


def test_a_long_text_is_masked_in_little_time() -> None:
    text = "a" * 50_000 + " " + "x.y" * 10_000 + " " + "-----BEGIN PRIVATE KEY-----" * 200 + "1:" * 20_000 + "@" * 5_000
    started = time.monotonic()

    Masking(MASKS, [text]).mask(text)

    assert time.monotonic() - started < 5
