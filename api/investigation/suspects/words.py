"""The words that texts of a trouble and texts of a change can share: parts of identifiers, whole ones, file names."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_LONGEST = 100_000  # characters that are read
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_FILE = re.compile(
    r"\b([\w-]+\.(?:go|py|jsx?|tsx?|mjs|java|kt|rb|rs|cc|cpp|cxx|hpp?|cs|php|scala|ex|exs|erl|swift|sql|proto))\b(?!\()"
)
_SHORTEST = 3
_SHORTEST_STEM = 4
_ENDINGS = (
    "izations", "ization", "ations", "ation", "ators", "ator", "ities", "ements", "ement", "ings", "ing", "ions", "ion",
    "ates", "ated", "ate", "iers", "ier", "ies", "ers", "ed", "es", "er", "ity", "s", "y", "e",
)  # fmt: skip
_SAID_EVERYWHERE = (
    "the and else elif for from with not are was were this that has have had its into than then out all any can may "
    "after before above below per new old use used using get set add off return returned returning func function def "
    "class const var let err error errors nil null none true false int str string bool float self ctx context import "
    "package public private static void async await fail failed failing failure failures level info warn warning http "
    "https com www status code count total value rate ratio second seconds minute minutes hour hours day days "
    "millisecond milliseconds time"
)
_STOP = frozenset(_SAID_EVERYWHERE.split())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return a word without its commonest English ending, in lower case; short words stay as they are."""
    word = word.lower()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def terms(text: str) -> Iterator[str]:
    """Give the terms of a text, each as often as it stands there.

    A term is the stem of one part of an identifier (`pool` of `maxPoolSize`), an identifier of several parts as a whole
    (`max pool size`), or the name of a source file with its ending.
    """
    return (term for term, _ in _spelled(text))


def spelling(term: str, text: str) -> str:
    """Return how a text writes a term first; the term itself where the text has it not."""
    return next((written for own, written in _spelled(text) if own == term), term)


def distinct(texts: Iterable[str]) -> frozenset[str]:
    """Return the terms of some texts, each once."""
    return frozenset(term for text in texts for term in terms(text))


def _spelled(text: str) -> Iterator[tuple[str, str]]:
    text = text[:_LONGEST]
    for found in _FILE.finditer(text):
        yield found.group(1).lower(), found.group(1)
    for found in _IDENTIFIER.finditer(text):
        parts = _PARTS.findall(found.group())
        for part in parts:
            if len(part) >= _SHORTEST and part.lower() not in _STOP:
                yield stem(part), part
        if len(parts) > 1 and sum(map(len, parts)) > 2 * _SHORTEST:
            yield " ".join(parts).lower(), found.group()
