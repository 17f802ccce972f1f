"""Collections of a Qdrant server; the only module that speaks to one.

The same code runs on qdrant-client's in-memory mode, which has no payload indexes and searches exactly
whatever it is told (it warns when told).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.errors import KnowledgeMissing, StorageFailed
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.index import IndexEntry, LegHit, SparseVector, Vector
from ingest.knowledge.passages import PassageFilter
from ingest.knowledge.payloads import (
    KEYWORD_FIELDS,
    PASSAGE_FIELDS,
    PHRASE_FIELD,
    FoundPassage,
    Payload,
    passage_payload,
)
from ingest.knowledge.phrases import Phrase
from ingest.knowledge.ranked_hits import best_hits

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

_PAGE = 256
_BATCH_CHARACTERS = 4_000_000  # a server refuses a request of more than 32 MB by default
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class ClusterShape:
    """How a cluster keeps a collection: shards, copies of each, and whether vectors are kept as bytes in memory.

    Rarity (IDF) is counted per shard, so more shards change lexical scores a little.
    """

    shards: int = 1
    replicas: int = 1
    quantized: bool = False


class QdrantServer:
    """A server (`place` names it to people) with its collections and aliases."""

    def __init__(self, client: "QdrantClient", place: str, shape: ClusterShape | None = None) -> None:
        self.client = client
        self.place = place
        self.shape = shape or ClusterShape()
        self.in_memory = client.init_options.get("location") == ":memory:"

    @classmethod
    def connect(cls, url: str, api_key: str | None, shape: ClusterShape | None = None) -> "QdrantServer":
        """Make a client for the server at `url`; nothing is sent yet."""
        from qdrant_client import QdrantClient

        return cls(QdrantClient(url=url, api_key=api_key, check_compatibility=False, timeout=60), url, shape)

    def numbers(self, stem: str) -> list[int]:
        """Return the numbers N of the collections named `stem`-N, in order."""
        with self.translated(stem):
            named = [one.name for one in self.client.get_collections().collections]
        found = [re.fullmatch(rf"{re.escape(stem)}-(\d+)", name) for name in named]
        return sorted(int(match[1]) for match in found if match)

    def aliased(self, alias: str) -> str | None:
        """Return the collection that `alias` stands for, or None."""
        with self.translated(alias):
            aliases = self.client.get_aliases().aliases
        return next((one.collection_name for one in aliases if one.alias_name == alias), None)

    def point_aliases(self, targets: Mapping[str, str]) -> None:
        """Let each alias stand for its collection, all in one step."""
        from qdrant_client import models

        operations: list[models.CreateAliasOperation | models.DeleteAliasOperation] = []
        for alias, collection in targets.items():
            if self.aliased(alias) is not None:
                operations.append(models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)))
            create = models.CreateAlias(collection_name=collection, alias_name=alias)
            operations.append(models.CreateAliasOperation(create_alias=create))
        with self.translated(", ".join(targets)):
            self.client.update_collection_aliases(change_aliases_operations=operations)

    def exists(self, collection: str) -> bool:
        """Tell whether there is such a collection."""
        with self.translated(collection):
            return self.client.collection_exists(collection)

    def drop(self, collection: str) -> None:
        """Delete a collection; an unknown one is ignored."""
        if self.exists(collection):
            with self.translated(collection):
                self.client.delete_collection(collection)

    @contextmanager
    def translated(self, collection: str) -> Iterator[None]:
        """Turn what the client raises into our errors, which name server, collection and next step."""
        import httpx
        from qdrant_client.common.client_exceptions import QdrantException
        from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

        try:
            yield
        except (ApiException, QdrantException, httpx.HTTPError, OSError) as error:
            where = f"{collection!r} at {self.place!r}"
            if isinstance(error, UnexpectedResponse) and error.status_code == _NOT_FOUND:
                raise KnowledgeMissing(f"there is no {where}; run groundwatch ingest PATH") from error
            raise StorageFailed(
                f"the Qdrant server failed on {where}: {error}; check that it runs, and GROUNDWATCH_QDRANT_URL "
                "and GROUNDWATCH_QDRANT_API_KEY, then run the command again"
            ) from error


class ServerCollection:
    """Points of one collection, written in batches of bounded size."""

    def __init__(self, server: QdrantServer, name: str) -> None:
        self.server = server
        self.name = name
        self._waiting: list[models.PointStruct] = []
        self._waiting_characters = 0

    def create(self, dimension: int | None, keywords: Sequence[str], phrases: Sequence[str] = ()) -> None:
        """Make the collection, with passage vectors of `dimension` or with none, and index these fields.

        No vector graph is built (m = 0), so every search is exact: on quantised vectors its candidates are
        scored again by the full ones.
        """
        from qdrant_client import models

        sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
        vectors = (
            {} if dimension is None else {"dense": models.VectorParams(size=dimension, distance=models.Distance.COSINE)}
        )
        with self.server.translated(self.name):
            self.server.client.create_collection(
                self.name,
                vectors_config=vectors,
                sparse_vectors_config={} if dimension is None else {"lexical": sparse, "identifiers": sparse},
                hnsw_config=models.HnswConfigDiff(m=0),
                shard_number=self.server.shape.shards,
                replication_factor=self.server.shape.replicas,
                quantization_config=_quantization(self.server.shape) if dimension is not None else None,
            )
            if not self.server.in_memory:
                self._index_payload(keywords, phrases)

    def exists(self) -> bool:
        """Tell whether the collection is there."""
        return self.server.exists(self.name)

    def write(self, point_id: str, payload: Payload, vectors: Any = None) -> None:
        """Store a point with the next batch."""
        from qdrant_client import models

        self._waiting.append(models.PointStruct(id=point_id, vector=vectors or {}, payload=payload))
        self._waiting_characters += sum(len(value) for value in payload.values() if isinstance(value, str))
        if len(self._waiting) >= _PAGE or self._waiting_characters >= _BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Store what waits."""
        if self._waiting:
            with self.server.translated(self.name):
                self.server.client.upsert(self.name, points=self._waiting, wait=True)
            self._waiting = []
        self._waiting_characters = 0

    def copy_to(self, other: "ServerCollection", *, leave_out: str = "") -> None:
        """Store every point but `leave_out`, vectors too, in the other collection."""
        for record in self._records(None, fields=True, with_vectors=True):
            if str(record.id) != leave_out:
                other.write(str(record.id), record.payload or {}, record.vector)
        other.flush()

    def scroll(self, narrowed: "models.Filter | None", fields: Sequence[str]) -> Iterator[FoundPassage]:
        """Yield the points that pass the filter, by id."""
        for record in self._records(narrowed, fields=list(fields)):
            yield FoundPassage(str(record.id), record.payload or {})

    def retrieve(self, ids: Sequence[str], fields: Sequence[str]) -> list[FoundPassage]:
        """Return the points of these ids, in any order; unknown ids are left out."""
        with self.server.translated(self.name):
            records = self.server.client.retrieve(self.name, ids=list(ids), with_payload=list(fields))
        return [FoundPassage(str(record.id), record.payload or {}) for record in records]

    def delete(self, narrowed: "models.Filter") -> None:
        """Remove the points that pass the filter."""
        from qdrant_client import models

        self.flush()
        with self.server.translated(self.name):
            self.server.client.delete(self.name, points_selector=models.FilterSelector(filter=narrowed), wait=True)

    def count(self, narrowed: "models.Filter | None" = None) -> int:
        """Return the number of points that pass the filter."""
        self.flush()
        with self.server.translated(self.name):
            return self.server.client.count(self.name, count_filter=narrowed, exact=True).count

    def _index_payload(self, keywords: Sequence[str], phrases: Sequence[str]) -> None:
        from qdrant_client import models

        client = self.server.client
        for field in keywords:
            client.create_payload_index(self.name, field, field_schema=models.PayloadSchemaType.KEYWORD)
        words = models.TextIndexParams(
            type=models.TextIndexType.TEXT,
            tokenizer=models.TokenizerType.WORD,
            lowercase=True,
            phrase_matching=True,
        )
        for field in phrases:
            client.create_payload_index(self.name, field, field_schema=words)

    def _records(
        self, narrowed: "models.Filter | None", *, fields: bool | list[str], with_vectors: bool = False
    ) -> "Iterator[models.Record]":
        offset: Any = None
        while True:
            with self.server.translated(self.name):
                records, offset = self.server.client.scroll(
                    self.name,
                    scroll_filter=narrowed,
                    limit=_PAGE,
                    offset=offset,
                    with_payload=fields,
                    with_vectors=with_vectors,
                )
            yield from records
            if offset is None:
                return


