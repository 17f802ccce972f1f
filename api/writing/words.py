"""The words of a statement and of what it cites, compared by stem, by kinship and by rarity."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log

from api.retrieval.words import content_words, stem, stems
from api.writing.pack import EvidencePack
from api.writing.wordlists import NEGATORS, NEUTRAL, SAME

_DERIVED = (
    "ization",
    "ation",
    "ition",
    "ement",
    "ment",
    "ance",
    "ence",
    "ness",
    "able",
    "ible",
    "abl",
    "ibl",
    "tion",
    "sion",
)
_DERIVED_SHORT = ("ion", "ity", "ive", "al", "er", "or", "ic")
_SHORTEST = 4
_SHORT_STEM = 3
_CLAUSE = re.compile(
    r";\s+|(?<=[.!?])\s+(?=[A-Z`])|,\s+(?:and|but|while|whereas|or|yet|so|which|who|since|because|although)\s+"
    r"|\s+(?:while|whereas|but)\s+"
    r"|\s+[—–]\s+|:\s+",
)
_HYPHENED = re.compile(r"(?<![\w.$/-])[a-z][a-z0-9]+(?:-[a-z0-9]+)+(?![\w/-])")
_PLAIN = re.compile(r"\b[a-z]{3,}\b")
_ASKED = 0.5
_PROPER = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How rare each stem is among the units of a pack, and which words are names of things there."""

    weights: dict[str, float]
    heaviest: float
    names: frozenset[str]
    asked: frozenset[str] = frozenset()
    asks_whether: bool = False

    @classmethod
    def of(cls, pack: EvidencePack, question: str = "") -> "Vocabulary":
        """Weigh a stem by the logarithm of the share of units that hold it; one that none holds weighs most.

        What is lacking of the question's own words counts half: an answer repeats them.
        """
        every = [stems(unit.quote) for excerpt in pack.excerpts for unit in excerpt.units]
        counts = Counter(one for found in every for one in found)
        total = len(every) + 1
        weights = {one: log(1 + total / (1 + count)) for one, count in counts.items()}
        asked = frozenset(said_words(question))
        return cls(weights, log(1 + total), frozenset(_names(pack)), asked, _asks_whether(question))

    def weight(self, word: str) -> float:
        """Return the weight of a stem."""
        return self.weights.get(word, self.heaviest)

    def covered(self, wanted: Sequence[str], told: "Told") -> float:
        """Return the share (0..1) of the weight of `wanted` that `told` holds; 1 where nothing is wanted."""
        held = sum(self.weight(one) for one in wanted if told.holds(one))
        lacking = [one for one in wanted if not told.holds(one)]
        missing = sum(self.weight(one) * (_ASKED if one in self.asked else 1.0) for one in lacking)
        return held / (held + missing) if held + missing else 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """The stems of a source, with what they are derived from and the groups of words that may stand for them."""

    stems: frozenset[str]
    roots: frozenset[str]
    groups: frozenset[int]

    @classmethod
    def of(cls, *texts: str) -> "Told":
        """Take texts apart."""
        return _told(" \n".join(texts))

    @classmethod
    def of_stems(cls, found: Iterable[str]) -> "Told":
        """Take words that are stems already: a stem has no stem of its own."""
        return _of_stems(frozenset(found))

    def holds(self, wanted: str) -> bool:
        """Tell whether a stem, or a word that may stand for it, is among the source's."""
        if wanted in self.stems or root(wanted) in self.roots:
            return True
        if not _groups_of(wanted).isdisjoint(self.groups):
            return True
        # "fires" and "fire", "moving" and "move": a short word keeps its last letter when it is cut to its stem.
        return len(wanted) >= _SHORT_STEM and (f"{wanted}e" in self.stems or wanted.removesuffix("e") in self.stems)


def said_words(text: str) -> list[str]:
    """Return the stems of the words of a statement that claim something, numbers left out."""
    found = [word for word in content_words(text) if word not in NEUTRAL and word not in NEGATORS]
    return list(dict.fromkeys(stem(word) for word in found if not word[0].isdigit()))


def clauses(text: str) -> list[str]:
    """Split a statement where a second claim begins; a clause of one word stays with the one before it."""
    parts = [part for part in _CLAUSE.split(text) if part and part.strip()]
    joined: list[str] = []
    for part in parts:
        if joined and (len(said_words(part)) < 2 or len(said_words(joined[-1])) < 2):
            joined[-1] = f"{joined[-1]}, {part}"
        else:
            joined.append(part)
    return joined


@lru_cache(maxsize=65_536)
def root(word: str) -> str:
    """Return what a stem is derived from: "promotion" and "promote" are one, and so are "delay" and "delayed"."""
    for suffix in (*_DERIVED, *_DERIVED_SHORT):
        base = word.removesuffix(suffix)
        if base != word and len(base) >= _SHORTEST:
            return base
    return word


@lru_cache(maxsize=4_096)
def _told(text: str) -> Told:
    return _of_stems(frozenset(stems(text)))


def _of_stems(found: frozenset[str]) -> Told:
    return Told(
        found,
        frozenset(root(one) for one in found),
        frozenset(group for one in found for group in _groups_of(one)),
    )


def _groups_of(word: str) -> frozenset[int]:
    known = _groups()
    return known.get(word) or known.get(f"{word}e") or known.get(word.removesuffix("e")) or _NO_GROUP


_NO_GROUP: frozenset[int] = frozenset()


@cache
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, group in enumerate(SAME):
        for word in group:
            found.setdefault(stem(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def _asks_whether(question: str) -> bool:
    """Whether a question wants a yes or no: its words are then the very claim that is in doubt."""
    return not re.search(r"\b(?:what|why|when|where|which|who|whose|how|command)\b", question, re.IGNORECASE)


def _names(pack: EvidencePack) -> Iterable[str]:
    """Yield, in lower case, what names a thing: services, owners, words with hyphens, proper names."""
    whole = "\n".join(unit.quote for excerpt in pack.excerpts for unit in excerpt.units)
    for excerpt in pack.excerpts:
        yield from (name.lower() for name in (*excerpt.stored.document.services, *excerpt.stored.document.owners))
    yield from (name.lower() for name in _HYPHENED.findall(whole))
    plain = set(_PLAIN.findall(whole))
    yield from (name.lower() for name in _PROPER.findall(whole) if name.lower() not in plain)
