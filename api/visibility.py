"""What this API may show: documents that only some groups may read stay hidden unless it is set up for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.index import IndexDescription, IndexReader, LegHit, SparseVector, Vector
from ingest.knowledge.passages import PassageFilter, StoredPassage


@dataclass(frozen=True, slots=True)
class VisibleReader:
    """A reader of one generation without its `hidden` documents, which nothing tells apart from unknown ones."""

    reader: IndexReader
    hidden: frozenset[str]

    def describe(self) -> IndexDescription:
        """Return what this generation was built with and holds, hidden documents counted."""
        return self.reader.describe()

    def search_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine, best first."""
        return self.reader.search_dense(vector, limit=limit, where=self._narrowed(where))

    def search_lexical(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages with the highest BM25 score, best first."""
        return self.reader.search_lexical(query, limit=limit, where=self._narrowed(where))

    def search_identifiers(self, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold the identifiers, weighted by rarity, best first."""
        return self.reader.search_identifiers(query, limit=limit, where=self._narrowed(where))

    def search_phrase(self, phrase: str, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return passages whose text holds `phrase`; score 1 each, by id."""
        return self.reader.search_phrase(phrase, limit=limit, where=self._narrowed(where))

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the stored passages in the order of `ids`, leaving out unknown ones."""
        return [one for one in self.reader.passages(ids) if one.document.id not in self.hidden]

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return all passages of one document in document order; empty for an unknown id."""
        return [] if document_id in self.hidden else self.reader.passages_of(document_id)

    def document(self, document_id: str) -> Document | None:
        """Return the whole document, or None where this generation does not hold it."""
        return None if document_id in self.hidden else self.reader.document(document_id)

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document, ordered by source and path."""
        return [facts for facts in self.reader.documents() if facts.id not in self.hidden]

    def extracts(self) -> list[DocumentExtract]:
        """Return what the documents state as structure; empty ones left out."""
        return [one for one in self.reader.extracts() if one.document_id not in self.hidden]

    def duplicates(self) -> Mapping[str, str]:
        """Return, by id, the leader of each document that nearly repeats another one."""
        found = self.reader.duplicates()
        return {one: leader for one, leader in found.items() if not {one, leader} & self.hidden}

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""
        self.reader.close()

    def _narrowed(self, where: PassageFilter) -> PassageFilter:
        return replace(where, exclude_documents=(*where.exclude_documents, *sorted(self.hidden)))


def visible(reader: IndexReader, labels: frozenset[str]) -> tuple[IndexReader, frozenset[str]]:
    """Return a reader of what holders of `labels` may read, and the ids of what they may not."""
    hidden = frozenset(facts.id for facts in reader.documents() if facts.access and not labels & set(facts.access))
    return (VisibleReader(reader, hidden) if hidden else reader), hidden