class ServerIndex:
    """The passages of one generation, in a collection of their own."""

    def __init__(self, collection: ServerCollection) -> None:
        self._collection = collection
        self._server = collection.server

    def create(self, dimension: int) -> None:
        """Make the empty collection."""
        self._collection.create(dimension, KEYWORD_FIELDS, [PHRASE_FIELD])

    def upsert(self, entries: Sequence[tuple[IndexEntry, DocumentFacts]]) -> None:
        """Store passages with their vectors; those of the same id are replaced."""
        for entry, facts in entries:
            payload = passage_payload(entry.passage, facts)
            self._collection.write(entry.passage.id, payload, _vectors(entry))
        self._collection.flush()

    def copy_to(self, other: "ServerIndex") -> None:
        """Store every passage in another index."""
        self._collection.copy_to(other._collection)

    def delete_documents(self, ids: Sequence[str]) -> None:
        """Remove all passages of these documents."""
        self._collection.delete(documents_filter(ids))

    def nearest_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine, best first."""
        return self._nearest("dense", vector.tolist(), limit, where)

    def nearest_sparse(self, name: str, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages with the greatest product of term weights and rarity, best first."""
        from qdrant_client import models

        if not query.indices:
            return []
        sparse = models.SparseVector(indices=list(query.indices), values=list(query.values))
        return self._nearest(name, sparse, limit, where)

    def holding_phrase(self, phrase: Phrase, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold `phrase`, by id."""
        hits: list[LegHit] = []
        for found in self._collection.scroll(_filter(where, phrase), [PHRASE_FIELD]):
            if len(hits) >= limit:
                break
            if phrase.occurs_in(found.payload[PHRASE_FIELD]):
                hits.append(LegHit(found.id, 1.0))
        return hits

    def retrieve(self, ids: Sequence[str]) -> list[FoundPassage]:
        """Return the passages of these ids, in any order; unknown ids are left out."""
        return self._collection.retrieve(ids, PASSAGE_FIELDS)

    def of_document(self, document_id: str) -> list[FoundPassage]:
        """Return the passages of one document, by passage id."""
        return list(self._collection.scroll(documents_filter([document_id]), PASSAGE_FIELDS))

    def count(self) -> int:
        """Return the number of passages."""
        return self._collection.count()

    def finish(self) -> None:
        """Store what waits."""
        self._collection.flush()

    def close(self) -> None:
        """Do nothing: the connection belongs to the store."""

    def _nearest(self, name: str, query: Any, limit: int, where: PassageFilter) -> list[LegHit]:
        from qdrant_client import models

        narrowed = _filter(where)
        exactly = None if self._server.in_memory else models.SearchParams(exact=True)

        def fetch(number: int) -> list[LegHit]:
            with self._server.translated(self._collection.name):
                found = self._server.client.query_points(
                    self._collection.name,
                    query=query,
                    using=name,
                    query_filter=narrowed,
                    limit=number,
                    search_params=exactly,
                    with_payload=False,
                )
            return [LegHit(str(point.id), point.score) for point in found.points]

        return best_hits(fetch, limit)


def _quantization(shape: ClusterShape) -> "models.ScalarQuantization | None":
    """Return the setting that keeps a byte a dimension in memory and the vectors themselves on disk."""
    from qdrant_client import models

    if not shape.quantized:
        return None
    return models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    )


def documents_filter(ids: Sequence[str]) -> "models.Filter":
    """Return the filter that passes what belongs to any of these documents."""
    from qdrant_client import models

    return models.Filter(must=[models.FieldCondition(key="document_id", match=models.MatchAny(any=list(ids)))])


def _vectors(entry: IndexEntry) -> dict[str, Any]:
    from qdrant_client import models

    vectors: dict[str, Any] = {"dense": entry.dense.tolist()}
    for name, sparse in (("lexical", entry.lexical), ("identifiers", entry.identifiers)):
        if sparse.indices:
            vectors[name] = models.SparseVector(indices=list(sparse.indices), values=list(sparse.values))
    return vectors


def _filter(where: PassageFilter, phrase: Phrase | None = None) -> "models.Filter | None":
    from qdrant_client import models

    wanted = (
        ("source", where.sources),
        ("kind", tuple(kind.value for kind in where.kinds)),
        ("services", where.services),
    )
    must: list[models.Condition] = [
        models.FieldCondition(key=key, match=models.MatchAny(any=list(values))) for key, values in wanted if values
    ]
    if phrase is not None and phrase.has_words:
        must.append(models.FieldCondition(key=PHRASE_FIELD, match=models.MatchPhrase(phrase=phrase.folded)))
    must_not: list[models.Condition] = []
    if where.exclude_documents:
        excluded = models.MatchAny(any=list(where.exclude_documents))
        must_not.append(models.FieldCondition(key="document_id", match=excluded))
    return models.Filter(must=must, must_not=must_not) if must or must_not else None
