"""Signs that a question leans on what was said before: pronouns, fragments, questions without a subject."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from api.conversations.vocabulary import ASPECTS, NUMBERED, REFERRING, TIMES
from api.retrieval.words import FUNCTION_WORDS, content_words
from ingest.knowledge.identifiers import find_identifiers

LONG = 30
"""Words; a longer text is an alert, a log or a story, and brings its own subject."""

_LEAD = re.compile(
    r"^(?:(?:ok|okay|so|well|thanks|thank you|great|right|hmm|and|but|also|then|or|now)\b[,.:;!]*\s+)+", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"\b(?:how|what|why|when|where|who|whom|whose|which|is|are|was|were|does|do|did|can|could|should|shall|will|would|"
    r"has|have|had|may|must|if)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^(?:what|how) about\s+(?P<rest>\S.*)$|^(?:the )?same (?:thing )?(?P<same>(?:for|with|in|on|at)\s+\S.*)$", re.I
)
_PREPOSITIONS = "in|on|for|with|without|from|under|after|before|during|at|outside|inside|via|per|by|to|as"
_FRAGMENT = re.compile(
    rf"^(?P<only>only\s+|just\s+)?(?:(?P<preposition>{_PREPOSITIONS})\s+)?(?P<rest>\S.*)$", re.IGNORECASE
)
_EXPLETIVE = re.compile(
    r"\bit\b\s+(?:takes?|took)\s+(?:\S+\s+){0,4}?(?:to|for|before|until)\b"
    r"|\bit\s+(?:means?)\s+(?:when|if|that)\b"
    r"|\bit\s+(?:(?:really|even|still|ever|always|also|not)\s+)?(?:safe|ok|okay|possible|normal|necessary|better|best|expected|allowed|bad|"
    r"fine|enough|wise|dangerous|common|usual|important|worth|true|correct|recommended|required|useful)\s+"
    r"(?:\S+\s+){0,3}?(?:to|that|if|when)\b"
    r"|\bmakes?\s+it\s+(?:clear|easy|easier|possible|hard|harder|impossible|so)\b"
    r"|\bit\s+(?:seems?|looks like|appears?|turns out)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|this|that|these|those|there)\b(?!['’-]\w)", re.IGNORECASE
)
_SUBJECT_BEFORE = re.compile(
    r"(?:\b(?:does|do|did|has|have|is|was|are|were|can|could|will|would|should|must|if|when|because|why|how|until|"
    r"once|before|after|while|where)\s+)$",
    re.IGNORECASE,
)
_STEP = re.compile(
    rf"\b(?:the\s+)?(?P<ordinal>{'|'.join(NUMBERED)}|last|final)\s+step\b|\bstep\s+(?P<number>\d{{1,3}})\b",
    re.IGNORECASE,
)
_COMPLEMENT = re.compile(r"^\s+(?:of|in|for|from|on|to)\s+(?:the\s+|a\s+|an\s+)?(?P<noun>[\w-]+)", re.IGNORECASE)
_NOUN_PHRASE = re.compile(
    r"\b(?:the|a|an|my|our|your|each|every|another|any|some|no|if|when|while|once|because|does|do|did|is|are|was|were|has|"
    r"have)\s+(?=(?P<noun>[A-Za-z0-9][\w./-]*))",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]{1,}\b")
_PLURAL = re.compile(r"\b[a-z][\w-]{2,}(?<!s)(?<!u)(?<!i)s\b", re.IGNORECASE)


class Leaning(StrEnum):
    """In which way a question leans on what was said before."""

    POINTER = "pointer"
    STEP = "step"
    FRAGMENT = "fragment"
    SUBJECTLESS = "subjectless"


@dataclass(frozen=True, slots=True)
class Sign:
    """What shows that a question leans on another one.

    `start` and `end` are the place of the pointing words in the question; `noun` is what they call it ("alert"),
    empty for a bare pronoun. A fragment has its `preposition`, and its words in `rest`. `step` is a step's number,
    0 for the last one.
    """

    leaning: Leaning
    word: str
    start: int = 0
    end: int = 0
    noun: str = ""
    preposition: str = ""
    rest: str = ""
    step: int = 0


def sign_of(question: str) -> Sign | None:
    """Return the sign that a question (on one line) leans on what was said before; None where it stands alone."""
    if len(question.split()) > LONG:
        return None
    found = _step(question) or _fragment(question) or _pointer(question)
    return found or (_subjectless(question) if not subject_words(without_lead(question)) else None)


def subject_words(question: str) -> list[str]:
    """Return the words that could be what a question is about: neither function words nor aspects of a subject."""
    words = [word for word in content_words(question) if word not in ASPECTS and word not in REFERRING]
    return [*(one.text for one in find_identifiers(question)), *words]


def without_lead(question: str) -> str:
    """Return a question without the words that only join it to the one before ("ok, and …")."""
    return _LEAD.sub("", question, count=1)


def _step(question: str) -> Sign | None:
    match = _STEP.search(question)
    if match is None or find_identifiers(question):
        return None
    complement = _COMPLEMENT.match(question[match.end() :])
    if complement and subject_words(complement["noun"]):
        return None
    ordinal = (match["ordinal"] or "").lower()
    number = int(match["number"]) if match["number"] else NUMBERED.get(ordinal, 0)
    return Sign(Leaning.STEP, match.group(), match.start(), match.end(), noun="step", step=number)


def _fragment(question: str) -> Sign | None:
    """Return what a question without a verb of its own adds to, or puts in place of, a part of the one before."""
    bare = without_lead(question).rstrip(" ?.!")
    about = _ABOUT.match(bare)
    led = len(bare) < len(question.rstrip(" ?.!"))
    words = (about["rest"] or about["same"]) if about else bare
    match = _FRAGMENT.match(words)
    if match is None or not content_words(words) or (not about and _CLAUSE.search(words)) or _PRONOUN.search(words):
        return None
    asks = question.rstrip().endswith("?")
    if not (about or (led and _joins(question)) or (asks and match["preposition"] and len(words.split()) <= 6)):
        return None
    preposition = f"{match['only'] or ''}{match['preposition'] or ''}".strip()
    return Sign(Leaning.FRAGMENT, words, rest=match["rest"], preposition=preposition)


def _joins(question: str) -> bool:
    lead = _LEAD.match(question)
    return bool(lead and re.search(r"\b(?:and|or|but|also)\b", lead.group(), re.IGNORECASE))


def _pointer(question: str) -> Sign | None:
    empty = [match.span() for match in _EXPLETIVE.finditer(question)]
    for match in _PRONOUN.finditer(question):
        if any(start <= match.start() < end for start, end in empty):
            continue
        if (found := _judged(question, match)) is not None:
            return found
    return _definite(question)


def _judged(question: str, match: re.Match[str]) -> Sign | None:
    """Return the sign that a pronoun is, None where it has its meaning from its own question."""
    word, before, after = match.group().lower(), question[: match.start()], question[match.end() :]
    ends = not re.match(r"\s*[\w\"“`\[]", after)
    if word == "there":
        return (
            Sign(Leaning.POINTER, word, *match.span())
            if ends and not re.search(r"\b(?:is|are|was|were)\s*$", before)
            else None
        )
    if word in ("this", "that", "these", "those"):
        following = re.match(r"\s+(?P<noun>[A-Za-z][\w-]*)(?P<rest>.*)$", after)
        noun = following["noun"].lower() if following else ""
        plural = noun in REFERRING and noun.endswith("s") and word in ("this", "that")  # "reports that services …"
        if noun in TIMES or plural:
            return None
        if noun in REFERRING or (
            word == "this" and noun and not _SUBJECT_BEFORE.search(before) and noun not in FUNCTION_WORDS
        ):
            shown = following and (re.search(r":\s*\S|\[", following["rest"]) or find_identifiers(following["rest"]))
            if shown or _has_antecedent(before, word):
                return None
            return Sign(Leaning.POINTER, f"{word} {noun}", match.start(), match.end() + len(f" {noun}"), noun=noun)
        if not ends and not _SUBJECT_BEFORE.search(before):
            return None  # "alerts that tell …": a relative clause
        if re.match(r"\s+(?:the|a|an|there|my|our)\b", after, re.IGNORECASE):
            return None  # "is it clear that the …"
    return None if _has_antecedent(before, word) else Sign(Leaning.POINTER, word, *match.span())


def _has_antecedent(before: str, word: str) -> bool:
    """Tell whether words of the same question before a pronoun can be what it means."""
    if find_identifiers(before) or _ACRONYM.search(before):
        return True
    clauses = re.split(r"[,;:.!?]\s", before)
    if any(len(content_words(clause)) >= 3 for clause in clauses[:-1]):
        return True
    if not _CLAUSE.match(without_lead(before)) and len(content_words(before)) >= 2:
        return True  # a statement: what it speaks of stands at its start
    if word in ("they", "them", "their", "theirs", "these", "those"):
        return any(_is_noun(match.group()) for match in _PLURAL.finditer(before))
    return any(before[at:].strip() not in ("of", "for", "about", "from", "behind", "to") for at in _noun_ends(before))


def _noun_ends(before: str) -> Iterator[int]:
    """Yield where a noun phrase with a subject of its own ends."""
    for match in _NOUN_PHRASE.finditer(before):
        if _is_noun(match["noun"]) and not match["noun"].lower().endswith("ing"):
            yield match.end("noun")


def _is_noun(word: str) -> bool:
    return any(one not in ASPECTS for one in content_words(word))


def _definite(question: str) -> Sign | None:
    """Return "the alert", "the service", … where the question says nothing that tells which one."""
    if subject_words(question):
        return None
    for match in re.finditer(r"\bthe\s+(?P<noun>[a-z]+)\b", question, re.IGNORECASE):
        noun = match["noun"].lower()
        if noun in REFERRING and noun not in ASPECTS:
            return Sign(Leaning.POINTER, f"the {noun}", *match.span(), noun=noun)
    return None


def _subjectless(question: str) -> Sign:
    return Sign(Leaning.SUBJECTLESS, question.rstrip(" ?.!"))
