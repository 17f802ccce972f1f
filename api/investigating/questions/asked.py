"""What a question about an incident asks: its topic, and the components that it names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.investigating.questions.topics import topic_of
from api.investigation.findings import NOWHERE
from api.investigation.investigations import Investigation
from api.investigation.signals import Signal
from api.schemas.investigation_questions import Topic

_LONGEST = 2_000
_SHORTEST_PART = 4
_MOST_ALIKE = 6
_MOST_WORDS = 60  # each is compared with every component

_SIGNALS: tuple[tuple[re.Pattern[str], frozenset[Signal]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), frozenset(signals))
    for pattern, signals in (
        (r"\bcpu\b|\bprocessor\b", (Signal.CPU,)),
        (r"\bmemory\b|\bram\b|\boom\b|\bheap\b", (Signal.MEMORY,)),
        (r"\bdisks?\b|\bi/?o\b|\bstorage\b", (Signal.DISK,)),
        (r"\bnetwork\b|\bpackets?\b|\bbandwidth\b", (Signal.NETWORK, Signal.NETWORK_SENT)),
        (
            r"\blatenc|\bslow|\bresponse times?\b|\bduration\b|\bp9\d\b",
            (Signal.LATENCY, Signal.OUTGOING_LATENCY, Signal.SELF_TIME, Signal.CALL_DELAY, Signal.EXCESS),
        ),
        (
            r"\berrors?\b|\bfail(?:s|ed|ing|ures?)?\b|\b5xx\b",
            (Signal.ERRORS, Signal.OUTGOING_ERRORS, Signal.FAILED_CALLS, Signal.ERROR_LOGS, Signal.AVAILABILITY),
        ),
        (r"\btraffic\b|\bload\b|\brequests?\b|\bthroughput\b", (Signal.TRAFFIC, Signal.OUTGOING_TRAFFIC)),
        (r"\brestart|\bcrash", (Signal.RESTART,)),
    )
)
_STRANGER = re.compile(
    r"\b(?:logs?(?: lines?)? (?:of|from|for)|(?<!what )(?<!which )(?<!who )(?:is|was|are|were)"
    r"(?! the (?:cause|root)\b)|what about|how is|about|of|did|does) (?:the )?[`'\"]?(?P<name>[\w][\w.:@/-]{2,})",
    re.IGNORECASE,
)
_PLAIN_WORDS = frozenset(
    {
        "affected", "all", "any", "anybody", "anything", "anyone", "cause", "caused", "component", "components",
        "configuration", "customers", "deployment", "else", "errors", "everything", "evidence", "happened", "impacted",
        "incident", "investigation", "latency", "logs", "memory", "metrics", "nothing", "others", "outage", "problem",
        "root", "service", "services", "something", "started", "system", "that", "there", "these", "this", "those",
        "trouble", "users", "verdict", "what", "which", "window",
    }
)  # fmt: skip
_LIKE_A_NAME = re.compile(r"[-_.:/@]|\d|service$|(?:[a-z][A-Z])")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    `unclear` are components that a part of the question may mean, where they are several; `stranger` is a name that
    this investigation holds nothing of.
    """

    topic: Topic
    components: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    stranger: str | None = None
    signals: frozenset[Signal] = frozenset()


def read_question(question: str, investigation: Investigation) -> Asked:
    """Return what a question asks of an investigation."""
    text = " ".join(question[:_LONGEST].split())
    named = _named(text, components_of(investigation))
    bare = _without(text, named)  # a component called log-shipper asks for no logs
    unclear: tuple[str, ...] = ()
    if not named:
        named, unclear = _parts(bare, components_of(investigation))
    signals = frozenset[Signal]().union(*(found for pattern, found in _SIGNALS if pattern.search(bare)))
    topic = topic_of(bare)
    stranger = (
        None if named or unclear else _stranger(text, certain=topic in (Topic.LOGS, Topic.AFFECTED, Topic.SUSPECT))
    )
    if topic is None:
        about = bool(signals) or (bool(named or unclear or stranger) and _asks_about(text))
        topic = Topic.COMPONENT if about else Topic.OTHER
    if topic is Topic.CAUSE and named and signals:
        topic = Topic.COMPONENT
    return Asked(topic, named, unclear, stranger, signals)


def components_of(investigation: Investigation) -> tuple[str, ...]:
    """Return every component that an investigation has seen or was told of, each once."""
    seen: dict[str, None] = dict.fromkeys(investigation.incident.components)
    seen |= dict.fromkeys(one.component for one in investigation.findings)
    seen |= dict.fromkeys(one.component for one in investigation.observations if one.component)
    for call in investigation.calls:
        seen |= dict.fromkeys((call.edge.caller, call.edge.callee))
    seen |= dict.fromkeys(one.component for one in investigation.gaps if one.component)
    return tuple(one for one in seen if one and one != NOWHERE)


def _named(text: str, components: Sequence[str]) -> tuple[str, ...]:
    """Return the components whose whole names stand in the text, in its order; the longest first where they overlap.

    Some systems have names that differ only by case: those that stand as they are written come first.
    """
    found: dict[int, str] = {}
    longest = sorted(components, key=len, reverse=True)
    for written in (str, str.casefold):
        for name in longest:
            spelling = written(name)
            at = _place(written(text), spelling)
            if at is not None and len(text.casefold()) == len(text):
                found[at] = name
                text = text[:at] + "\x00" * len(spelling) + text[at + len(spelling) :]
    return tuple(found[at] for at in sorted(found))


def _place(text: str, name: str) -> int | None:
    if name not in text:  # most of thousands are not
        return None
    found = re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", text)
    return found.start() if found else None


def _without(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = re.sub(rf"(?<![\w]){re.escape(name)}(?![\w])", "…", text, flags=re.IGNORECASE)
    return text


def _parts(text: str, components: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the component that a word is a part of, or those that it may mean where they are several."""
    for word in list(dict.fromkeys(re.findall(r"[\w.:@/-]+", text.casefold())))[:_MOST_WORDS]:
        if len(word) < _SHORTEST_PART or word in _PLAIN_WORDS:
            continue
        alike = [one for one in components if _is_part(word, one.casefold())]
        if len(alike) == 1:
            return (alike[0],), ()
        if 1 < len(alike) <= _MOST_ALIKE:
            return (), tuple(alike)
    return (), ()


def _is_part(word: str, name: str) -> bool:
    if any(char in word for char in "-_./:@"):
        return name.startswith(word) or name.endswith(word)
    pieces = re.findall(r"[a-z0-9]+", name)
    return any(one == word or one == f"{word}service" for one in pieces)


def _stranger(text: str, *, certain: bool) -> str | None:
    """Return a word that stands where a component would; unless that is certain, one that looks like a name."""
    for found in _STRANGER.finditer(text):
        name = found["name"].rstrip(".:/")
        if name.casefold() not in _PLAIN_WORDS and (certain or _LIKE_A_NAME.search(name)):
            return name
    return None


def _asks_about(text: str) -> bool:
    return re.search(r"\b(?:what|how|tell|show|is|was|did|does|anything)\b", text, re.IGNORECASE) is not None
