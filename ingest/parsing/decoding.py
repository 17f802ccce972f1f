"""Bytes to text: byte order marks, UTF-8, and a guess, said aloud, for everything else."""

import codecs
import re
from dataclasses import dataclass

from ingest.errors import DocumentUnreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SNIFFED = 8192
_GUESSED_FROM = 100_000
_CONTROL = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROL = 0.05
# Encodings that documents are found in; a guess among all of Python's finds odd ones for short texts.
_MOST_ACCENTS = 0.4  # of the letters, in a language of Latin script
_FEWEST_ACCENTS = 20  # below that the most common encoding is the better guess
_WESTERN = ["cp1252", "cp1250"]
_LIKELY = ["cp1252", "cp1250", "cp1251", "koi8_r", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with what had to be assumed to read it."""

    text: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Return the text of `data` with every line end made "\\n"; offsets count in that text.

    `declared` is the encoding that the file itself names; it is tried when the bytes are not UTF-8.
    Raises DocumentUnreadable where the file is empty or binary.
    """
    decoded = _decode_marked(data) or _decode_unmarked(data, declared)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DocumentUnreadable("is empty")
    return Decoded(text, decoded.warnings)


def looks_binary(data: bytes) -> str | None:
    """Return why `data` cannot be text, or None; files with a byte order mark of UTF-16 or 32 pass."""
    if any(data.startswith(mark) for mark, _ in _MARKS):
        return None
    head = data[:_SNIFFED]
    if b"\x00" in data:
        return "it holds NUL bytes"
    if len(_CONTROL.findall(head)) > _MOST_CONTROL * len(head):
        return "many of its bytes are control characters"
    return None


def _decode_marked(data: bytes) -> Decoded | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, errors="replace").replace("\x00", "\ufffd")
            return Decoded(text, _replaced(text, encoding))
    return None


def _decode_unmarked(data: bytes, declared: str | None) -> Decoded:
    binary = looks_binary(data)
    if binary is not None:
        raise DocumentUnreadable(f"looks binary ({binary}); export it as text, or exclude it from the source")
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    nearly = data.decode("utf-8", errors="replace")
    # Valid sequences hardly ever occur by chance, so a few bad bytes among many good ones are damage.
    if _count_non_ascii(nearly) > 2 * nearly.count("\ufffd"):
        return Decoded(nearly, _replaced(nearly, "utf-8"))
    encoding = _known(declared)
    if encoding is not None:
        text = data.decode(encoding, errors="replace").replace("\x00", "\ufffd")
        return Decoded(text, _replaced(text, encoding))
    return _guess(data)


def _guess(data: bytes) -> Decoded:
    from charset_normalizer import from_bytes

    sample = data[:_GUESSED_FROM]
    letters = len(re.findall(rb"[A-Za-z\x80-\xff]", sample))
    accents = len(re.findall(rb"[\x80-\xff]", sample))
    western = accents < _MOST_ACCENTS * letters
    best = from_bytes(sample, cp_isolation=_WESTERN if western else _LIKELY).best()
    encoding = best.encoding if best is not None else "cp1252"
    if western and (accents < _FEWEST_ACCENTS or "cp1252" in getattr(best, "could_be_from_charset", [])):
        encoding = "cp1252"
    text = data.decode(encoding, errors="replace")
    guessed = f"is not UTF-8; read as {encoding}, which is a guess: save it as UTF-8 to be sure"
    return Decoded(text, (guessed, *_replaced(text, encoding)))


def _known(declared: str | None) -> str | None:
    """Return the name of the declared encoding where Python has it as a text encoding."""
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared).name
        b"a".decode(name)
    except (LookupError, ValueError):
        return None
    return name if name not in ("utf-8", "ascii") else None


def _count_non_ascii(text: str) -> int:
    return sum(1 for character in text if character > "\x7f" and character != "\ufffd")


def _replaced(text: str, encoding: str) -> tuple[str, ...]:
    count = text.count("\ufffd")
    return (f"{count} characters are not valid {encoding} and show as \ufffd",) if count else ()
