"""What a question asks for, one thing at a time: its parts, their words and what kind of answer they want."""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass
from enum import StrEnum

from api.retrieval.query import Query
from api.retrieval.words import content_words, stem
from ingest.knowledge.identifiers import find_identifiers, fold_identifier

_PART = re.compile(
    r"\?\s+|;\s+|,?\s+(?:and|or|also|plus)\s+"
    r"(?=(?:(?:with|for|at|in|on|from|to|by)\s+)?(?:how|what|why|when|where|who|which|is|are|can|does|do|should)\b)",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"\b(how (?:do|can|to|should|would)|what (?:do|should|can) (?:i|we) (?:do|check)|what (?:to do|now)|steps?|"
    r"procedure|fix|resolve|mitigate|recover|restore|restart|roll ?back|fail ?over|troubleshoot|debug|runbook|command|"
    r"fires?\b|fired|firing)",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\s*(?:how|what|why|when|where|who|whom|whose|which|is|are|was|were|can|could|does|do|did|should|will|would|have|has|"
    r"tell|show|explain|describe|list|give|find|meaning|define)\b",
    re.IGNORECASE,
)
_ACTION = re.compile(r"\bhow (?:do|can|should|would|to)\s+(?:i|we|you|one)?\s*([a-z\-]{3,})", re.IGNORECASE)
_WHY = re.compile(r"\b(why|cause[ds]?|root cause|reason|what happened|what went wrong)\b", re.IGNORECASE)
_MEANS = re.compile(
    r"\b(what (?:does|do|is|are)|meaning of|mean(?:s|ing)?|when (?:does|do|is)|define)\b", re.IGNORECASE
)
_HOW_MUCH = re.compile(
    r"\b(how (?:many|much|long|often|big|large|fast)|what (?:is|was) the (?:\w+ ){0,3}"
    r"(?:size|limit|timeout|number|interval|port|threshold|value|count|retention|rate)|which port|how \w+ is the)\b",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(
    r"\w\{[^}]*\}|\[\d+[smhdw]\]|\b(?:sum|rate|avg|max|min|count|histogram_quantile)\s*(?:by\b|\()|"
    r"(?:[<>]=?|[=!]=)\s*\d"
)
_LEAD = 12  # characters before an alert's name, such as "[FIRING:1] "
_LONG = 40  # words; beyond that it is an alert or a log, not several questions
_SHAPE_WORDS = frozenset(
    [
        "alert",
        "alerts",
        "fire",
        "fires",
        "firing",
        "fired",
        "step",
        "steps",
        "procedure",
        "runbook",
        "command",
        "commands",
        "document",
        "documentation",
        "documented",
        "question",
        "error",
        "code",
        "mean",
        "means",
        "meaning",
        "happen",
        "happens",
        "happened",
        "cause",
        "caused",
        "causes",
        "reason",
        "root",
        "handle",
        "answer",
        "explain",
        "tell",
        "describe",
        "many",
        "long",
        "often",
        "much",
        "best",
        "way",
        "correct",
        "right",
        "proper",
        "fix",
        "issue",
        "problem",
    ]
)
"""Content words that say what kind of answer is wanted and rarely stand in the answer itself."""


class Wanted(StrEnum):
    """What kind of answer a part asks for."""

    PROCEDURE = "procedure"
    CAUSE = "cause"
    FIGURE = "figure"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of a question; `weight` is its rarity (its best BM25 score in the index), `known` if it occurs."""

    word: str
    stem: str
    weight: float
    known: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a question asks for.

    `identifiers` are names in it, as written and as key; `action` is the stem of what is to be done;
    `alert` says that it is the text of an alert and no person's question; `told` that something is told, as an alert
    or a description of what is seen, and nothing is asked.
    """

    text: str
    wanted: Wanted
    terms: tuple[Term, ...]
    identifiers: tuple[tuple[str, str], ...]
    action: str | None = None
    alert: bool = False
    told: bool = False

    def coverage(self, stems: Set[str]) -> float:
        """Return the share of the terms' weight whose stem is among `stems`; 1 where there are no terms."""
        total = sum(term.weight for term in self.terms)
        return sum(term.weight for term in self.terms if term.stem in stems) / total if total else 1.0


def asks(query: Query, rarity: Callable[[str], float]) -> list[Ask]:
    """Split a question into what it asks for; `rarity` gives a word's best BM25 score, 0 where it never occurs.

    A long text (an alert, a log line) is one ask.
    """
    parts = [query.text]
    if len(query.text.split()) <= _LONG:
        split = [part.strip(" ?,;") for part in _PART.split(query.text)]
        parts = [part for part in split if content_words(part)] or parts
    scores = {word: rarity(word) for word in query.words[:_LONG]}
    unknown = max([*scores.values(), 6.0])
    told = not _asks_something(query.text)
    return [_ask(part, scores, unknown, told=told) for part in parts]


def _ask(text: str, scores: dict[str, float], unknown: float, *, told: bool) -> Ask:
    found = find_identifiers(text)
    keys = {identifier.key for identifier in found}
    alert = _is_alert(text)
    if alert:
        # An alert's own name leads; the metrics and labels of its expression are seldom in the runbook.
        found = [identifier for identifier in found[:1] if text.find(identifier.text) <= _LEAD]
    identifiers = tuple((identifier.text, identifier.key) for identifier in found)
    terms: dict[str, Term] = {}
    for word in content_words(text):
        if word not in scores or word in _SHAPE_WORDS or fold_identifier(word) in keys:
            continue
        score = scores[word]
        terms.setdefault(stem(word), Term(word, stem(word), score or unknown, known=score > 0))
    wanted = Wanted.PROCEDURE if alert else _wanted(text, bool(identifiers), bool(terms))
    action = _ACTION.search(text)
    doing = stem(action.group(1)) if action else None
    return Ask(
        text, wanted, tuple(terms.values()), identifiers, doing if doing in terms else None, alert, alert or told
    )


def _asks_something(text: str) -> bool:
    """Whether a text puts a question, or asks for something by name."""
    return bool("?" in text or _ASKING.match(text) or any(shape.search(text) for shape in (_HOW, _HOW_MUCH, _WHY)))


def _is_alert(text: str) -> bool:
    """Whether a text is an alert with its expression, or as long as one, and not a question of a person."""
    return len(text.split()) > _LONG or bool(_EXPRESSION.search(text))


def _wanted(text: str, named: bool, described: bool) -> Wanted:
    if _HOW_MUCH.search(text):
        return Wanted.FIGURE
    if _WHY.search(text):
        return Wanted.CAUSE
    if _HOW.search(text):
        return Wanted.PROCEDURE
    if named and not described and not _MEANS.search(text):
        return Wanted.PROCEDURE
    return Wanted.FACT
