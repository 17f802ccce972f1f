"""A small real knowledge base for tests: documents on disk, the real pipeline, an embedder without a model."""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from api.retrieval.search import Searcher
from api.retrieval.words import stems
from ingest.building import Workshop
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import Vector
from ingest.knowledge.manifest import Manifest
from ingest.pipeline import ingest
from ingest.runs import Options
from ingest.sources.folder import FolderSource


class WordEmbedder:
    """Embed a text as the bag of its word stems, hashed to 64 dimensions: alike words give alike vectors."""

    model = "words@1"
    dimension = 64

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text."""
        return np.stack([self.embed_query(text) for text in texts]) if texts else np.zeros((0, 64), np.float32)

    def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a text."""
        vector = np.full(64, 1e-3, dtype=np.float32)
        for word in stems(text):
            vector[zlib.crc32(word.encode()) % 64] += 1.0
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(text.split()) for text in texts]


def build_knowledge(folder: Path, files: Mapping[str, str]) -> Searcher:
    """Write `files` below `folder`, ingest them as source "docs", and return a searcher over the result."""
    documents = folder / "documents"
    for path, text in files.items():
        file = documents / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    knowledge = folder / "knowledge"
    store = EdgeStore(knowledge, WordEmbedder.dimension, minimum_free=0)
    workshop = Workshop(
        store, Manifest(knowledge / "manifest.sqlite"), EmbeddingCache(knowledge / "vectors.sqlite"), WordEmbedder()
    )
    ingest(workshop, [FolderSource([documents], name="docs")], Options())
    workshop.manifest.close()
    workshop.cache.close()
    return Searcher(store.open(), WordEmbedder())
