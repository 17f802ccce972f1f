"""What a question is about, in its own words: the name in it, else its subject, else what it says."""

import re
from dataclasses import dataclass

from api.conversations.signs import subject_words, without_lead
from api.retrieval.words import FUNCTION_WORDS
from ingest.knowledge.identifiers import find_identifiers

_LONGEST = 160  # characters of a phrase that is put into another question
_DOING = re.compile(
    r"^(?:how|what(?:'s| is) the (?:best |right |correct )?way)\s+(?:do|can|could|should|would|must|to)?\s*"
    r"(?:i|we|you|one)?\s*(?:to\s+)?(?P<rest>[a-z][\w-]*\b(?:\s+\S.*)?)$",
    re.IGNORECASE,
)
_WHAT_TO_DO = re.compile(
    r"^what\s+(?:do|should|can|must|to)\s*(?:i|we|you|one)?\s*(?:do|check)\s+(?:when|if|about|with|on|after)\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_WHAT_IS = re.compile(
    r"^(?:(?:what|where|who)(?:'s| is| are| was| were)|when (?:is|are|was|were)|"
    r"is there|are there|is|are|tell me about|explain|describe|show me|list|name)\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_OF_ITS_OWN = re.compile(
    r"^(?P<what>(?:which|what|how (?:many|much|long|often|big))\s*(?P<thing>(?!do\b|does\b|did\b)\S.*?)?)\s+"
    r"(?:does|do|did|can|will|should)\s+(?P<owner>\S.*)$",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^(?:why|when|how come|where)\s+(?:(?:does|do|did|is|are|was|were|has|have)\s+)?(?P<rest>\S.*)$", re.IGNORECASE
)
_WHO = re.compile(r"^(?:which|who|what)\s+(?P<rest>\S+\s+\S.*)$", re.IGNORECASE)
_PARTICLE = re.compile(r"^(?:over|out|up|down|back|off|away|in|on|of|to|for|rid|through)\s+", re.IGNORECASE)
_TRAILING = re.compile(
    r"\s+(?:for|on|in|at|from|to|with|of|about|read|get|have|has|need|use|configured|stored|kept|located|found)$",
    re.IGNORECASE,
)
_PREPOSITION_AT_END = re.compile(r"\s+(?:for|on|in|at|from|to|with|of|about|by)$", re.IGNORECASE)
_STATED = re.compile(r"^(?P<subject>\S.*?)\s+(?:is|are|was|were|has|have|keeps?|cannot|can't|does|do)\b", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:in|on|at|inside|within)\s+(?P<place>(?:the|our|a)?\s*\S.*)$", re.IGNORECASE)
_FINAL_PART = re.compile(r"\b(?:of|in|for|on|from|by|at|with)\s+(?P<part>\S.*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a question is about.

    `name` is an identifier in it, empty where it has none. `thing` is its subject as a noun phrase, `things` the
    same where it asks about several, `phrase` what it says without its question words; `place` is where, `part`
    its last noun phrase, each empty where there is none. `doing` says that `phrase` starts with a verb.
    """

    name: str
    thing: str
    things: str
    phrase: str
    place: str = ""
    part: str = ""
    doing: bool = False

    def __bool__(self) -> bool:
        return bool(self.name or self.phrase)


def topic_of(question: str) -> Topic:
    """Return what a question is about; an empty topic where it names nothing."""
    text = without_lead(" ".join(question.split())).rstrip(" ?.!:")[:_LONGEST]
    names = find_identifiers(text)
    name = names[0].text if names else ""
    if not subject_words(text) and not name:
        return Topic("", "", "", "")
    return _told(text, name) or Topic(name, name or text, name or text, text)


def _told(text: str, name: str) -> Topic | None:
    place, part = _last(_PLACE, text, "place"), _last(_FINAL_PART, text, "part")
    if match := _WHAT_TO_DO.match(text) or _DOING.match(text):
        rest = match["rest"]
        doing = match.re is _DOING
        thing = _object(rest) if doing else _subject(rest)
        return Topic(name, thing, thing, rest, place, part, doing)
    if match := _OF_ITS_OWN.match(text):
        owner, what = _noun_phrase(match["owner"]), (match["thing"] or "").strip()
        both = f"the {what} of {owner}" if what else owner
        return Topic(name, owner, both, both, place, part or owner)
    for pattern in (_WHAT_IS, _WHY, _WHO):
        if match := pattern.match(text):
            rest = match["rest"]
            thing = _object(rest) if pattern is _WHO and text.lower().startswith(("who", "what")) else _trimmed(rest)
            return Topic(name, thing, thing, thing if pattern is _WHO else _trimmed(rest), place, part or thing)
    subject = _subject(text)
    return Topic(name, subject, subject, text, place, part)


def _object(rest: str) -> str:
    """Return what a verb phrase acts on: the words after its verb and particle."""
    _verb, _, after = rest.partition(" ")
    if not after:
        return rest
    while particle := _PARTICLE.match(after):
        after = after[particle.end() :]
    return _settled(after)


def _subject(statement: str) -> str:
    match = _STATED.match(statement)
    return _settled(match["subject"] if match else statement)


def _noun_phrase(owner: str) -> str:
    """Return the subject of "the notifier read from" without the verb at its end."""
    words = _PREPOSITION_AT_END.sub("", owner).split()
    least = 2 if words[0].lower() in ("the", "a", "an", "our", "my") else 1
    return _settled(" ".join(words[:-1] if len(words) > least else words))


def _trimmed(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, _TRAILING.sub("", text)
    return text


def _settled(phrase: str) -> str:
    """Return a noun phrase as one speaks of what is known: "a node" becomes "the node"."""
    first, _, rest = phrase.partition(" ")
    return f"the {rest}" if first.lower() in ("a", "an") and rest else phrase


def _last(pattern: re.Pattern[str], text: str, group: str) -> str:
    """Return the last match that holds more than function words."""
    found = ""
    at = 0
    while match := pattern.search(text, at):
        if any(word.lower() not in FUNCTION_WORDS for word in match[group].split()):
            found = match[group]
        at = match.start() + 1
    return _trimmed(found)
