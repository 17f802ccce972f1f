"""Our search as a llama-index retriever, for llama-index users who bring their own engines.

Importing this module imports llama-index; nothing else in Groundwatch does.
"""

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from api.retrieval.search import Hit, Searcher
from ingest.knowledge.passages import PassageFilter


class GroundwatchRetriever(BaseRetriever):
    """Return passages as text nodes, best first.

    A node's id is the passage id; its metadata holds what a citation needs (source, path, title, heading
    path, lines, character offsets, revision, url). `score` orders the nodes; it is not a confidence.
    """

    def __init__(
        self, searcher: Searcher, *, limit: int = 10, per_document: int = 1, where: PassageFilter | None = None
    ) -> None:
        super().__init__()
        self._searcher = searcher
        self._limit = limit
        self._per_document = per_document
        self._where = where

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._searcher.search(
            query_bundle.query_str, limit=self._limit, where=self._where, per_document=self._per_document
        )
        return [NodeWithScore(node=_node(hit), score=hit.score) for hit in hits]


def _node(hit: Hit) -> TextNode:
    passage, document = hit.stored.passage, hit.stored.document
    metadata = {
        "document_id": document.id,
        "source": document.source,
        "path": document.path,
        "kind": document.kind.value,
        "status": document.status.value,
        "title": document.title,
        "heading_path": " > ".join(passage.heading_path),
        "line_start": passage.span.line_start,
        "line_end": passage.span.line_end,
        "char_start": passage.span.start,
        "char_end": passage.span.end,
        "revision": document.revision,
        "url": document.url,
        "updated_at": document.updated_at.isoformat() if document.updated_at else None,
    }
    unseen = [key for key in metadata if key not in ("title", "heading_path", "path")]
    return TextNode(
        id_=passage.id,
        text=passage.text,
        metadata=metadata,
        start_char_idx=passage.span.start,
        end_char_idx=passage.span.end,
        excluded_embed_metadata_keys=unseen,
        excluded_llm_metadata_keys=unseen,
    )
