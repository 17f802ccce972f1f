"""Whether a statement turns what it cites around: its order, its strength, its cause, its condition."""

import re
from collections.abc import Sequence

from api.answering.answer import StatementKind
from api.retrieval.words import stem
from api.writing.checks_facts import names_in, stands_in
from api.writing.checks_negation import check_negation
from api.writing.checks_quotes import Support
from api.writing.segments import SEGMENT, nearest, parts, words_of
from api.writing.warned import warned_of
from api.writing.wordlists import CAUSAL, CAUSE_TOLD, CONDITIONS, OPPOSITES, STRONG
from api.writing.words import Told, Vocabulary, said_words

_CONDITION = re.compile(r"\b(?:if|unless|except|only|until|as long as|provided)\b", re.IGNORECASE)
_WEAK = re.compile(
    r"\b(?:may|might|can|could|possibly|perhaps|probably|likely|usually|often|sometimes|optional)\b", re.IGNORECASE
)
_ADVERBIAL = re.compile(r"\b(?:all in|in|at|after|above) all\b", re.IGNORECASE)
_AT_ONCE = re.compile(r"\b(?:at once|right away|straight away|without delay)\b", re.IGNORECASE)
_ONLY_IF = re.compile(r"\bonly (?:if|when|where|once)\b", re.IGNORECASE)
_TURNED = re.compile(r"\b(?:turn|switch)(?:ed|es|s|ing)?\b(?: \w+){0,2}? (on|off)\b", re.IGNORECASE)
_GOING_ON = re.compile(r"\b(?:go(?:es|ing)?|carr(?:y|ies)) on\b", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"\b(one|a single|single|both|two|all|every|each|either|most|some|several|few|half|no|neither)"
    r"(?: of (?:the|them|these))? (?:the )?([a-z][a-z\-]{2,})"
)
_AS_MANY = {"a single": "one", "single": "one", "two": "both", "every": "all", "each": "all", "neither": "no"}
_MUST = re.compile(
    r"\b(?:must|shall|(?<!may )(?<!might )(?<!could )(?<!can )(?:ha(?:ve|s) to|needs? to)|required to)\b", re.IGNORECASE
)
_MAY = re.compile(r"\b(?:may|might|could|can(?! ?not))\b", re.IGNORECASE)
_BECAUSE = re.compile(r"\b(?:because(?: of)?|due to|owing to|caused by|since)\b", re.IGNORECASE)
_WHY = re.compile(
    r",? *\b(?:(?:which|that|this) is (?:why|the reason)|which explains why|hence|therefore|consequently"
    r"|as a result)\b",
    re.IGNORECASE,
)
_ENOUGH_OF_A_REASON = 0.6
_SIDES = 2
_NEAR = 0.5  # of two segments' words, so that one is told after the other
_URL = re.compile(r"\]?\(?[a-z]+://\S+", re.IGNORECASE)
_CAUSE_HEADING = re.compile(r"root cause|cause|trigger|why|what happened|contributing", re.IGNORECASE)


