"""What abbreviations stand for in this corpus, mined from the passages that define them.

On the shared questions this moves 5 of 1,393 ranks, and no set beyond its interval (`python -m evals.ablation --set
abbreviation=0`): their documents spell out what they abbreviate. Nothing is kept with the index: a question's
abbreviation is looked up among the passages that hold it, and only among those that the asker may see, so that no
hidden document speaks through its definitions.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from api.retrieval.words import FUNCTION_WORDS, content_words, stem
from ingest.knowledge.passages import PassageFilter, StoredPassage

ABBREVIATION = re.compile(r"\b[A-Z][A-Z0-9]{1,6}(?=s?\b)")
"""A run of capitals and digits that begins with a letter, such as HPA, EC2 or CRDs."""

_MOST = 4  # of one question; a text in capitals has no abbreviations
_LONGEST_RUN = 5  # words of a long form that is looked for in a question
_LONGEST_TEXT = 25  # words of a question in which long forms are looked for: each costs a search or two
_WORD = re.compile(r"[A-Za-z0-9]+")
_KEPT = 4_096
_WIDTH = 90  # characters of a long form

Holding = Callable[[str, PassageFilter], Sequence[StoredPassage]]
"""Returns passages that hold a word, best first."""


class Abbreviations:
    """The abbreviations of one generation; safe to use from several threads."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._known: dict[tuple[str, PassageFilter], str] = {}
        self._lock = Lock()

    def other_words(self, text: str, where: PassageFilter, occurs: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the words that a question's abbreviations stand for, and abbreviations of its long forms.

        `occurs` tells cheaply whether a word is in the corpus at all. Words of the question itself are left out.
        """
        own = {stem(word) for word in content_words(text)}
        found: dict[str, None] = {}
        shorts = dict.fromkeys(ABBREVIATION.findall(text))
        if len(shorts) <= _MOST:
            for short in shorts:
                found.update(dict.fromkeys(content_words(self.meaning(short, where))))
        for short, run in _runs(text):
            if short not in shorts and occurs(short) and _same(self.meaning(short, where), run):
                found[short.lower()] = None
        return tuple(word for word in found if stem(word) not in own)

    def meaning(self, short: str, where: PassageFilter) -> str:
        """Return the long form that most documents give for an abbreviation; "" where none defines it."""
        key = (short, where)
        meaning = self._known.get(key)
        if meaning is None:
            meaning = _most_told(short, self._holding(short, where))
            with self._lock:
                if len(self._known) >= _KEPT:
                    self._known.clear()
                self._known[key] = meaning
        return meaning


def long_form(short: str, before: str) -> str:
    """Return the end of `before` that an abbreviation stands for; "" where its letters don't fit.

    The letters are looked for from the end, the first of them at the start of a word, as Schwartz and Hearst have
    it ("A simple algorithm for identifying abbreviation definitions in biomedical text", 2003).
    """
    text = " ".join(before.split()[-min(len(short) + 5, 2 * len(short)) :])
    letters = [letter.lower() for letter in short if letter.isalpha()]
    place = len(text)
    for number in range(len(letters) - 1, -1, -1):
        letter = letters[number]
        place -= 1
        while place >= 0 and (
            text[place].lower() != letter or (number == 0 and place > 0 and text[place - 1].isalnum())
        ):
            place -= 1
        if place < 0:
            return ""
    found = text[place:].strip()
    return found if len(found) > len(short) and short not in found.split() else ""


def definitions(short: str, text: str) -> list[str]:
    """Return the long forms that a text gives for an abbreviation.

    Found are "point in time recovery (PITR)", "PITR (point in time recovery)", "PITR: Point in Time Recovery" and
    "PITR stands for point in time recovery".
    """
    name = re.escape(short)
    found = [
        long_form(short, text[max(0, m.start() - _WIDTH) : m.start()]) for m in re.finditer(rf"\({name}s?\)", text)
    ]
    between = r"[*_`]*\s*(?:\(|:\s|=\s|stands for\s|is short for\s|[-–—]\s)[*_`]*"
    inside = rf"\b{name}s?\b{between}([A-Za-z][^().;:\n]{{3,{_WIDTH}}})"
    found += [_leading(short, m.group(1)) for m in re.finditer(inside, text)]
    return [one for one in found if one]


def _leading(short: str, after: str) -> str:
    """Return the shortest beginning of a text that an abbreviation stands for, to its last letter's word."""
    words = after.split()
    for count in range(2, min(len(words), len(short) + 3) + 1):
        candidate = " ".join(words[:count])
        if long_form(short, candidate) == candidate and len(_initials(words[:count])) >= min(len(short), count):
            return candidate
    return ""


def _initials(words: Iterable[str]) -> str:
    return "".join(word[0] for word in words if word[:1].isalnum())


def _most_told(short: str, passages: Sequence[StoredPassage]) -> str:
    """Return the long form that most documents give; of equals the one that was found first."""
    told: Counter[str] = Counter()
    written: dict[str, str] = {}
    for _document, form in dict.fromkeys(
        (one.document.id, form) for one in passages for form in definitions(short, one.passage.text)
    ):
        key = " ".join(_WORD.findall(form.lower()))
        told[key] += 1
        written.setdefault(key, form)
    return written[told.most_common(1)[0][0]] if told else ""


def _runs(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the abbreviations that runs of three words or more could have, with the run, longest first.

    A long text, such as an alert's, has too many runs to ask for each.
    """
    words = _WORD.findall(text)
    if len(words) > _LONGEST_TEXT:
        return []
    found: list[tuple[str, tuple[str, ...]]] = []
    for count in range(_LONGEST_RUN, 2, -1):
        for start in range(len(words) - count + 1):
            run = words[start : start + count]
            telling = [word for word in run if word.lower() not in FUNCTION_WORDS]
            if len(telling) >= 3 and run[0] in telling and run[-1] in telling and all(w.isalpha() for w in run):
                shorts = dict.fromkeys((_initials(run).upper(), _initials(telling).upper()))
                found += [(short, tuple(run)) for short in shorts]
    return found


def _same(meaning: str, run: Sequence[str]) -> bool:
    """Tell whether a long form is a run of words, in any inflection."""
    own = [stem(word.lower()) for word in run if word.lower() not in FUNCTION_WORDS]
    return own == [stem(word.lower()) for word in _WORD.findall(meaning) if word.lower() not in FUNCTION_WORDS]
