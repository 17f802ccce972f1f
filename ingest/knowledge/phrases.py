"""Find a quoted phrase in text with case and white space folded, on word boundaries."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"\w")


def fold(text: str) -> str:
    """Return `text` with case folded and every run of white space turned into one space."""
    return " ".join(text.casefold().split())


def folded_passage(header: str, text: str) -> str:
    """Return what phrases are looked for in: header and text folded, apart so that none spans both."""
    return f"{fold(header)}\n{fold(text)}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A folded phrase; it may start or end inside a line but not inside a word."""

    folded: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, text: str) -> "Phrase | None":
        """Fold `text` into a phrase; None where nothing but white space is left."""
        folded = fold(text)
        if not folded:
            return None
        before = r"(?<!\w)" if _WORD.match(folded[0]) else ""
        after = r"(?!\w)" if _WORD.match(folded[-1]) else ""
        return cls(folded, re.compile(before + re.escape(folded) + after))

    @property
    def has_words(self) -> bool:
        """Whether a word index can narrow the search; "->" or "{}" hold no word."""
        return any(character.isalnum() for character in self.folded)

    def occurs_in(self, folded: str) -> bool:
        """Tell whether text made by `folded_passage` holds the phrase."""
        return self.pattern.search(folded) is not None
