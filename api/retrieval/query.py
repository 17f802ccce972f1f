"""What a question asks for, found without a model: identifiers, quoted phrases, content words."""

import re
from dataclasses import dataclass

from api.errors import UsageError
from api.retrieval.tuning import COLLOQUIAL_SHARE, COLLOQUIAL_WORDS, NARRATIVE_SHARE, NARRATIVE_WORDS
from api.retrieval.unwrapping import unwrap
from api.retrieval.words import FUNCTION_WORDS, content_words
from ingest.knowledge.identifiers import Identifier, find_identifiers, spelled_out

MAX_CHARACTERS = 8_000
"""Longest question; an alert with its expression has at most about 2,000."""

MAX_PASTED = 200_000
"""Longest text that is unwrapped: a payload or a trace may be long and hold a short message."""

_PHRASE = re.compile(r"[\"“]([^\"“”\n]{3,120})[\"”]")
_LABEL_MATCHER = re.compile(r"(?:=~|!~|!=|=)\s*$")
_WORDS = re.compile(r"[A-Za-z0-9]+")
_PAST = re.compile(r"\b(?:was|were|had|been|did|could not|went|began|\w{3,}ed)\b", re.IGNORECASE)
_INCIDENTS = r"(?:incidents?|outages?|post-?mortems?|disruptions?|occurrences?)"
_SIMILAR = re.compile(
    rf"\b(?:similar|past|previous|prior|earlier|comparable|related|like) {_INCIDENTS}\b|"
    rf"\b{_INCIDENTS} (?:like|similar to|resembling|comparable to|where|in which|of this kind)\b|"
    r"\b(?:have|has|did|had) (?:we|this|it|that|anyone|anybody|something like this)\b[^.?!]{0,80}"
    r"\b(?:before|previously|in the past|earlier)\b(?= *[,:;?!.]|$)",
    re.IGNORECASE,
)
_SPELLED_WORDS = 40  # of a long text only the first words can be a name typed as words


@dataclass(frozen=True, slots=True)
class Query:
    """A question taken apart; `spelled` are the keys that runs of its words fold to.

    `colloquial` says that it is a short question in everyday words, `narrative` that it tells what happened, `similar`
    that it asks for incidents like the one it tells of.
    """

    text: str
    identifiers: tuple[Identifier, ...]
    spelled: tuple[str, ...]
    phrases: tuple[str, ...]
    words: tuple[str, ...]
    colloquial: bool = False
    narrative: bool = False
    similar: bool = False


def understand(text: str) -> Query:
    """Take a question apart; raises UsageError where it is empty or too long."""
    if len(text) <= MAX_PASTED:
        words = " ".join(text.replace("\x00", " ").split())
        text = " ".join(unwrap(text.replace("\x00", " ")).split()) or words  # an id alone is all there is to look for
    if not text:
        raise UsageError("the question is empty; ask for a symptom, an alert name, an error code or a task")
    if len(text) > MAX_CHARACTERS:
        raise UsageError(
            f"the question has {len(text):,} characters, at most {MAX_CHARACTERS:,} are read; leave out all but the "
            "alert's name, summary and expression, or the error line"
        )
    identifiers = tuple(find_identifiers(text))
    known = {identifier.key for identifier in identifiers}
    spelled = dict.fromkeys(key for key in spelled_out(_WORDS.findall(text)[:_SPELLED_WORDS]) if key not in known)
    return Query(
        text=text,
        identifiers=identifiers,
        spelled=tuple(spelled),
        phrases=tuple(_phrases(text)),
        words=tuple(content_words(text)),
        colloquial=not identifiers and _is_colloquial(text),
        narrative=_is_narrative(text),
        similar=_SIMILAR.search(text) is not None,
    )


def _is_colloquial(text: str) -> bool:
    words = [word.strip("?,.;:!'\"").lower() for word in text.split()]
    share = sum(word in FUNCTION_WORDS for word in words) / len(words)
    return len(words) <= COLLOQUIAL_WORDS and share >= COLLOQUIAL_SHARE


def _is_narrative(text: str) -> bool:
    count = len(text.split())
    return count >= NARRATIVE_WORDS and len(_PAST.findall(text)) / count >= NARRATIVE_SHARE


def _phrases(text: str) -> list[str]:
    """Return quoted phrases, but not the label values of a metric selector such as `job="api"`."""
    return [
        match.group(1).strip() for match in _PHRASE.finditer(text) if not _LABEL_MATCHER.search(text[: match.start()])
    ]
