"""Words of a text as questions and passages are compared by: folded, lightly stemmed, function words left out."""

import re
from collections.abc import Iterator
from functools import lru_cache

from ingest.knowledge.identifiers import name_words

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_'’\-]*")

FUNCTION_WORDS = frozenset(
    [
        "a",
        "about",
        "after",
        "again",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "aren't",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "can't",
        "cannot",
        "could",
        "did",
        "didn't",
        "do",
        "does",
        "doesn't",
        "doing",
        "don't",
        "down",
        "during",
        "each",
        "else",
        "even",
        "ever",
        "every",
        "few",
        "for",
        "from",
        "further",
        "get",
        "gets",
        "getting",
        "give",
        "given",
        "go",
        "goes",
        "going",
        "gone",
        "got",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "isn't",
        "it",
        "it's",
        "its",
        "itself",
        "just",
        "keep",
        "keeps",
        "know",
        "let",
        "like",
        "look",
        "lot",
        "made",
        "make",
        "makes",
        "many",
        "may",
        "me",
        "might",
        "more",
        "most",
        "much",
        "must",
        "my",
        "need",
        "needs",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "out",
        "over",
        "own",
        "people",
        "please",
        "put",
        "same",
        "say",
        "see",
        "seem",
        "seems",
        "shall",
        "she",
        "should",
        "since",
        "so",
        "some",
        "something",
        "still",
        "such",
        "sure",
        "take",
        "tell",
        "than",
        "that",
        "that's",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "thing",
        "things",
        "this",
        "those",
        "through",
        "to",
        "too",
        "try",
        "trying",
        "under",
        "until",
        "up",
        "us",
        "use",
        "used",
        "uses",
        "using",
        "very",
        "want",
        "wants",
        "was",
        "way",
        "we",
        "well",
        "went",
        "were",
        "what",
        "what's",
        "when",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "within",
        "without",
        "won't",
        "work",
        "works",
        "would",
        "yes",
        "yet",
        "you",
        "your",
        "i'm",
        "i've",
        "we're",
        "we've",
    ]
)
"""English function words and the verbs that questions are padded with; they carry nothing to look for."""

_SUFFIXES = ("ingly", "edly", "ing", "ies", "ied", "est", "ed", "es", "ly", "s")


def content_words(text: str) -> list[str]:
    """Return the distinct content words of a text in order, lower case, not stemmed."""
    found: dict[str, None] = {}
    for match in _WORD.finditer(text):
        word = match.group().lower().replace("’", "'").removesuffix("'s").strip("'-_")
        if len(word) > 1 and word not in FUNCTION_WORDS:
            found.setdefault(word)
    return list(found)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return a word without its inflection: cheap, for matching only ("failing", "failed", "fails" are one)."""
    word = word.lower()
    if len(word) <= 3 or not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        base = word.removesuffix(suffix)
        if base != word and len(base) >= 3:
            if suffix in ("ies", "ied"):
                return base + "i"
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
                base = base[:-1]
            return base.removesuffix("e") if len(base) > 3 else base
    if word.endswith("y") and len(word) > 3:
        return word[:-1] + "i"
    return word.removesuffix("e") if len(word) > 4 else word


def stems(text: str) -> set[str]:
    """Return the stems of every word of a text, the parts of compound names included."""
    return set(_stems(text))


def _stems(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        word = match.group()
        yield stem(word.lower().strip("'-_"))
        parts = name_words(word)
        if len(parts) > 1:
            yield from (stem(part) for part in parts)
