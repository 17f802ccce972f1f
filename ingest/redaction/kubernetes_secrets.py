"""Values of Kubernetes Secrets: a manifest says by its kind that everything under `data` is secret."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from ingest.redaction.assignments import is_secret_under
from ingest.redaction.marks import Found
from ingest.redaction.values import is_random, is_strong

_SECRET_KIND = re.compile(
    r"^(?P<indent>[ \t>]*)(?:[^\n]{0,200}(?P<string>\")[ \t]*)??"
    r"[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?Secret[\"']?[ \t,]*(?:#.*)?$",
    re.MULTILINE,
)
_SECRET_DATA = re.compile(r"^(?P<indent>[ \t>]*)[\"']?(?:data|stringData)[\"']?[ \t]*:[ \t]*\{?[ \t]*(?:#.*)?$")
_FIELD = re.compile(
    r"[ \t>]*[\"']?(?:apiVersion|kind|metadata|type|immutable|spec|status)\b|[ \t>]*[^\s:]*[ \t]|"
    r"[ \t>]*[#*|]"
)
_ENTRY = re.compile(r"^[ \t>]*[\"']?(?P<key>[\w.-]{1,120})[\"']?[ \t]*:[ \t]*[\"']?(?P<value>[^\s\"'#,|>{][^\s\"',]*)")
# Fields of a Secret that are stored there beside the secret ones.
_OPEN_KEY = re.compile(
    r"(?:^|[-_.]|(?<=[a-z]))(?:user(?:name)?|name|type|project|url|server|host|port|id|ID|Id|email|region|ca\.crt)$"
)
_JSON_KIND = re.compile(r"""\\?"kind\\?"\s{0,9}:\s{0,9}\\?"Secret\\?\"""")
_JSON_DATA = re.compile(r"""\\?"(?:data|stringData)\\?"\s{0,9}:\s{0,9}\{(?P<entries>[^{}]{0,20000})\}""")
_JSON_ENTRY = re.compile(r"""\\?"(?P<key>[\w.-]{1,120})\\?"\s{0,9}:\s{0,9}\\?"(?P<value>[^"\\]{4,20000})""")
_REACH = 60
"""How many lines a Kubernetes object may stretch from its `kind` to its data."""


def find_kubernetes_secrets(text: str) -> Iterator[Found]:
    """Yield the values of the Secrets in a text, written as YAML or as JSON."""
    yield from _in_yaml(text)
    if _JSON_KIND.search(text):
        for data in _JSON_DATA.finditer(text):
            for entry in _JSON_ENTRY.finditer(text, *data.span("entries")):
                yield from _secret_value(entry)


def _in_yaml(text: str) -> Iterator[Found]:
    kinds = list(_SECRET_KIND.finditer(text))
    if not kinds:
        return
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for match in kinds:
        number = bisect_right(starts, match.start()) - 1
        for other in _object_lines(lines, number, "" if match["string"] else match["indent"]):
            yield from (found.moved(starts[other]) for found in _entry(lines[other]))


def _object_lines(lines: list[str], number: int, indent: str) -> Iterator[int]:
    """Yield the lines of `data` and `stringData` of the object whose `kind` stands on line `number`."""
    first = number
    while first > 0 and number - first < _REACH and not _ends_object(lines[first - 1]):
        first -= 1
    inside = False
    # Where a document lost its indentation, entries stand as far left as the fields of the object.
    for position in range(first, min(len(lines), number + _REACH)):
        line = lines[position]
        if position > number and _ends_object(line):
            return
        bare = line.strip()
        deeper = len(line) - len(line.lstrip(" \t>")) > len(indent)
        if bare and not deeper and not bare.startswith(("}", "#")):
            opened = _SECRET_DATA.match(line)
            inside = opened["indent"] == indent if opened else inside and not _FIELD.match(line)
            if inside and not opened:
                yield position
        elif inside and bare:
            yield position


def _ends_object(line: str) -> bool:
    return line.strip(" \t>").startswith(("---", "```", "~~~"))


def _entry(line: str) -> Iterator[Found]:
    match = _ENTRY.match(line)
    if match is not None:
        yield from _secret_value(match)


def _secret_value(match: re.Match[str]) -> Iterator[Found]:
    value = match["value"]
    if value.startswith(("LS0tLS1CRUdJTiBDRV", "MII")) or _OPEN_KEY.search(match["key"]):
        return
    if is_secret_under(match["key"], value) or is_strong(value) or is_random(value, minimum=8):
        yield Found(*match.span("value"), "kubernetes-secret", rank=3)
