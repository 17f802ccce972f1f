"""A folder of documents to an open index that the benchmarks measure on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.building import Progress, Workshop
from ingest.errors import UsageError
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexReader
from ingest.knowledge.manifest import Manifest
from ingest.knowledge.sentence_embedder import SentenceEmbedder
from ingest.pipeline import ingest
from ingest.runs import IngestResult, Options
from ingest.settings import KnowledgeSettings
from ingest.sources.folder import FolderSource
from ingest.sources.source import Snapshot, SourceEntry

SOURCE = "corpus"
"""Name of the one source that benchmarks ingest, so that paths stay relative to the corpus."""


class CorpusSource:
    """A folder as a source, whole or only some of its top folders.

    `paths`, where given, narrows it to exactly these documents.
    """

    url_prefix: str | None = None

    def __init__(self, folder: Path, *, subset: Sequence[str] = (), paths: frozenset[str] | None = None) -> None:
        if not folder.is_dir():
            raise UsageError(f"no such folder: {str(folder)!r}; check --corpus")
        missing = [name for name in subset if not (folder / name).is_dir()]
        if missing:
            raise UsageError(f"not a folder of {str(folder)!r}: {', '.join(map(repr, missing))}; check --subset")
        self._folder = FolderSource([folder], name=SOURCE)
        self._subset = frozenset(subset)
        self._paths = paths

    @property
    def name(self) -> str:
        """Name that every document carries."""
        return SOURCE

    @property
    def location(self) -> str:
        """The folder."""
        return self._folder.location

    def snapshot(self) -> Snapshot:
        """List the documents."""
        whole = self._folder.snapshot()
        entries = tuple(entry for entry in whole.entries if self._takes(entry))
        return Snapshot(SOURCE, entries, whole.complete, whole.problems)

    def fetch(self, path: str) -> bytes:
        """Return the bytes of one document."""
        return self._folder.fetch(path)

    def _takes(self, entry: SourceEntry) -> bool:
        if self._paths is not None and entry.path not in self._paths:
            return False
        return not self._subset or entry.path.partition("/")[0] in self._subset


@dataclass(frozen=True, slots=True)
class Bench:
    """An index that is up to date with its source, open for reading, and what bringing it there did.

    `questions` keeps the vectors of questions from run to run.
    """

    reader: IndexReader
    workshop: Workshop
    result: IngestResult
    questions: EmbeddingCache

    def close(self) -> None:
        """Close the index and the files beside it."""
        self.reader.close()
        self.questions.close()
        self.workshop.close()


def configured_embedder() -> SentenceEmbedder:
    """Return the embedder that the settings name."""
    return SentenceEmbedder(KnowledgeSettings().embedding_model)


def open_workshop(data_dir: Path, embedder: Embedder, vectors: Path | None = None) -> Workshop:
    """Return a workshop over the embedded index below `data_dir`, whatever the settings say.

    A benchmark writes its own directory and never a team's server. `vectors` names another file for the
    embedding cache, so that several indexes share what was embedded.
    """
    knowledge = data_dir / "knowledge"
    return Workshop(
        EdgeStore(knowledge, embedder.dimension),
        Manifest(knowledge / "manifest.sqlite"),
        EmbeddingCache(vectors or knowledge / "embeddings.sqlite"),
        embedder,
    )


def open_bench(
    data_dir: Path,
    source: CorpusSource,
    embedder: Embedder,
    progress: Progress | None = None,
    *,
    vectors: Path | None = None,
) -> Bench:
    """Bring the index below `data_dir` up to date with `source` and open it.

    Where the list of documents changed, the index is built anew from cached vectors: a measurement must
    not depend on what was ingested before it.
    """
    workshop = open_workshop(data_dir, embedder, vectors)
    known = {row.path for row in workshop.manifest.rows(SOURCE)}
    listed = {entry.path for entry in source.snapshot().entries}
    options = Options(rebuild=bool(known) and known != listed, confirm_deletions=True)
    result = ingest(workshop, [source], options, progress)
    questions = EmbeddingCache(data_dir / "questions.sqlite")
    return Bench(workshop.store.open(), workshop, result, questions)
