"""Write one index generation: what to take out, what to put in, with vectors and term weights."""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from ingest.errors import ModelMismatch
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexDescription, IndexEntry, IndexWriter, Vector
from ingest.knowledge.lexical import LexicalEncoder, mean_length, passage_identifiers
from ingest.knowledge.manifest import ManifestRow
from ingest.reading import Reading

_STEP = 64  # documents between two reports

Progress = Callable[[str, int, int], None]
"""Called with a stage ("read", "embed", "build"), how much of it is done, and how much there is."""


def write_generation(
    writer: IndexWriter,
    fresh: Sequence[Reading],
    gone: Sequence[ManifestRow],
    *,
    cache: EmbeddingCache,
    embedder: Embedder,
    progress: Progress,
) -> IndexDescription:
    """Take out `gone` and the old versions of `fresh`, put `fresh` in, and finish the generation.

    Raises ModelMismatch where the generation starts from one of another model; the caller aborts.
    """
    previous = writer.previous
    if previous is not None and previous.model != embedder.model:
        raise model_mismatch(previous.model, embedder.model)
    average = previous.average_length if previous else mean_length(texts_of(fresh))
    encoder = LexicalEncoder(average)
    writer.delete_documents([row.document_id for row in (*gone, *(reading.row for reading in fresh))])
    for number, reading in enumerate(fresh, start=1):
        if reading.document is not None:
            texts = [passage.index_text for passage in reading.passages]
            writer.add(reading.document, _entries(encoder, reading, texts, cache.vectors(embedder, texts)))
        if number % _STEP == 0 or number == len(fresh):
            progress("build", number, len(fresh))
    return writer.finish(model=embedder.model, average_length=average)


def texts_of(readings: Sequence[Reading]) -> list[str]:
    """Return the texts to embed, longest first, so that a batch holds texts of like length."""
    texts = [passage.index_text for reading in readings for passage in reading.passages]
    return sorted(texts, key=len, reverse=True)


def model_mismatch(built_with: str, configured: str) -> ModelMismatch:
    """Return the error that says which model the index was built with, and what to run."""
    return ModelMismatch(
        f"the index holds vectors of {built_with!r}, the configured model is {configured!r}; set "
        "GROUNDWATCH_EMBEDDING_MODEL back, or build everything again with: groundwatch ingest --rebuild"
    )


def _entries(
    encoder: LexicalEncoder, reading: Reading, texts: Sequence[str], vectors: Sequence[Vector]
) -> list[IndexEntry]:
    stem = PurePosixPath(reading.row.path).name.split(".")[0]
    return [
        IndexEntry(
            passage,
            vector,
            encoder.passage(text),
            passage_identifiers(reading.row.title, stem, passage.heading_path, passage.identifiers),
        )
        for passage, text, vector in zip(reading.passages, texts, vectors, strict=True)
    ]
