"""Messages that plainly ask for an investigation, or about the one that a conversation is at."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.conversations.moments import Stretch, stretch_in

_LONGEST = 600  # what is longer is a pasted text, and not a request
_PLEASE = (
    r"^(?:(?:please|hey|hi|ok|okay|so)[,\s]+)*(?:(?:can|could|would|will) you (?:please )?|let'?s |i want you to )?"
)
_VERB = re.compile(
    _PLEASE + r"(?:investigate|diagnose|troubleshoot|look(?:ing)? into|find out (?:what|why)|start an investigation)\b",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"^(?:so )?what(?:'s| is| was) (?:wrong|going on|happening|broken|up) (?:with|in|at|on) (?P<rest>.+)", re.IGNORECASE
)
_WHY = re.compile(r"^(?:so )?why (?:is|are|was|were|does|did) (?P<rest>.+)", re.IGNORECASE)
_NOW = re.compile(r"\b(?:right now|at the moment|currently|just now|now)\b", re.IGNORECASE)
_INCIDENT = re.compile(r"\bincident\s+[#`\"']?(?P<id>[0-9a-f]{6,64})\b", re.IGNORECASE)
_ABOUT_INCIDENT = re.compile(r"\b(?:investigat|diagnos|look|status|verdict|cause|wrong|news|what)", re.IGNORECASE)
_RUN = re.compile(r"\binvestigations?[\s/]+[#`\"']?(?P<id>[0-9a-f]{32})\b", re.IGNORECASE)
_STATUS = re.compile(
    r"^(?:and|so|well|ok|okay|now)?[\s,.!?…]*"
    r"(?:(?:what(?:'s| is) the )?(?:status|progress|verdict|result|outcome)|done|ready|finished|update|"
    r"any (?:news|update|progress|result)s?|is it (?:done|finished|ready)|how far|how is it going)?"
    r"[\s.!?…]*$",
    re.IGNORECASE,
)
_MOST_ALIKE = 8


class AskKind(StrEnum):
    """What a message wants of investigations."""

    START = "start"
    INCIDENT = "incident"
    READ = "read"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class InvestigationAsk:
    """What is asked; `name` is the id of an incident or investigation, `stretch` the time that is named, if one is.

    `now` says that it is about now, `by_verb` that a word such as investigate asks for it, and not only what is wrong.
    """

    kind: AskKind
    text: str
    name: str = ""
    stretch: Stretch | None = None
    now: bool = False
    by_verb: bool = False


@dataclass(frozen=True, slots=True)
class NamedServices:
    """The services that a message names, or those that a part of it may mean where they are several."""

    names: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def read_ask(message: str, now: datetime, *, in_investigation: bool) -> InvestigationAsk | None:
    """Return what a message wants of investigations, or None for everything else.

    `in_investigation` says that the turn before it is about one. Raises UsageError for a time that can't be meant.
    """
    text = " ".join(message.split())
    if not text or len(text) > _LONGEST:
        return None
    if found := _RUN.search(text):
        return InvestigationAsk(AskKind.READ, text, name=found["id"].lower())
    if (found := _INCIDENT.search(text)) and _ABOUT_INCIDENT.search(text):
        return InvestigationAsk(AskKind.INCIDENT, text, name=found["id"].lower())
    stretch, is_now = None, _NOW.search(text) is not None
    by_verb = _VERB.match(text) is not None
    wrong, why = _WRONG.match(text), _WHY.match(text)
    if by_verb or wrong or why:
        stretch = stretch_in(text, now)
    if by_verb or ((wrong or why) and (stretch or is_now)):
        return InvestigationAsk(AskKind.START, text, stretch=stretch, now=is_now, by_verb=by_verb)
    return InvestigationAsk(AskKind.FOLLOW, text) if in_investigation else None


def asks_for_status(message: str) -> bool:
    """Tell whether a message within an investigation asks only how far it is."""
    return _STATUS.match(" ".join(message.split())) is not None


def services_in(text: str, known: Mapping[str, Iterable[str]]) -> NamedServices:
    """Return the services that a text names; `known` gives the other names of each.

    A whole name counts over a part of one, and the longest over those within it.
    """
    folded = _plain(text)
    found: dict[int, str] = {}
    spellings = sorted(
        ((_plain(spelling), name) for name, others in known.items() for spelling in (name, *others)),
        key=lambda one: len(one[0]),
        reverse=True,
    )
    for spelling, name in spellings:
        at = re.search(rf"(?<!\w){re.escape(spelling)}(?!\w)", folded) if spelling and spelling in folded else None
        if at is not None:
            found[at.start()] = name
            folded = folded[: at.start()] + "\x00" * (at.end() - at.start()) + folded[at.end() :]
    if found:
        return NamedServices(tuple(dict.fromkeys(found[at] for at in sorted(found))))
    return _by_part(folded, list(known))


def _by_part(text: str, known: Sequence[str]) -> NamedServices:
    for word in re.findall(r"\w{4,}", text):
        alike = [name for name in known if _is_part(word, _plain(name).split())]
        if len(alike) == 1:
            return NamedServices((alike[0],))
        if 1 < len(alike) <= _MOST_ALIKE:
            return NamedServices(unclear=tuple(sorted(alike)))
    return NamedServices()


def _is_part(word: str, pieces: Sequence[str]) -> bool:
    if word in _COMMON:
        return False
    return any(word in (piece, f"{piece}s") or piece == f"{word}s" or piece == f"{word}service" for piece in pieces)


def _plain(text: str) -> str:
    """Return a text without case, its names as words."""
    return " ".join(re.sub(r"[-_./]+", " ", text.casefold()).split())


_COMMON = frozenset(
    {"service", "services", "server", "system", "check", "error", "errors", "what", "with", "slow", "since"}
)
