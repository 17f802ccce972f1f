"""Statements out of a stream: as soon as they are whole, and whatever stands around them."""

import json

import pytest

from api.writing.draft_stream import MAX_CHARACTERS, DraftStream, Unreadable
from api.writing.drafts import Draft

ONE = '{"kind": "sentence", "text": "a } b", "citations": [{"evidence": "E1", "quote": "q \\" ] q"}]}'
WHOLE = f'{{"statements": [{ONE}, {ONE}], "missing": ["x"], "insufficient": true}}'


def _read(*pieces: str) -> list[Draft | Unreadable]:
    stream = DraftStream()
    found = [one for piece in pieces for one in stream.feed(piece)]
    return [*found, *stream.finish()]


def test_a_statement_comes_out_before_the_stream_ends() -> None:
    stream = DraftStream()
    cut = WHOLE.index(ONE) + len(ONE)

    before = list(stream.feed(WHOLE[: cut - 1]))
    after = list(stream.feed(WHOLE[cut - 1 : cut]))

    assert before == []
    assert [one.text for one in after if isinstance(one, Draft)] == ["a } b"]


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_the_size_of_pieces_does_not_matter(size: int) -> None:
    found = _read(*(WHOLE[start : start + size] for start in range(0, len(WHOLE), size)))

    assert [type(one) for one in found] == [Draft, Draft]


@pytest.mark.parametrize(
    "text",
    [
        f"Sure, see [1]:\n```json\n{WHOLE}\n```\nHope that helps {{}}!",
        f"An unclosed [ bracket. {WHOLE}",
        f"[{ONE}, {ONE}]",
        f"{ONE}\n{ONE}",
        f'{{"answer": {WHOLE}}}',
    ],
)
def test_prose_fences_and_other_wrappings_are_passed_over(text: str) -> None:
    assert [type(one) for one in _read(text)] == [Draft, Draft]


def test_what_stands_around_the_statements_is_read_too() -> None:
    stream = DraftStream()
    list(stream.feed(WHOLE))

    envelope = stream.envelope()

    assert envelope.insufficient
    assert envelope.missing == ("x",)
    assert envelope.seen


def test_a_statement_cannot_say_that_the_evidence_is_insufficient() -> None:
    stream = DraftStream()
    list(stream.feed('{"statements": [{"text": "\\"insufficient\\": true", "kind": "item"}], "insufficient": false}'))

    assert not stream.envelope().insufficient


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ('{"text": "a", "text": "b", "citations": []}', "twice"),
        ('{"text": "a", "citations": [],}', "not JSON"),
        ("{'text': 'a'}", "not JSON"),
        ('{"text": 7, "citations": []}', "text"),
        ('{"text": "a", "kind": "fact", "citations": []}', "kind"),
        ('{"text": "a", "citations": "E1"}', "citations"),
        ('{"text": ' + "[" * 40 + "]" * 40 + "}", "deeper"),
        ('{"text": "' + "x" * 30_000 + '"}', "characters"),
    ],
)
def test_what_is_no_statement_is_named_with_its_reason(statement: str, reason: str) -> None:
    found = _read(f'{{"statements": [{statement}, {ONE}]}}')

    assert isinstance(found[0], Unreadable)
    assert reason in found[0].reason
    assert isinstance(found[1], Draft)


def test_a_statement_that_is_cut_off_is_unreadable() -> None:
    found = _read(WHOLE[: WHOLE.index(ONE) + len(ONE) + 30])

    assert isinstance(found[0], Draft)
    assert isinstance(found[1], Unreadable)
    assert "broke off" in found[1].reason


def test_statements_inside_a_statement_are_not_read() -> None:
    found = _read(f'{{"statements": [{{"text": "x", "citations": [], "statements": [{ONE}]}}]}}')

    assert [one.text for one in found if isinstance(one, Draft)] == ["x"]


@pytest.mark.parametrize("text", ["", "I can't help with that.", "[" * 5_000, "{" * 5_000 + '"', '{"a": 1} ' * 200])
def test_text_without_statements_gives_none(text: str) -> None:
    stream = DraftStream()

    assert [*stream.feed(text), *stream.finish()] == []
    assert not stream.envelope().seen


def test_no_more_is_read_than_a_set_amount() -> None:
    stream = DraftStream()
    list(stream.feed("x" * (MAX_CHARACTERS + 10)))

    assert stream.full
    assert len(stream.text) == MAX_CHARACTERS


def test_a_line_break_inside_a_string_is_forgiven() -> None:
    found = _read('{"statements": [{"text": "a\nb", "citations": []}]}')

    assert [one.text for one in found if isinstance(one, Draft)] == ["a\nb"]


def test_fields_of_the_models_own_are_left_out() -> None:
    extra = json.dumps({"text": "a", "citations": [], "confidence": 1.0})

    assert isinstance(_read(f'{{"statements": [{extra}]}}')[0], Draft)
