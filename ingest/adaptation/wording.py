"""Text of documents to the words of a question: no markup, no templates, not too short and not too long."""

import re
from collections.abc import Sequence

_LINK = re.compile(r"!?\[([^\]\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>")
_TEMPLATE = re.compile(r"\{\{.{0,300}?\}\}|\{%.{0,300}?%\}|\$\{[^{}\n]{0,100}\}", re.DOTALL)
_ADDRESS = re.compile(r"<?\bhttps?://[^\s<>]+>?")
_LIST_MARK = re.compile(r"^\s*(?:[-*+>|#]+|\d{1,3}[.)])\s+", re.MULTILINE)
_MARKUP = re.compile(r"[*_`~|]{1,3}(?=\s|$|[.,;:!?)])|(?:(?<=\s)|(?<=^)|(?<=\())[*_`~|]{1,3}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(])")
_WORD = re.compile(r"\w+")

_LONGEST_TEXT = 5_000  # characters; what is longer is no question

LONGEST = 60
"""Words of a question at most; the model reads little more."""


def plain(text: str) -> str:
    """Return a stretch of a document as plain words on one line."""
    text = _LINK.sub(r"\1", _TEMPLATE.sub(" ", text[:_LONGEST_TEXT]))
    text = _LIST_MARK.sub("", _ADDRESS.sub(" ", _TAG.sub(" ", text)))
    return " ".join(_MARKUP.sub("", text).split())


def sentences(text: str) -> list[str]:
    """Return the sentences of plain text."""
    return _SENTENCE_END.split(text)


def folded(text: str) -> str:
    """Return what two questions are compared by: their words in lower case."""
    return " ".join(_WORD.findall(text.lower()))


def word_count(text: str) -> int:
    """Return the number of words."""
    return len(_WORD.findall(text))


def shortened(text: str) -> str:
    """Return the first LONGEST words of a text."""
    words: Sequence[str] = text.split()
    return " ".join(words[:LONGEST])
