"""See through what hides words from a reader or a filter: invisible characters, look-alikes, encodings."""

import base64
import binascii
import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u180e\ufeff\u00ad\u034f"
_JOINERS = "\u200c\u200d"
_BIDI = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_TAGS = "\U000e0000-\U000e007f"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSEEN = re.compile(f"[{_ZERO_WIDTH}{_BIDI}{_TAGS}{_SELECTORS}]")
_RUNS = re.compile(
    # The flags of England, Scotland and Wales are a black flag with tags; nothing else is spelled with them.
    f"(?P<flag>\U0001f3f4[{_TAGS}]+)|[{_TAGS}]+|[{_SELECTORS}]{{3,}}|[{_ZERO_WIDTH}{_BIDI}]{{3,}}|[\u202d\u202e]"
)
_INSIDE_WORD = re.compile("(?<=[A-Za-z])[\u200b\u2060-\u2064\ufeff](?=[A-Za-z])")
_ENOUGH_INSIDE_WORDS = 3
"""One or two zero-width characters within words come with text pasted from a web page."""
_ENTITY = re.compile(r"&#(?:x(?P<hex>[0-9a-f]{1,6})|(?P<decimal>\d{1,7}));", re.IGNORECASE)
_ODD = re.compile(r"[^\x00-\x7f]|&#")
_FOREIGN_LETTER = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u0531-\u0587\u13a0-\u13f5\u1f00-\u1fff\ua640-\ua69f]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_LATIN = re.compile(r"[A-Za-z]")
# Single letters of formulas and units that stand beside Latin ones without any wish to deceive.
_FORMULA = frozenset("αβγδεζηθκλμνξπρστυφχψωΔΣΩΠΦΨΘΛΓ")
_NEAR, _FEW = 300, 5
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?<![0-9a-zA-Z])(?:[0-9a-fA-F]{2}[ :]?){16,}")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}|[A-Za-z0-9+._-]){0,20}(?:%[0-9a-fA-F]{2}[A-Za-z0-9+._-]{0,20}){6,}")
_MOST_CHARACTERS = 20_000
"""Of one encoded run no more than this is decoded: an instruction stands at its start or not at all."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text with its disguises taken off, in lower case.

    `kept` has letters of every script, `latin` has look-alikes of other scripts replaced; both have the same
    length, and `origin` maps each of their characters to the offset it comes from (None: the same one).
    """

    kept: str
    latin: str
    origin: "array[int] | None" = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the text as it was of a span here."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1


def without_disguise(text: str) -> PlainText:
    """Return the text as a reader of its words would take it."""
    lowered = text.lower() if text.isascii() else ""
    if lowered and "&#" not in text:
        return PlainText(lowered, lowered)
    kept: list[str] = []
    origin = array("L")
    position = 0
    for match in _ODD.finditer(text):
        if match.start() < position:
            continue
        _take(text[position : match.start()].lower(), position, kept, origin)
        position = _take_odd(text, match.start(), kept, origin)
    _take(text[position:].lower(), position, kept, origin)
    whole = "".join(kept)
    return PlainText(whole, whole.translate(_look_alikes()) if _FOREIGN_LETTER.search(whole) else whole, origin)


def invisible_runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield runs of characters that nobody sees and that no script, flag or emoji needs."""
    if text.isascii():
        return
    for match in _RUNS.finditer(text):
        if match.group("flag") or set(match.group()) <= {"\u200e", "\u200f", *_JOINERS, "\ufeff"}:
            continue
        yield match.span()
    inside = [match.span() for match in _INSIDE_WORD.finditer(text)]
    if len(inside) >= _ENOUGH_INSIDE_WORDS:
        yield from inside


def mixed_words(text: str) -> Iterator[tuple[int, int]]:
    """Yield words of Latin letters in which look-alikes of another script stand, where two of them are near.

    A single one is what a keyboard with two layouts makes.
    """
    if not _FOREIGN_LETTER.search(text):
        return
    found = [match for match in _WORD.finditer(text) if _is_mixed(match.group())]
    for number, match in enumerate(found):
        beside = found[max(0, number - _FEW) : number + _FEW + 1]
        if any(one.group() != match.group() and abs(one.start() - match.start()) < _NEAR for one in beside):
            yield match.span()


def decoded_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield runs of base64, hexadecimal or percent-encoded text with what they say, where that is text."""
    for pattern, decode in ((_BASE64, _from_base64), (_HEX, _from_hex), (_PERCENT, unquote)):
        if pattern is _PERCENT and "%" not in text:
            continue
        for match in pattern.finditer(text):
            said = decode(match.group()[:_MOST_CHARACTERS])
            if said and " " in said.replace("+", " ").replace("_", " ") and said != match.group():
                yield match.start(), match.end(), said


def _is_mixed(word: str) -> bool:
    foreign = set(_FOREIGN_LETTER.findall(word))
    if not foreign or foreign <= _FORMULA or len(_LATIN.findall(word)) < 2:
        return False
    return all(ord(letter.lower()) in _look_alikes() for letter in foreign)


def _take(piece: str, offset: int, kept: list[str], origin: "array[int]") -> None:
    kept.append(piece)
    origin.extend(range(offset, offset + len(piece)))


def _take_odd(text: str, position: int, kept: list[str], origin: "array[int]") -> int:
    """Take what a character that is not ASCII, or an entity, stands for; return the offset behind it."""
    entity = _ENTITY.match(text, position)
    if entity:
        number = int(entity["hex"], 16) if entity["hex"] else int(entity["decimal"])
        shown, end = (chr(number) if 0 < number < 0x110000 else ""), entity.end()
    else:
        shown, end = text[position], position + 1
    code = ord(shown) if shown else 0
    if 0xE0020 <= code <= 0xE007E:
        shown = chr(code - 0xE0000)
    elif shown and _UNSEEN.match(shown):
        shown = ""
    # An accent that is a character of its own would split the word it stands in.
    for character in unicodedata.normalize("NFKC", shown).lower():
        if not unicodedata.combining(character):
            kept.append(character)
            origin.append(position)
    return end


def _from_base64(run: str) -> str:
    bare = run.rstrip("=").replace("-", "+").replace("_", "/")
    bare = bare[: len(bare) - 1] if len(bare) % 4 == 1 else bare
    try:
        return _text_of(base64.b64decode(bare + "=" * (-len(bare) % 4)))
    except (binascii.Error, ValueError):
        return ""


def _from_hex(run: str) -> str:
    try:
        return _text_of(bytes.fromhex(run.replace(":", "").strip()))
    except ValueError:
        return ""


def _text_of(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.replace("\n", "").replace("\t", "").replace("\r", "").isprintable() else ""


@cache
def _look_alikes() -> dict[int, str]:
    """Return the Latin letter that each letter of Greek, Cyrillic, Armenian or Cherokee is taken for, in lower case."""
    from confusable_homoglyphs.confusables import (  # type: ignore[import-untyped]  # it ships no hints
        confusables_data,
    )

    table: dict[int, str] = {}
    for character, alike in confusables_data.items():
        if len(character) != 1 or not _FOREIGN_LETTER.match(character):
            continue
        latin = [one["c"] for one in alike if len(one["c"]) == 1 and one["c"].isascii() and one["c"].isalpha()]
        if latin:
            table.setdefault(ord(character.lower()), min(latin, key=str.isupper).lower())
    return table
