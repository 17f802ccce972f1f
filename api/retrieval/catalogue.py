"""All documents of a generation in memory: words of their titles and paths, and where links lead."""

import math
import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from api.retrieval.words import content_words, stem, stems
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.passages import PassageFilter, StoredPassage

_LINK = re.compile(r"\]\(\s*<?([^)\s#>]+)")
_ABSOLUTE = re.compile(r"^(?:[a-z][a-z0-9+.\-]*:|//|#)", re.IGNORECASE)
_ENDINGS = ("", ".md", "/index.md", "/_index.md", "/README.md", ".html.md.erb", ".rst", ".html")
_MOST_LINKS = 6  # a passage with more links is a list of everything
_COMMON = 0.25  # a word in more than this share of titles tells nothing
_K = 1.2
_B = 0.6


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The documents of one generation, by id, by place, and by the words of their titles and paths."""

    documents: Mapping[str, DocumentFacts]
    _by_place: Mapping[tuple[str, str], str]
    _postings: Mapping[str, Sequence[tuple[str, float]]]
    _titles: Mapping[str, frozenset[str]]
    _rarities: Mapping[str, float]

    @classmethod
    def of(cls, documents: Iterable[DocumentFacts]) -> "Catalogue":
        """Index documents by title and path, with BM25 weights (k = 1.2, b = 0.6) over those few words."""
        known = {document.id: document for document in documents}
        words = {key: _title_words(document) for key, document in known.items()}
        mean = sum(map(len, words.values())) / len(words) if words else 1.0
        holders: dict[str, list[str]] = {}
        for key, own in words.items():
            for word in own:
                holders.setdefault(word, []).append(key)
        postings: dict[str, list[tuple[str, float]]] = {}
        for word, keys in holders.items():
            if len(keys) > max(3, _COMMON * len(known)):
                continue
            rarity = math.log((len(known) - len(keys) + 0.5) / (len(keys) + 0.5) + 1)
            postings[word] = [
                (key, rarity * (_K + 1) / (1 + _K * (1 - _B + _B * len(words[key]) / mean))) for key in keys
            ]
        places = {(document.source, document.path): key for key, document in known.items()}
        titles = {key: _name_words(document) for key, document in known.items()}
        return cls(known, places, postings, titles, _rarities(titles.values()))

    def titles(self, text: str) -> dict[str, float]:
        """Return how well each document's title and path match a text, the best being 1."""
        wanted = {stem(word) for word in content_words(text)} | {word for word in stems(text) if len(word) > 2}
        scores: dict[str, float] = {}
        for word in wanted:
            for key, weight in self._postings.get(word, ()):
                scores[key] = scores.get(key, 0.0) + weight
        best = max(scores.values(), default=1.0)
        return {key: score / best for key, score in scores.items()}

    def title_stems(self, document: DocumentFacts) -> frozenset[str]:
        """Return the stems of a document's title and file name."""
        return self._titles.get(document.id, frozenset())

    def title_share(self, document: DocumentFacts, words: Set[str]) -> float:
        """Return which share of a document's title, weighted by rarity among titles, is among `words` (0..1)."""
        own = self._titles.get(document.id, frozenset())
        total = sum(self._rarities[word] for word in own)
        return sum(self._rarities[word] for word in own if word in words) / total if total else 0.0

    def linked(self, stored: StoredPassage, where: PassageFilter) -> list[DocumentFacts]:
        """Return the documents of the same source that a passage links to and that `where` admits."""
        folder = posixpath.dirname(stored.document.path)
        found: dict[str, DocumentFacts] = {}
        for target in _LINK.findall(stored.passage.text):
            key = None if _ABSOLUTE.match(target) else self._at(stored.document.source, folder, target)
            if key is not None and key != stored.document.id and admits(where, self.documents[key]):
                found.setdefault(key, self.documents[key])
        return list(found.values())[:_MOST_LINKS]

    def _at(self, source: str, folder: str, target: str) -> str | None:
        base = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        path = posixpath.normpath(base)
        keys = (self._by_place.get((source, path + ending)) for ending in _ENDINGS)
        return next((key for key in keys if key is not None), None)


def admits(where: PassageFilter, document: DocumentFacts) -> bool:
    """Tell whether a filter lets a document through."""
    return (
        (not where.sources or document.source in where.sources)
        and (not where.kinds or document.kind in where.kinds)
        and (not where.services or bool(set(where.services) & set(document.services)))
        and document.id not in where.exclude_documents
    )


def _name_words(document: DocumentFacts) -> frozenset[str]:
    name = posixpath.basename(document.path).partition(".")[0]
    return frozenset(word for word in stems(f"{document.title} {name}") if len(word) > 1)


def _rarities(titles: Collection[frozenset[str]]) -> dict[str, float]:
    """Return the inverse document frequency of every word over titles, as BM25 has it."""
    held = Counter(word for title in titles for word in title)
    return {word: math.log1p((len(titles) - count + 0.5) / (count + 0.5)) for word, count in held.items()}


def _title_words(document: DocumentFacts) -> set[str]:
    path = document.path.replace("/", " ").replace(".", " ")
    return stems(f"{document.title} {path}")
