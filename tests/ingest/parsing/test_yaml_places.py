"""YAML and JSON nodes know the characters that state them, and hostile files do not multiply."""

import inspect
from collections.abc import Callable

import pytest

from ingest.errors import DocumentUnreadable
from ingest.parsing.structured_json import read_json
from ingest.parsing.yaml_places import MAX_NODES, Node, TooLarge, read_yaml, without_templates


def _at(node: Node | None, text: str) -> str:
    return text[node.start : node.end] if node is not None else ""


def test_every_value_knows_its_characters_also_behind_wide_ones() -> None:
    text = 'née: 😀\nmap:\n  list: [a, "b c"]\n  block: |\n    one\n    two\n\n# end\nlast: x\n'

    (root,) = read_yaml(text, offset=0)

    assert _at(root.get("née"), text) == "😀"
    assert _at(root.get("map", "list"), text) == '[a, "b c"]'
    assert _at(root.get("map", "block"), text) == "|\n    one\n    two"
    assert _at(root.get("map"), text) == 'list: [a, "b c"]\n  block: |\n    one\n    two'


def test_the_last_of_equal_keys_wins_and_merged_maps_are_looked_into() -> None:
    (root,) = read_yaml("base: &b {x: 1, y: 2}\none:\n  <<: *b\n  x: 3\n  x: 4\n")

    assert (root.text("one", "x"), root.text("one", "y"), root.text("one", "z")) == ("4", "2", "")


def test_a_map_that_merges_itself_ends() -> None:
    (root,) = read_yaml("a: &a\n  <<: *a\n  b: 1\n")

    assert root.text("a", "missing") == ""


def test_json_takes_escapes_that_yaml_readers_refuse() -> None:
    text = '{"a": "\\ud83d\\ude00 \\ud83d", "b": [1, null, true]}\n{"c": 2}'

    first, second = read_json(text)

    assert first.text("a") == "😀 ?"
    assert [node.value for node in first.entries("b")] == ["1", "", "true"]
    assert _at(second.get("c"), text) == "2"


@pytest.mark.parametrize("text", ['{"a" 1}', '{"a": 1,}', "[1 2]", '{"a": "x', "[1,", "nope", "{a: 1}"])
def test_broken_json_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(DocumentUnreadable, match="in line 1"):
        read_json(text)


@pytest.mark.parametrize("read", [read_yaml, read_json])
def test_more_values_than_the_limit_are_refused(read: Callable[..., list[Node]]) -> None:
    text = "[" + "1," * 98 + "1]"

    assert len(read(text, most=100)[0].members) == 99
    with pytest.raises(TooLarge, match="more than 99 values"):
        read(text, most=99)


@pytest.mark.parametrize("read", [read_yaml, read_json])
def test_half_a_million_values_are_the_limit_where_none_is_given(read: Callable[..., list[Node]]) -> None:
    assert inspect.signature(read).parameters["most"].default == MAX_NODES == 500_000


def test_templates_become_plain_words_of_the_same_length() -> None:
    text = "{{- if .x }}\na: {{ .b }}-{{ .c }}\nd: {{ open\n{% raw %}\n"

    plain = without_templates(text)

    assert len(plain) == len(text)
    assert plain.split("\n")[:2] == [" " * 12, "a: ___.b___-___.c___"]
    assert plain.split("\n")[2:] == ["d: {{ open", " " * 9, ""]
