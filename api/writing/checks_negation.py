"""Whether a statement says "not" where its source does, and nowhere else."""

import re
from collections.abc import Iterator, Sequence

from api.answering.units import Unit
from api.retrieval.words import stem
from api.writing.checks_facts import Place, all_names
from api.writing.checks_quotes import Support
from api.writing.segments import SEGMENT, nearest, parts, parts_of, words_of
from api.writing.warned import is_warning, stands_under_warning
from api.writing.wordlists import HALF_NEGATORS, NEGATORS
from api.writing.words import Told, Vocabulary, said_words

_SCOPE = 4
_COMPARED = re.compile(
    r"\b(?:no|not) (?:more|less|fewer|longer|later|higher|lower|greater|older|earlier|beyond)\b(?: than)?"
    r"(?=\W+(?:\w+\W+)?\d)",
    re.IGNORECASE,
)
_NO_AND_NO = re.compile(r"(\bno \w+ (?:and|or|nor)) no\b", re.IGNORECASE)
_ARTICLES = frozenset(
    {"them", "these", "a", "an", "the", "to", "be", "is", "are", "of", "in", "it", "this", "that", "any", "been"}
)
_UN = re.compile(r"\bun([a-z]{3,})")  # "unpaid" is not paid
_TRAILING = re.compile(r"(?:\bnot|n['’]t)\W*$", re.IGNORECASE)
_ALIKE = 0.5  # of two segments' words, so that they say the same but for a word


def check_negation(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Compare what is negated: words in the scope of a "not" here must be in the scope of one there, and back."""
    segments = [part for one in supports for part in parts(one)]
    forbidden = any(stands_under_warning(one) for one in supports)
    spoken = [part for part in SEGMENT.split(text) if part and part.strip()]
    if _negators_in(text) and not forbidden and not any(words_of(part) & _turned(text) for part in segments):
        return "it says “not”, and its source does not"
    for part in spoken:
        scopes = list(_negated(part, NEGATORS))
        if (
            scopes
            and not (forbidden and is_warning(text))
            and not _denied(scopes, all_names(part, vocabulary), text, supports)
        ):
            return "it says “not” of something of which its source does not"
        lost = _lost_negation(part, scopes, segments) or _other_negation(part, segments)
        if lost:
            return f"it leaves out the “not” of its source: “{' '.join(lost.split())[:80]}”"
    if forbidden and not any(list(_negated(part, NEGATORS)) for part in spoken):
        return "its source stands under a heading that forbids it"
    return None


def _denied(scopes: Sequence[Sequence[str]], names: Sequence[str], text: str, supports: Sequence[Support]) -> bool:
    """Whether for each negated scope one place negates the same, and names what is spoken of."""
    turned = _turned(text)
    for scope in scopes:
        places = (
            (Place.of(unit, one), Told.of_stems(word for found in _negated_in(unit, turned) for word in found))
            for one in supports
            for unit in one.units
        )
        if not any(place.names(names) and any(told.holds(word) for word in scope) for place, told in places):
            return False
    return True


def _negated_in(unit: Unit, negators: frozenset[str]) -> Iterator[list[str]]:
    for part in parts_of(unit):
        yield from _negated(part, negators)


def _turned(text: str) -> frozenset[str]:
    """Return what negates in a source: a "refuses" as well, where the statement does not say "refuses" itself."""
    mine = set(said_words(text))
    return NEGATORS | {word for word in HALF_NEGATORS if not mine & set(said_words(word))}


def _lost_negation(part: str, scopes: Sequence[Sequence[str]], segments: Sequence[str]) -> str:
    """Return the negated segment of the source that a part of a statement says without its "not"; empty if none."""
    words = said_words(part)
    told = Told.of(part)
    half = list(_negated(part, HALF_NEGATORS))
    undone = {stem(word) for word in _UN.findall(part)}
    kept = Told.of_stems({word for scope in (*scopes, *half) for word in scope} | undone)

    def shared(segment: str) -> int:
        there = Told.of(segment)
        return sum(there.holds(word) for word in words)

    lost = [
        one
        for one in segments
        for scope in _negated(one, NEGATORS)
        if any(told.holds(word) for word in scope[:2]) and not any(kept.holds(word) for word in scope)
    ]
    if not lost:
        return ""
    if denied := next((one for one in lost if _TRAILING.search(one)), ""):
        return denied  # "it means that it did not": all that stands before is denied
    # Another part of the source, without a "not", may say the same thing, and more of it.
    matched = {word for one in lost for scope in _negated(one, NEGATORS) for word in scope[:2] if told.holds(word)}
    others = [one for one in segments if one not in lost and any(Told.of(one).holds(word) for word in matched)]
    best = max((shared(one) for one in others), default=0)
    worst = max(lost, key=shared)
    return worst if best <= shared(worst) else ""


def _other_negation(part: str, segments: Sequence[str]) -> str:
    """Return the segment that says almost the same with a "not" more or less: one may undo another."""
    likest, alike = nearest(part, segments)
    here, there = _negators_in(part), _negators_in(likest)
    return likest if alike >= _ALIKE and here and there and here != there else ""


def _negators_in(text: str) -> int:
    """Count the "not"s of a text; "no order and no payment" has one."""
    plain = _NO_AND_NO.sub(r"\1", _COMPARED.sub("at most", text)).lower().replace("’", "'")
    return sum(word in NEGATORS for word in re.findall(r"[\w'\-]+", plain))


def _negated(text: str, negators: frozenset[str]) -> Iterator[list[str]]:
    """Yield, for each "not" of a text, the stems of the few words behind it that say what is negated."""
    for part in SEGMENT.split(_COMPARED.sub("at most", text)):
        words = [word.lower().replace("’", "'") for word in re.findall(r"[\w'’\-]+", part)]
        for number, word in enumerate(words):
            if word in negators and (scope := _scope(words[number + 1 :], words[:number])):
                yield scope


def _scope(behind: Sequence[str], before: Sequence[str]) -> list[str]:
    """Return what a "not" negates: content words behind it, else plain ones ("go on"), else those before it."""
    plain = [stem(word) for word in behind if word not in _ARTICLES][:2]
    return (
        said_words(" ".join(behind[: 2 * _SCOPE]))[:_SCOPE]
        or plain
        or said_words(" ".join(before))[-_SCOPE:]  # "charges nothing", "with the confirm … without it"
    )
