"""The documents of one generation in a collection without vectors, beside the generation's description."""

import json
import uuid
from collections.abc import Mapping, Sequence

from ingest.errors import StorageFailed
from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.index import IndexDescription
from ingest.knowledge.payloads import (
    description_of,
    description_text,
    document_of,
    extract_of,
    extract_text,
    facts_of,
    facts_text,
    sections_text,
)
from ingest.knowledge.server_index import ServerCollection, documents_filter

_DESCRIPTION_ID = str(uuid.UUID(int=0))  # no document has it: theirs are of version 5


class ServerCatalog:
    """The documents of one generation; a generation is complete once it is described."""

    def __init__(self, collection: ServerCollection) -> None:
        self._collection = collection
        self._held: set[str] | None = None
        self._related: dict[str, str] = {}

    def exists(self) -> bool:
        """Tell whether there is such a generation, complete or not."""
        return self._collection.exists()

    def create(self) -> None:
        """Make the empty collection."""
        self._collection.create(None, ["document_id"])

    def add(self, document: Document) -> None:
        """Store a document that the catalog does not hold yet."""
        payload = {
            "document_id": document.facts.id,
            "facts": facts_text(document.facts),
            "text": document.text,
            "sections": sections_text(document.sections),
            "extract": extract_text(document.extract),
        }
        self._ids().add(document.facts.id)
        self._collection.write(document.facts.id, payload)

    def holds(self, document_id: str) -> bool:
        """Tell whether the catalog holds a document."""
        return document_id in self._ids()

    def delete(self, ids: Sequence[str]) -> None:
        """Remove documents; unknown ids are ignored."""
        self._ids().difference_update(ids)
        self._collection.delete(documents_filter(ids))

    def count(self) -> int:
        """Return the number of documents."""
        return self._collection.count()

    def document(self, document_id: str) -> Document | None:
        """Return the whole document, or None."""
        narrowed = documents_filter([document_id])
        for point in self._collection.scroll(narrowed, ["facts", "text", "sections", "extract"]):
            payload = point.payload
            return document_of(facts_of(payload["facts"]), payload["text"], payload["sections"], payload["extract"])
        return None

    def documents(self) -> list[DocumentFacts]:
        """Return the facts of every document, ordered by source and path."""
        points = self._collection.scroll(None, ["facts"])
        facts = [facts_of(point.payload["facts"]) for point in points if "facts" in point.payload]
        return sorted(facts, key=lambda one: (one.source, one.path, one.id))

    def extracts(self) -> list[DocumentExtract]:
        """Return what each document states as structure, ordered by source and path."""
        points = self._collection.scroll(None, ["facts", "extract"])
        found = [(facts_of(one.payload["facts"]), one.payload["extract"]) for one in points if "facts" in one.payload]
        found.sort(key=lambda pair: (pair[0].source, pair[0].path, pair[0].id))
        return [DocumentExtract(facts.id, extract_of(extract)) for facts, extract in found if extract]

    def relate(self, duplicates: Mapping[str, str]) -> None:
        """Replace what is recorded of near-duplicates: the leader's id by the other's."""
        self._related = dict(duplicates)

    def duplicates(self) -> dict[str, str]:
        """Return, by id, the leader of each document that nearly repeats another one."""
        found = self._collection.retrieve([_DESCRIPTION_ID], ["duplicates"])
        return (
            {str(one): str(leader) for one, leader in json.loads(found[0].payload["duplicates"]).items()}
            if found
            else {}
        )

    def describe(self, description: IndexDescription) -> None:
        """Record the description, which makes the generation complete."""
        related = json.dumps(self._related, sort_keys=True)
        self._collection.write(_DESCRIPTION_ID, {"description": description_text(description), "duplicates": related})
        self._collection.flush()

    def description(self) -> IndexDescription | None:
        """Return the description, or None where the generation is not complete."""
        found = self._collection.retrieve([_DESCRIPTION_ID], ["description"])
        if not found:
            return None
        try:
            return description_of(found[0].payload["description"])
        except (ValueError, KeyError, TypeError) as error:
            raise StorageFailed(
                f"the description in {self._collection.name!r} at {self._collection.server.place!r} is damaged "
                f"({error!r}); run groundwatch ingest --rebuild"
            ) from error

    def copy_to(self, other: "ServerCatalog") -> None:
        """Store every document and what is recorded of duplicates, but not the description, in another catalog."""
        other._related = self.duplicates()
        self._collection.copy_to(other._collection, leave_out=_DESCRIPTION_ID)

    def commit(self) -> None:
        """Store what waits."""
        self._collection.flush()

    def close(self) -> None:
        """Do nothing: the connection belongs to the store."""

    def _ids(self) -> set[str]:
        if self._held is None:
            self._held = {point.payload["document_id"] for point in self._collection.scroll(None, ["document_id"])}
        return self._held
