"""Batches as bytes: what goes to a worker is what it needs, and what comes back is what this process would make."""

from collections.abc import Sequence

import numpy as np

from flows.worker_batches import documents_to_read, readings_of, texts_to_embed, vectors_of, work_on
from ingest.knowledge.manifest import DocumentState, ManifestRow
from ingest.reading import Reader
from ingest.sources.source import SourceEntry
from tests.fakes import FakeEmbedder, FakeSource

PAGES = {f"page{number}.md": f"# Page {number}\n\nText {number}.\n" for number in range(200)}


def test_documents_are_read_on_a_worker_as_they_would_be_here() -> None:
    reader, entries = reader_of(PAGES)

    readings = readings_of(work_on(documents_to_read(reader, entries[:5])))

    here = reader.read_all(entries[:5])
    assert [(one.document, one.passages) for one in readings] == [(one.document, one.passages) for one in here]


def test_a_batch_carries_nothing_of_the_documents_outside_it() -> None:
    long = {f"page{number}.md": "# Page\n\nText.\n" for number in range(200)}
    reader, entries = reader_of(long, known="x" * 10_000)

    assert len(documents_to_read(reader, entries[:1])) < 60_000


def test_texts_are_embedded_on_a_worker_as_they_would_be_here() -> None:
    embedder = FakeEmbedder()

    vectors = vectors_of(work_on(texts_to_embed(embedder, ["a", "b"])))

    assert np.array_equal(vectors, embedder.embed_passages(["a", "b"]))


def reader_of(pages: dict[str, str], known: str = "") -> tuple[Reader, Sequence[SourceEntry]]:
    """Return a reader of a source, with a row of an earlier run for each page, and the source's entries."""
    source = FakeSource(pages)
    rows = {path: (ManifestRow("wiki", path, path, DocumentState.FAILED, "before", reason=known),) for path in pages}
    embedder = FakeEmbedder()
    reader = Reader(
        source=source,
        previous=rows,
        corrections={},
        count_tokens=embedder.count_tokens,
        model=embedder.model,
        max_bytes=1_000_000,
    )
    return reader, source.snapshot().entries
