"""Secrets that take several lines to tell: private keys, named values, columns of a table."""

import base64
import binascii
import re
from collections.abc import Iterator

from ingest.redaction.assignments import KEYWORDS, is_secret_under
from ingest.redaction.kubernetes_secrets import find_kubernetes_secrets
from ingest.redaction.marks import Found
from ingest.redaction.values import is_strong

_BEGIN = re.compile(
    r"(?:-----|---- )BEGIN (?P<what>[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?)(?:-----| ----)|PuTTY-User-Key-File-\d"
)
_BODY = re.compile(
    r"[ \t>|\"'*/+#,.-]{0,40}(?:(?:\d+[:|])?[ \t]*[A-Za-z0-9+/=_-]{4,}[ \t\"',|+\\;]{0,8}"
    r"|(?:Proc-Type|DEK-Info|Comment|Version|Encryption|Private-\w+|Public-Lines|Key-Derivation|Argon2[\w-]*|"
    r"Hash):?.{0,120}|)"
)
_FULL_LINE = re.compile(r"[ \t>|\"'*#]{0,40}[A-Za-z0-9+/=]{16,}[ \t\"',|\\]{0,8}")
_ENCODED_KEY = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}={0,2}")
_NAMED = re.compile(
    rf"""\b(?:name|key)\\?["']?[ \t]{{0,9}}[:=][ \t]{{0,9}}\\?["']?"""
    rf"""(?P<name>[\w.-]{{0,60}}(?:{KEYWORDS})[\w-]{{0,20}})"""
    r"""\\?["']?[ \t]{0,9},?[ \t\n]{1,60}\\?"""
    r"""["']?value\\?["']?[ \t]{0,9}[:=][ \t]{0,9}\\?["']?(?P<value>[^\s"',}<\\]{4,2000})""",
    re.IGNORECASE,
)
_FOLDED = re.compile(
    rf"^(?P<indent>[ \t>-]*)[\"']?(?P<key>[\w.-]{{0,60}}(?:{KEYWORDS})[\w-]{{0,20}})[\"']?"
    r"[ \t]{0,9}:[ \t]{0,9}[|>][+-]?\d?[ \t]{0,9}\n"
    r"(?P<pad>[ \t>]+)(?P<value>\S{4,4000})[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_BLOCK_SCALAR = re.compile(r":[ \t]*[|>][+-]?\d?[ \t]*\n")
_TABLE_RULE = re.compile(
    r"^[ \t>]{0,40}\|?[ \t]{0,40}:?-+:?[ \t]{0,99}(?:\|[ \t]{0,99}:?-+:?[ \t]{0,99})+\|?[ \t]{0,99}$", re.MULTILINE
)
_NETRC = re.compile(r"^[ \t>]*login[ \t]+\S{1,100}\n[ \t>]*password[ \t]+(?P<value>\S{4,200})[ \t]*$", re.MULTILINE)
_CELL = re.compile(r"(?:\\.|[^|\\\n])+")


def find_blocks(text: str) -> Iterator[Found]:
    """Yield the secrets of a whole text that no single line tells; also of texts that JSON wrote on one line."""
    yield from _find_blocks(text)
    if "\\n" in text:
        yield from _find_blocks(text.replace("\\n", " \n"))


def _find_blocks(text: str) -> Iterator[Found]:
    yield from _private_keys(text)
    yield from find_kubernetes_secrets(text)
    for match in _NAMED.finditer(text) if "value" in text else ():
        if is_secret_under(match["name"], match["value"]):
            yield Found(*match.span("value"), "named-value", rank=3)
    for match in _FOLDED.finditer(text) if _BLOCK_SCALAR.search(text) else ():
        if is_secret_under(match["key"], match["value"]):
            yield Found(*match.span("value"), "password", rank=3)
    for match in _NETRC.finditer(text) if "login" in text else ():
        if is_strong(match["value"]):
            yield Found(*match.span("value"), "netrc", rank=3)
    if "|" in text:
        yield from _columns(text)


def _private_keys(text: str) -> Iterator[Found]:
    position = 0
    while begin := _BEGIN.search(text, position):
        ending = re.compile(r"-+[ ]?END " + re.escape(begin["what"] or "") + r"[ ]?-+")
        line_end = _line_end(text, begin.end())
        same_line = ending.search(text, begin.end(), line_end)
        end = same_line.end() if same_line else _key_end(text, begin.end(), ending)
        position = max(end, begin.end())
        if len(re.findall(r"[A-Za-z0-9+/]", text[begin.end() : end])) >= 64 or text[begin.end() : end].count("\n") > 4:
            yield Found(begin.start(), end, "private-key", rank=0)
    for match in _ENCODED_KEY.finditer(text):
        if b"PRIVATE KEY" in _decoded(match.group()[:120]):
            yield Found(match.start(), match.end(), "private-key", rank=0)


def _key_end(text: str, start: int, ending: re.Pattern[str]) -> int:
    """Return where a key stops: behind its last line, or where that was cut off, behind its last full line."""
    end = full = _line_end(text, start)
    while end < len(text):
        following = _line_end(text, end + 1)
        closed = ending.search(text, end, following)
        if closed:
            return closed.end()
        if not _BODY.fullmatch(text, end + 1, following):
            break
        if full == end and _FULL_LINE.fullmatch(text, end + 1, following):
            full = following
        end = following
    return full


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found == -1 else found


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded[: len(encoded) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""


def _columns(text: str) -> Iterator[Found]:
    position = 0
    for rule in _TABLE_RULE.finditer(text):
        if rule.start() < position:
            continue
        header_start = text.rfind("\n", 0, max(0, rule.start() - 1)) + 1
        header = text[header_start : max(0, rule.start() - 1)]
        columns = [number for number, cell in enumerate(_cells(header, 0)) if _names_secret(cell[1])]
        position = rule.end() + 1
        while position < len(text):
            end = _line_end(text, position)
            line = text[position:end]
            if "|" not in line:
                break
            yield from _row(_cells(line, position), header, columns)
            position = end + 1


def _row(cells: list[tuple[int, str]], header: str, columns: list[int]) -> Iterator[Found]:
    names = _cells(header, 0)
    wanted = [(names[number][1], number) for number in columns if number < len(cells)]
    # A row of two or more cells may be a name and its value: | DB_PASSWORD | … |
    if len(cells) >= 2 and _names_secret(cells[0][1]):
        wanted.append((cells[0][1], 1))
    for name, number in wanted:
        start, cell = cells[number]
        value = cell.strip(" \t`\"'*_")
        if " " not in value and is_secret_under(name, value, exact=False):
            offset = start + cell.index(value)
            yield Found(offset, offset + len(value), "table-cell", rank=4)


def _names_secret(cell: str) -> bool:
    bare = cell.strip(" \t`\"'*_")
    return len(bare) < 60 and re.search(rf"(?:{KEYWORDS})(?:[ ]?\(\w+\))?$", bare, re.IGNORECASE) is not None


def _cells(line: str, offset: int) -> list[tuple[int, str]]:
    """Return the cells of a table's line with where each starts; a leading bar opens none."""
    start = len(line) - len(line.lstrip(" \t>"))
    return [(offset + match.start(), match.group()) for match in _CELL.finditer(line, start)]
