"""Passages in one Qdrant Edge shard, the embedded index; the only module that speaks to the shard.

Facts about qdrant-edge-py 0.9.0 this relies on: a shard has one opener at a time (a lock on its
write-ahead log), every failure of the engine is a bare `Exception`, and a call holds the GIL. Its segments are
packed where they are large: a packed segment of 55,000 passages opens in a third of the time (0.5 s against 1.7 s),
but rarity (IDF) counts the deleted passages of a packed segment until enough of them are gone that it is packed
again, those of the small open one until the shard is loaded again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from ingest.errors import KnowledgeLocked, StorageFailed
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.index import IndexEntry, LegHit, SparseVector, Vector
from ingest.knowledge.passages import PassageFilter
from ingest.knowledge.payloads import (
    KEYWORD_FIELDS,
    PASSAGE_FIELDS,
    PHRASE_FIELD,
    FoundPassage,
    passage_payload,
)
from ingest.knowledge.phrases import Phrase
from ingest.knowledge.ranked_hits import best_hits

if TYPE_CHECKING:
    import qdrant_edge

_PAGE = 256
_PACKED_FROM = 10_000  # kB of vectors, some 6,500 passages
_STALE_SHARE = 0.02  # of a packed segment's passages may be deleted ones, which bend rarity
_NO_GRAPH = 0  # links a passage: no vector graph is ever built, every search is exact


class EdgeIndex:
    """An open shard. Make one with `create` or `load`."""

    def __init__(self, path: Path, shard: "qdrant_edge.EdgeShard") -> None:
        self._path = path
        self._shard: qdrant_edge.EdgeShard | None = shard

    @classmethod
    def create(cls, path: Path, dimension: int) -> "EdgeIndex":
        """Make an empty shard in the new directory `path`."""
        import qdrant_edge as edge

        with _translated(path):
            path.mkdir(parents=True)
            shard = edge.EdgeShard.create(str(path), _configuration(dimension))
            for name in KEYWORD_FIELDS:
                shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Keyword))
            words = edge.TextIndexParams(tokenizer=edge.TokenizerType.Word, lowercase=True, phrase_matching=True)
            shard.update(edge.UpdateOperation.create_field_index(PHRASE_FIELD, words))
        return cls(path, shard)

    @classmethod
    def load(cls, path: Path) -> "EdgeIndex":
        """Open the shard at `path`.

        Raises KnowledgeLocked where another opener holds it, StorageFailed where it cannot be read.
        """
        import qdrant_edge as edge

        with _translated(path):
            return cls(path, edge.EdgeShard.load(str(path)))

    def upsert(self, entries: Sequence[tuple[IndexEntry, DocumentFacts]]) -> None:
        """Store passages with their vectors; those of the same id are replaced."""
        import qdrant_edge as edge

        with _translated(self._path):
            points = [_point(entry, facts) for entry, facts in entries]
            self._open.update(edge.UpdateOperation.upsert_points(points))

    def delete_documents(self, ids: Sequence[str]) -> None:
        """Remove all passages of these documents."""
        import qdrant_edge as edge

        condition = edge.FieldCondition("document_id", match=edge.MatchAny(list(ids)))
        with _translated(self._path):
            self._open.update(edge.UpdateOperation.delete_points_by_filter(edge.Filter(must=[condition])))

    def nearest_dense(self, vector: Vector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages nearest by cosine, best first."""
        return self._nearest("dense", vector.tolist(), limit, where)

    def nearest_sparse(self, name: str, query: SparseVector, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages with the greatest product of term weights and rarity, best first."""
        import qdrant_edge as edge

        if not query.indices:
            return []
        return self._nearest(name, edge.SparseVector(list(query.indices), list(query.values)), limit, where)

    def holding_phrase(self, phrase: Phrase, *, limit: int, where: PassageFilter) -> list[LegHit]:
        """Return the passages that hold `phrase`, by id."""
        narrowed = _filter(where, phrase)
        hits: list[LegHit] = []
        for found in self._scroll(narrowed, [PHRASE_FIELD]):
            if len(hits) >= limit:
                break
            if phrase.occurs_in(found.payload[PHRASE_FIELD]):
                hits.append(LegHit(found.id, 1.0))
        return hits

    def retrieve(self, ids: Sequence[str]) -> list[FoundPassage]:
        """Return the passages of these ids, in any order; unknown ids are left out."""
        with _translated(self._path):
            records = self._open.retrieve(list(ids), list(PASSAGE_FIELDS), False)
        return [FoundPassage(str(record.id), record.payload or {}) for record in records]

    def of_document(self, document_id: str) -> list[FoundPassage]:
        """Return the passages of one document, by passage id."""
        import qdrant_edge as edge

        condition = edge.FieldCondition("document_id", match=edge.MatchValue(document_id))
        return list(self._scroll(edge.Filter(must=[condition]), list(PASSAGE_FIELDS)))

    def count(self) -> int:
        """Return the number of passages."""
        import qdrant_edge as edge

        with _translated(self._path):
            return self._open.count(edge.CountRequest(exact=True))

    def finish(self) -> None:
        """Give back the room of deleted passages where it is worth it, write all to disk, and close."""
        with _translated(self._path):
            self._open.optimize()
            self._open.flush()
        self.close()

    def close(self) -> None:
        """Let go of the files; closing twice is harmless."""
        if self._shard is not None:
            shard, self._shard = self._shard, None
            with _translated(self._path):
                shard.close()

    @property
    def _open(self) -> "qdrant_edge.EdgeShard":
        if self._shard is None:
            raise StorageFailed(f"the index at {str(self._path)!r} was closed; open the current generation")
        return self._shard

    def _nearest(self, name: str, vector: Any, limit: int, where: PassageFilter) -> list[LegHit]:
        import qdrant_edge as edge

        nearest = edge.Query.Nearest(vector, using=name)
        narrowed = _filter(where)

        def fetch(number: int) -> list[LegHit]:
            request = edge.QueryRequest(
                limit=number, query=nearest, filter=narrowed, params=edge.SearchParams(exact=True)
            )
            with _translated(self._path):
                found = self._open.query(request)
            return [LegHit(str(point.id), point.score) for point in found]

        return best_hits(fetch, limit)

    def _scroll(self, narrowed: "qdrant_edge.Filter | None", fields: list[str]) -> Iterator[FoundPassage]:
        import qdrant_edge as edge

        offset: int | UUID | str | None = None
        while True:
            request = edge.ScrollRequest(
                offset=offset, limit=_PAGE, filter=narrowed, with_payload=fields, with_vector=False
            )
            with _translated(self._path):
                records, offset = self._open.scroll(request)
            for record in records:
                yield FoundPassage(str(record.id), record.payload or {})
            if offset is None:
                return


def _configuration(dimension: int) -> "qdrant_edge.EdgeConfig":
    import qdrant_edge as edge

    sparse = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
    graph = edge.HnswIndexConfig(m=_NO_GRAPH, ef_construct=4, full_scan_threshold=10, max_indexing_threads=1)
    dense = edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine, hnsw_config=graph)
    return edge.EdgeConfig(
        vectors={"dense": dense},
        sparse_vectors={"lexical": sparse, "identifiers": sparse},
        hnsw_config=graph,
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=_PACKED_FROM, default_segment_number=1, deleted_threshold=_STALE_SHARE
        ),
    )


def _point(entry: IndexEntry, facts: DocumentFacts) -> "qdrant_edge.Point":
    import qdrant_edge as edge

    vectors: dict[str, Any] = {"dense": entry.dense.tolist()}
    for name, sparse in (("lexical", entry.lexical), ("identifiers", entry.identifiers)):
        if sparse.indices:
            vectors[name] = edge.SparseVector(list(sparse.indices), list(sparse.values))
    return edge.Point(entry.passage.id, vectors, passage_payload(entry.passage, facts))


def _filter(where: PassageFilter, phrase: Phrase | None = None) -> "qdrant_edge.Filter | None":
    import qdrant_edge as edge

    wanted = (
        ("source", where.sources),
        ("kind", tuple(kind.value for kind in where.kinds)),
        ("services", where.services),
    )
    must = [edge.FieldCondition(key, match=edge.MatchAny(list(values))) for key, values in wanted if values]
    if phrase is not None and phrase.has_words:
        must.append(edge.FieldCondition(PHRASE_FIELD, match=edge.MatchPhrase(phrase.folded)))
    # MatchExcept would match a list with any other element, so exclusion is a must_not.
    excluded = edge.MatchAny(list(where.exclude_documents))
    must_not = [edge.FieldCondition("document_id", match=excluded)] if where.exclude_documents else []
    if not must and not must_not:
        return None
    # The stub's list types are invariant; a list of one kind of condition is fine for the engine.
    return edge.Filter(must=cast("list[Any]", must), must_not=cast("list[Any]", must_not))


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the engine raises nothing narrower; what is ours or a slip goes on
        if type(error) is not Exception and not isinstance(error, OSError):
            raise
        if "WouldBlock" in str(error):
            raise KnowledgeLocked(
                f"the index at {str(path)!r} is open in another process; commands use a running API where "
                "GROUNDWATCH_URL or the data directory point to it, else wait for that process or stop it"
            ) from error
        raise StorageFailed(
            f"the index at {str(path)!r} failed: {error}; check space and permissions there, then run the "
            "command again (if it stays: groundwatch ingest --rebuild)"
        ) from error
