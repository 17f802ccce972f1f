"""The words of a passage as ranking and answering compare them with a question's, kept while it stays in use."""

import re
from dataclasses import dataclass

from api.retrieval.words import stems
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.passages import StoredPassage

_KEPT = 8_192  # passages; at about 6 kB each
_SENTENCES = 40  # of a passage; it has some 200 word pieces
_BREAK = re.compile(r"\n|(?<=[.!?:])\s+")


@dataclass(frozen=True, slots=True)
class Words:
    """Stems of a passage with its path, title and headings; of its sentences; and its text folded, for names."""

    stems: frozenset[str]
    sentences: tuple[frozenset[str], ...]
    folded: str


class PassageWords:
    """Words by passage id; a passage never changes under its id, so they never go stale."""

    def __init__(self) -> None:
        self._words: dict[str, Words] = {}

    def of(self, stored: StoredPassage) -> Words:
        """Return the words of a passage; threads may at worst derive the same ones twice."""
        found = self._words.get(stored.passage.id)
        if found is None:
            pieces = [piece for piece in _BREAK.split(stored.passage.text) if piece.strip()][:_SENTENCES]
            sentences = tuple(frozenset(stems(piece)) for piece in pieces)
            head = f"{stored.document.path} {' '.join(stored.passage.heading_path)} {stored.document.title}"
            whole = frozenset(stems(head)).union(*sentences)
            found = Words(whole, sentences, fold_identifier(f"{head} {stored.passage.text}"))
            if len(self._words) >= _KEPT:
                self._words.clear()
            self._words[stored.passage.id] = found
        return found
