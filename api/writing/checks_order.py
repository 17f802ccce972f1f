"""Whether what a statement puts side by side stands side by side in its source, and in the same order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from api.answering.answer import StatementKind
from api.retrieval.words import stem
from api.writing.checks_facts import all_names
from api.writing.checks_quotes import Support
from api.writing.measures import find_dates, find_quantities, is_unit
from api.writing.segments import SEGMENT, nearest, parts, parts_of, words_of
from api.writing.wordlists import NEGATORS
from api.writing.words import Told, Vocabulary, said_words

_ALIKE = 0.6  # of two segments' words, so that they say the same of the same things
_SHORT = 6  # words; a longer claim is held together by the rest of it
_CONNECTED = re.compile(
    r"\b(?:when|if|after|before|once|until|for|with|because|since|as|while|that|then|to|so)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"\W*(?:\w+\W+){0,3}(?:it|its|they|their|this|these|those|both)\b", re.IGNORECASE)
_AND = re.compile(
    r"\s+and\s+(?=(?:do|does|did|never|is|are|was|were|has|have|had|not|no|will)\b|[a-z]+(?:ed|s)\b(?!-))"
)
_BEING = frozenset({"is", "are", "was", "were", "be", "been", "being", "gets", "got"})
_THING = re.compile(r"[a-z]+\d|[a-z][-_./][a-z0-9]")
_ASIDE = re.compile(r"\s*\([^()]*\)")
_TURNING = frozenset({"by", "from", "than"})  # words with which the order may be turned around: "is called by"


def check_order(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return what a statement joins or turns around that its source does not, or None."""
    segments = [part for one in supports for part in parts(one)]
    for part in SEGMENT.split(text):
        if not part or not part.strip():
            continue
        likest, alike = nearest(part, segments)
        if alike >= _ALIKE and (turned := _turned_around(part, likest, vocabulary)):
            return f"it turns around what its source says of {turned}"
        if joint := _joint(part, supports):
            return f"it joins “{joint[0]}” and “{joint[1]}”, which its source says apart"
    return None


def _turned_around(part: str, likest: str, vocabulary: Vocabulary) -> str:
    """Return the names or figures that a part says in another order than its source; empty where it does not."""
    mine, theirs = (find_quantities(find_dates(text)[1]) for text in (part, likest))
    for kind in {one.kind for one in mine}:
        if _crossed([one.value for one in mine if one.kind == kind], [one.value for one in theirs if one.kind == kind]):
            return "two figures"
    names, there = (_in_order(text, vocabulary) for text in (part, likest))
    if _crossed(names, there) and not (words_of(part) ^ words_of(likest)) & _TURNING:
        return " and ".join(f"“{name}”" for name in names if name in there)
    return _pivoted(part, likest)


def _pivoted(part: str, likest: str) -> str:
    """Return the words around a shared one that have changed sides: what begins with what, what blocks what."""
    mine, theirs = said_words(part), said_words(likest)
    for pivot in (word for word in mine if word in theirs):
        here, there = mine.index(pivot), theirs.index(pivot)
        left, right = set(mine[:here]), set(mine[here + 1 :])
        before, behind = set(theirs[:there]), set(theirs[there + 1 :])
        swapped = left & behind and right & before and not left & before and not right & behind
        if swapped and _is_passive(part, pivot) == _is_passive(likest, pivot):
            return f"“{pivot}”"
    return ""


def _is_passive(text: str, verb: str) -> bool:
    words = re.findall(r"[\w'’\-]+", text.lower())
    places = [number for number, word in enumerate(words) if stem(word) == verb]
    return any(_BEING & set(words[max(0, number - 3) : number]) for number in places)


def _in_order(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the names of things in the order of a text; hours and days may stand in any order."""
    lower = text.lower()
    found = {name.lower() for name in all_names(text, vocabulary)}
    return sorted((name for name in found if _THING.search(name)), key=lower.find)


def _crossed(mine: Sequence[object], theirs: Sequence[object]) -> bool:
    both = [one for one in mine if mine.count(one) == theirs.count(one) == 1]
    return len(both) > 1 and [one for one in theirs if one in both] != both


def _joint(part: str, supports: Sequence[Support]) -> tuple[str, str] | None:
    """Return two neighbouring words of a short claim that its source says apart, with other words between them.

    "Red is fine" is not said by "Yellow is fine. Red means …". Words of headings, of a row's first cell and of
    the sentence before belong to every segment; what the source does not hold at all is not looked at here.
    """
    denied = bool(words_of(part) & NEGATORS)
    for claim in (one for piece in _AND.split(part) for one in _CONNECTED.split(piece)):
        words = [word for word in said_words(claim) if not is_unit(word) and word != "utc"]
        if len(words) > _SHORT:
            continue
        for first, second in pairwise(words):
            holding = [one for one in map(_Segments.of, supports) if one.holds(first) and one.holds(second)]
            if holding and not any(one.side_by_side(first, second, denied=denied) for one in holding):
                return first, second
    return None


@dataclass(frozen=True, slots=True)
class _Segments:
    """The segments of a quote in order, and what stands above all of them."""

    segments: tuple[str, ...]
    above: Told

    @classmethod
    def of(cls, support: Support) -> "_Segments":
        rows = (unit.quote.strip().strip("|").split("|")[0] for unit in support.units if unit.header)
        headers = (unit.header or "" for unit in support.units)
        plain = (replace(unit, quote=_ASIDE.sub(" ", unit.quote)) for unit in support.units)
        whole = tuple(one for unit in support.units for part in parts_of(unit) for one in _AND.split(part))
        aside = tuple(one for unit in plain for part in parts_of(unit) for one in _AND.split(part))
        # A sentence before a sentence is a place of its own; a step or row hangs from what it follows.
        leads = support.leads if any(unit.kind is not StatementKind.SENTENCE for unit in support.units) else ()
        spoken = (one for one in (*whole, "", *aside) if not one or said_words(one))
        return cls(tuple(spoken), Told.of(support.around, *leads, *headers, *rows))

    def holds(self, word: str) -> bool:
        return not self.above.holds(word) and any(Told.of(one).holds(word) for one in self.segments)

    def side_by_side(self, first: str, second: str, *, denied: bool) -> bool:
        """Whether a segment holds both words, or nothing stands between them where one follows another.

        A "not" may stand there where the statement says one as well (`denied`).
        """
        if any(Told.of(one).holds(first) and Told.of(one).holds(second) for one in self.segments):
            return True
        for one, other in ((first, second), (second, first)):
            for here, there in pairwise(self.segments):
                if (
                    Told.of(here).holds(one)
                    and Told.of(there).holds(other)
                    and not _between(here, there, one, other, denied=denied)
                ):
                    return True
        return False


def _between(here: str, there: str, first: str, second: str, *, denied: bool) -> bool:
    """Whether words of weight, or a "not", stand behind the first word in its segment or before the second in its."""
    if _PRONOUN.match(there):
        return False
    if here.rstrip().endswith((".", "!", "?")):
        return True
    left = f"{_after(here, first)} {_after(' '.join(reversed(there.split())), second)}"
    return bool(said_words(left)) or (not denied and bool(words_of(left) & NEGATORS))


def _after(text: str, word: str) -> str:
    """Return what stands behind the last occurrence of a word."""
    tokens = text.split()
    last = max((number for number, one in enumerate(tokens) if Told.of(one).holds(word)), default=-1)
    return " ".join(tokens[last + 1 :])
