"""The default index store: generations of an embedded index below one directory."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ingest.errors import (
    ANOTHER_MODEL,
    KnowledgeLocked,
    KnowledgeMissing,
    ModelMismatch,
    StorageFailed,
    UsageError,
)
from ingest.knowledge.document_catalog import DocumentCatalog
from ingest.knowledge.edge_index import EdgeIndex
from ingest.knowledge.generation import GenerationReader, GenerationWriter
from ingest.knowledge.generation_files import (
    GenerationFiles,
    WriterLock,
    copy_tree,
    free_space,
    require_space,
    size_of,
    storage_failures,
)
from ingest.knowledge.index import KEPT_GENERATIONS, SCHEMA_VERSION, IndexDescription
from ingest.knowledge.payloads import description_of, description_text

# A shard allocates its log and its pages in files of 32 MiB, several at once.
_MINIMUM_FREE = 256 << 20
_RETRY_SECONDS = 0.05

_SHARD, _CATALOG, _DESCRIPTION = "shard", "documents.sqlite", "description.json"


class EdgeStore:
    """An `IndexStore` in the directory `root`, for vectors of `dimension`.

    `patience` is how many seconds `open` waits for another process to let go of a generation;
    `minimum_free` is how many bytes of disk must stay free while writing, `free` tells how many there are;
    `keep` is how many generations up to the current one stay on disk.
    """

    def __init__(
        self,
        root: Path,
        dimension: int,
        *,
        patience: float = 2.0,
        minimum_free: int = _MINIMUM_FREE,
        free: Callable[[Path], int] = free_space,
        keep: int = KEPT_GENERATIONS,
    ) -> None:
        self._files = GenerationFiles(root)
        self._dimension = dimension
        self._patience = patience
        self._minimum_free = minimum_free
        self._free = free
        self._keep = keep

    def current(self) -> int | None:
        """Return the number of the generation being served, or None before the first."""
        return self._files.current()

    def begin(self, *, fresh: bool = False) -> GenerationWriter:
        """Start the next generation as a copy of the current one, or empty where `fresh`.

        Raises KnowledgeLocked while another writer is at work, StorageFailed where the directory cannot be
        written, ModelMismatch where the current generation is of another format or dimension.
        """
        lock = self._files.lock()
        try:
            return self._begin(lock, fresh=fresh)
        except BaseException:
            lock.release()
            raise

    def promote(self, generation: int) -> None:
        """Make a finished generation the current one, atomically, and prune all but the newest `keep` up to it."""
        self._require(generation)
        self._files.point_to(generation)
        self._files.prune(generation, self._keep)

    def discard(self, generation: int) -> None:
        """Drop a finished generation that is not the current one; unknown numbers are ignored."""
        if generation == self.current():
            raise UsageError(f"generation {generation!r} is being served and cannot be dropped; roll back first")
        self._files.remove(generation)

    def generations(self) -> list[int]:
        """Return the numbers of all complete generations, in order."""
        return self._files.finished()

    def describe(self, generation: int | None = None) -> IndexDescription:
        """Return what a generation (the current one by default) was built with, without opening it."""
        return _read_description(self._require(self._wanted(generation)))

    def open_documents(self, generation: int | None = None) -> DocumentCatalog:
        """Open the documents of a generation (the current one by default), whoever has its passages open."""
        directory = self._require(self._wanted(generation))
        _read_description(directory)
        return DocumentCatalog.open_to_read(directory / _CATALOG)

    def open(self, generation: int | None = None) -> GenerationReader:
        """Open a generation (the current one by default) for reading.

        Raises KnowledgeMissing before the first, KnowledgeLocked where another opener holds it.
        """
        return self._open_patiently(self._require(self._wanted(generation)))

    @contextmanager
    def open_apart(self) -> Iterator[GenerationReader]:
        """Open a copy of the current generation, which another process may have open, for the length of a block."""
        source = self._require(self._wanted(None))
        self._require_space(size_of(source))
        with tempfile.TemporaryDirectory(prefix="apart-", dir=self._files.root) as folder:
            with self._files.settled():
                copy_tree(source, Path(folder))
            with closing(self._open(Path(folder))) as reader:
                yield reader

    def copy_current(self, target: Path) -> int:
        """Copy the current generation into a new directory of the same layout; return its number."""
        generation = self._wanted(None)
        files = GenerationFiles(target)
        with storage_failures(target):
            files.directory(generation).mkdir(parents=True)
        with self._files.settled():
            copy_tree(self._require(generation), files.directory(generation))
        files.point_to(generation)
        return generation

    def _wanted(self, generation: int | None) -> int:
        wanted = generation if generation is not None else self.current()
        if wanted is None:
            raise KnowledgeMissing(
                f"nothing was ingested into {str(self._files.root)!r} yet; run groundwatch ingest PATH"
            )
        return wanted

    def _open_patiently(self, directory: Path) -> GenerationReader:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return self._open(directory)
            except KnowledgeLocked:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_RETRY_SECONDS)

    def _open(self, directory: Path) -> GenerationReader:
        description = _read_description(directory)
        with self._files.settled():
            passages = EdgeIndex.load(directory / _SHARD)
        catalog = DocumentCatalog.open_to_read(directory / _CATALOG)
        try:
            return GenerationReader(description, passages, catalog)
        except StorageFailed:
            passages.close()
            catalog.close()
            raise

    def _begin(self, lock: WriterLock, *, fresh: bool) -> GenerationWriter:
        current = self.current()
        number = max([current or 0, *self._files.finished()]) + 1
        self._files.clear_leftovers(number)
        copied = self._require(current) if current is not None and not fresh else None
        previous = self._described_to_copy(copied) if copied is not None else None
        self._require_space(size_of(copied) if copied is not None else 0)
        building = self._files.building(number)

        def complete(description: IndexDescription) -> None:
            _write_description(building, description)
            self._files.complete(number)

        def release() -> None:
            shutil.rmtree(building, ignore_errors=True)  # gone already where it was completed
            lock.release()

        try:
            passages, catalog = self._start(building, copied)
        except BaseException:
            release()
            raise
        return GenerationWriter(
            passages,
            catalog,
            generation=number,
            dimension=self._dimension,
            previous=previous,
            guard=self._require_space,
            complete=complete,
            release=release,
        )

    def _start(self, building: Path, copied: Path | None) -> tuple[EdgeIndex, DocumentCatalog]:
        if copied is None:
            passages = EdgeIndex.create(building / _SHARD, self._dimension)
            return passages, DocumentCatalog.create(building / _CATALOG)
        with self._files.settled():
            copy_tree(copied, building)
        return EdgeIndex.load(building / _SHARD), DocumentCatalog.open_to_write(building / _CATALOG)

    def _require(self, generation: int) -> Path:
        directory = self._files.directory(generation)
        if not directory.is_dir():
            raise KnowledgeMissing(
                f"generation {generation!r} is not in {str(self._files.root)!r} (there are: "
                f"{self._files.finished()!r}); run groundwatch ingest --rebuild"
            )
        return directory

    def _require_space(self, beyond: int = 0) -> None:
        root = self._files.root
        require_space(root, free=self._free(root), needed=self._minimum_free + beyond)

    def _described_to_copy(self, directory: Path) -> IndexDescription:
        description = _read_description(directory)
        if description.dimension != self._dimension:
            raise ModelMismatch(
                f"the index at {str(directory)!r} holds vectors of {description.dimension!r} dimensions "
                f"({description.model!r}), the configured model makes {self._dimension!r}; {ANOTHER_MODEL}"
            )
        return description


def _read_description(directory: Path) -> IndexDescription:
    """Return the description of a finished generation.

    Raises StorageFailed where it cannot be read, ModelMismatch where another version of Groundwatch wrote it.
    """
    path = directory / _DESCRIPTION
    with storage_failures(path):
        text = path.read_text(encoding="utf-8")
    try:
        description = description_of(text)
    except (ValueError, KeyError, TypeError) as error:
        raise StorageFailed(f"{str(path)!r} is damaged ({error!r}); run groundwatch ingest --rebuild") from error
    if description.schema_version != SCHEMA_VERSION:
        raise ModelMismatch(
            f"the index at {str(directory)!r} has format {description.schema_version!r} and this version of "
            f"Groundwatch reads format {SCHEMA_VERSION!r}; run groundwatch ingest --rebuild"
        )
    return description


def _write_description(directory: Path, description: IndexDescription) -> None:
    path = directory / _DESCRIPTION
    with storage_failures(path):
        path.write_text(description_text(description), encoding="utf-8")