def check_meaning(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return in what a statement says the opposite of what it cites, or more than that, or None."""
    told = "\n".join(one.text for one in supports)
    around = " ".join(f"{one.around} {' '.join(one.leads)}" for one in supports)
    return (
        check_negation(text, supports, vocabulary)
        or _exclusive(text, supports)
        or _opposite(text, f"{told} {around}", supports)
        or _strength(text, told, supports)
        or _modal(text, supports)
        or _how_many(text, told)
        or _cause(text, told, around)
        or _reason(text, told)
        or _consequence(text, supports)
        or _condition(text, supports)
    )


def _exclusive(text: str, supports: Sequence[Support]) -> str | None:
    """Return a complaint where the source allows something for one thing only and the statement for another."""
    told = Told.of(text)
    for unit in (unit for one in supports for unit in one.units):
        for sentence in re.split(r"(?<=[.!?;])\s+", unit.quote):
            _, only, behind = sentence.partition(" only ")
            named = names_in(behind)
            if not only or not named or not any(told.holds(word) for word in said_words(behind)[:2]):
                continue
            if not any(stands_in(name, text) for name in named) and names_in(text):
                return f"its source says this of something else only: “{' '.join(sentence.split())[:80]}”"
    return None


def _opposite(text: str, told: str, supports: Sequence[Support]) -> str | None:
    """Compare opposites: with the whole source, then part by part with the segment that says almost the same."""
    if why := _reversed(text, told):
        return why
    segments = [part for one in supports for part in parts(one)]
    for part in SEGMENT.split(text):
        likest, alike = nearest(part or "", segments)
        if part and alike >= _NEAR and (why := _exchanged(part, likest)):
            return why
    return None


def _reversed(text: str, told: str) -> str | None:
    """Return a complaint where one side of a pair of opposites is said and the source has only the other."""
    mine, theirs = words_of(_turned_on(text)), words_of(_turned_on(told))
    for pair in OPPOSITES:
        for one, other in (pair, pair[::-1]):
            said_here = mine & one
            if said_here and theirs & other and not theirs & one:
                return f"it says “{min(said_here)}” where its source says “{min(theirs & other)}”"
    return None


def _exchanged(part: str, nearest: str) -> str | None:
    """Return a complaint where a part says one opposite more often and the other less often than its source."""
    mine, theirs = (re.findall(r"[a-z]+", _turned_on(one).lower()) for one in (part, nearest))
    for pair in OPPOSITES:
        more = [sum(word in side for word in mine) - sum(word in side for word in theirs) for side in pair]
        turned = [[word in pair[0] for word in said if word in pair[0] | pair[1]] for said in (mine, theirs)]
        if min(more) < 0 < max(more) or (more == [0, 0] and turned[0] != turned[1]):
            quoted = " ".join(nearest.split())[:80]
            return f"it exchanges “{min(pair[0])}” and “{min(pair[1])}” of its source: “{quoted}”"
    return None


def _turned_on(text: str) -> str:
    return _GOING_ON.sub("continue", _TURNED.sub(r"turned\1", text))


def _quantity_of(text: str) -> dict[str, set[str]]:
    """Return the words that say how many of each thing, by the stem of the thing: "both replicas", "one replica"."""
    found: dict[str, set[str]] = {}
    for quantifier, thing in _HOW_MANY.findall(text.lower()):
        found.setdefault(stem(thing), set()).add(_AS_MANY.get(quantifier, quantifier))
    return found


def _how_many(text: str, told: str) -> str | None:
    mine, theirs = _quantity_of(text), _quantity_of(told)
    for thing in mine.keys() & theirs.keys():
        if not mine[thing] & theirs[thing]:
            return f"it says “{min(mine[thing])}” where its source says “{min(theirs[thing])}”"
    return None


def _strength(text: str, told: str, supports: Sequence[Support]) -> str | None:
    mine = words_of(_AT_ONCE.sub("immediately", _ADVERBIAL.sub(" ", text)))
    theirs = words_of(_AT_ONCE.sub("immediately", _URL.sub(" ", told)))
    if any(warned_of(one) for one in supports):
        theirs |= {"never"}
    if _ONLY_IF.search(text) and theirs & {"if", "when", "where", "once"}:
        theirs |= {"only"}  # the stricter condition of the two
    for group in STRONG:
        claimed = mine & group
        if claimed and not theirs & group and min(claimed) not in theirs:
            if claimed <= {"must", "should", "have", "need", "needs"} and not _WEAK.search(told):
                continue  # a step is an order already
            return f"it claims “{min(claimed)}”, which its source does not"
    return None


def _modal(text: str, supports: Sequence[Support]) -> str | None:
    """Return a complaint where a duty becomes a permission or the other way round, part by part."""
    segments = [part for one in supports for part in parts(one)]
    for part in SEGMENT.split(text):
        must, may = bool(_MUST.search(part or "")), bool(_MAY.search(part or ""))
        if must == may:
            continue
        likest, _ = nearest(part, segments)
        there_must, there_may = bool(_MUST.search(likest)), bool(_MAY.search(likest))
        if must and there_may and not there_must:
            return "it makes a duty of what its source leaves open"
        if may and there_must and not there_may:
            return "it leaves open what its source makes a duty"
    return None


def _reason(text: str, told: str) -> str | None:
    """Return a complaint where what stands behind a "because" does not stand in the words cited themselves."""
    source = Told.of(told)
    for reason in _BECAUSE.split(text)[1:]:
        words = said_words(reason)
        if words and sum(source.holds(word) for word in words) < _ENOUGH_OF_A_REASON * len(words):
            return f"it claims a cause that its source does not name: “{reason.strip()[:80]}”"
    return None


def _consequence(text: str, supports: Sequence[Support]) -> str | None:
    """Return a complaint where a statement lets one thing follow from another and no place of its source tells both."""
    sides = [words for side in _WHY.split(text) if (words := said_words(side))]
    if len(sides) < _SIDES or not _WHY.search(text):
        return None
    for unit in (unit for one in supports for unit in one.units):
        for sentence in re.split(r"(?<=[.!?])\s+", unit.quote):
            told = Told.of(sentence)
            if all(sum(told.holds(word) for word in words) >= _ENOUGH_OF_A_REASON * len(words) for words in sides):
                return None
    return "it lets one thing follow from another, which no sentence of its source does"


def _cause(text: str, told: str, around: str) -> str | None:
    claimed = words_of(text) & CAUSAL
    if not claimed or words_of(told) & CAUSE_TOLD or _CAUSE_HEADING.search(around):
        return None
    return f"it claims a cause (“{min(claimed)}”) where its source names none"


def _condition(text: str, supports: Sequence[Support]) -> str | None:
    """Return a complaint where something is to be done on a condition and the statement drops it."""
    if words_of(text) & CONDITIONS:
        return None
    words = said_words(text)
    for unit in (unit for one in supports for unit in one.units if unit.kind is not StatementKind.COMMAND):
        for sentence in re.split(r"(?<=[.!?])\s+", unit.text):
            told = Told.of(sentence)
            if _CONDITION.search(sentence) and words and sum(told.holds(word) for word in words) >= 0.6 * len(words):
                return f"it leaves out the condition of its source: “{sentence[:80]}”"
    return None
