"""Identifiers in text (alert names, metrics, error codes, hosts, config keys, tickets) and their folding.

Two spellings of one name (`KubePodCrashLooping`, "kube pod crash looping", `kube_pod_crash_looping`) fold
to the same key, so that an exact match survives lower case, separators and words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_WORDS = 7
"""Longest run of plain words that is tried as the spelled-out form of one identifier."""

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/\-]*[A-Za-z0-9]")
_CAMEL = re.compile(r"^(?=.*[a-z])(?:[A-Za-z]?[a-z0-9]*[A-Z]+[a-z0-9]+|[A-Z]{2,}[a-z]+)(?:[A-Z][A-Za-z0-9]*)+$")
_SNAKE = re.compile(r"^[A-Za-z][A-Za-z0-9]*(?:[_:][A-Za-z0-9]+)+$")
_CODE = re.compile(r"^[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)*-\d+$|^[A-Z]{1,8}\d{2,}$|^0x[0-9a-fA-F]{3,}$")
_HOST = re.compile(r"^[a-z0-9][a-z0-9\-]*(?:\.[a-z0-9][a-z0-9\-]*){2,}$")
_KEY = re.compile(r"^[a-z][A-Za-z0-9]*(?:[._\-][A-Za-z0-9]+)*\.[a-z][A-Za-z0-9]*(?:[._\-][A-Za-z0-9]+)*$")
_KEBAB = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$")
_CODE_SPAN = re.compile(r"`([^`\n]{2,80})`")
_FOLD = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[A-Za-z0-9]+")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_ABBREVIATIONS = frozenset({"e.g", "i.e", "etc", "vs", "a.m", "p.m"})


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name as written in a text, and the key it folds to."""

    text: str
    key: str


def fold_identifier(text: str) -> str:
    """Return the key of a name: case folded, separators removed."""
    return _FOLD.sub("", text.lower())


def find_identifiers(text: str) -> list[Identifier]:
    """Return the distinct identifiers of `text` in order of first appearance.

    Names with hyphens and names with one dot count only inside a code span, since prose has "real-time"
    and sentence ends as well.
    """
    found: dict[str, Identifier] = {}
    for name in _candidates(text):
        key = fold_identifier(name)
        if len(key) >= 3 and key not in found:
            found[key] = Identifier(name, key)
    return list(found.values())


def spelled_out(words: Sequence[str]) -> Iterator[str]:
    """Yield the keys of all runs of 2 to MAX_WORDS words: what an identifier typed as words folds to."""
    folded = [fold_identifier(word) for word in words]
    for start in range(len(folded)):
        for end in range(start + 2, min(len(folded), start + MAX_WORDS) + 1):
            yield "".join(folded[start:end])


def name_words(name: str) -> list[str]:
    """Return the words inside a name: `KubeAPIErrorBudget` gives kube, api, error, budget."""
    return [hump.lower() for word in _WORD.findall(name) for hump in _HUMPS.findall(word)]


def _candidates(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        token = match.group()
        if _is_identifier(token):
            yield token
        elif "/" in token:
            yield from (part for part in token.split("/") if _is_identifier(part))
        elif ":" in token or "." in token:
            yield from (part for part in re.split(r"[:.]", token) if _is_identifier(part))
    for match in _CODE_SPAN.finditer(text):
        token = match.group(1).strip()
        if _KEBAB.match(token) or _KEY.match(token):
            yield token


def _is_identifier(token: str) -> bool:
    if token.lower() in _ABBREVIATIONS or len(token) > 120:
        return False
    return bool(_CAMEL.match(token) or _SNAKE.match(token) or _CODE.match(token) or _HOST.match(token))
