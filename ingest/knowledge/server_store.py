"""The index store of a team: generations as collections of a Qdrant server, the current one by alias."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ingest.errors import ANOTHER_MODEL, KnowledgeMissing, ModelMismatch, UsageError
from ingest.knowledge.generation import GenerationReader, GenerationWriter
from ingest.knowledge.index import KEPT_GENERATIONS, SCHEMA_VERSION, IndexDescription
from ingest.knowledge.server_catalog import ServerCatalog
from ingest.knowledge.server_index import ClusterShape, QdrantServer, ServerCollection, ServerIndex


class QdrantServerStore:
    """An `IndexStore` on a Qdrant server, for vectors of `dimension`.

    Generation N is the collections `<prefix>-passages-N` and `<prefix>-documents-N`; the aliases without a
    number stand for the current one; `keep` generations up to it stay. Two writers at once are not kept apart:
    run one ingest at a time.
    """

    def __init__(self, server: QdrantServer, *, prefix: str, dimension: int, keep: int = KEPT_GENERATIONS) -> None:
        self._server = server
        self._prefix = prefix
        self._dimension = dimension
        self._keep = keep

    @classmethod
    def connect(
        cls,
        url: str,
        api_key: str | None,
        *,
        prefix: str,
        dimension: int,
        keep: int = KEPT_GENERATIONS,
        shape: ClusterShape | None = None,
    ) -> "QdrantServerStore":
        """Make the store of the server at `url`; nothing is sent yet."""
        return cls(QdrantServer.connect(url, api_key, shape), prefix=prefix, dimension=dimension, keep=keep)

    def current(self) -> int | None:
        """Return the number of the generation being served, or None before the first."""
        target = self._server.aliased(self._passages_stem)
        match = re.fullmatch(rf"{re.escape(self._passages_stem)}-(\d+)", target or "")
        return int(match[1]) if match else None

    def begin(self, *, fresh: bool = False) -> GenerationWriter:
        """Start the next generation as a copy of the current one, or empty where `fresh`.

        Raises StorageFailed where the server cannot be written, ModelMismatch where the current generation
        is of another format or dimension.
        """
        current = self.current()
        number = max([current or 0, *self.generations()]) + 1
        previous = self._described_to_copy(current) if current is not None and not fresh else None
        self._drop(number)  # what a killed run left
        try:
            passages, catalog = self._start(number, previous)
        except BaseException:
            self._drop(number)
            raise
        finished = False

        def complete(description: IndexDescription) -> None:
            nonlocal finished
            catalog.describe(description)
            finished = True

        def release() -> None:
            if not finished:
                self._drop(number)

        return GenerationWriter(
            passages,
            catalog,
            generation=number,
            dimension=self._dimension,
            previous=previous,
            guard=_no_guard,
            complete=complete,
            release=release,
        )

    def promote(self, generation: int) -> None:
        """Make a finished generation the current one, atomically, and prune all but the newest `keep` up to it."""
        self._description(generation)
        self._server.point_aliases(
            {
                self._passages_stem: f"{self._passages_stem}-{generation}",
                self._documents_stem: f"{self._documents_stem}-{generation}",
            }
        )
        older = [number for number in self._server.numbers(self._passages_stem) if number < generation]
        for number in older[: -(self._keep - 1)]:
            self._drop(number)

    def discard(self, generation: int) -> None:
        """Drop a finished generation that is not the current one; unknown numbers are ignored."""
        if generation == self.current():
            raise UsageError(f"generation {generation!r} is being served and cannot be dropped; roll back first")
        self._drop(generation)

    def generations(self) -> list[int]:
        """Return the numbers of all complete generations, in order."""
        numbers = self._server.numbers(self._documents_stem)
        return [number for number in numbers if self._catalog(number).description() is not None]

    def describe(self, generation: int | None = None) -> IndexDescription:
        """Return what a generation (the current one by default) was built with; KnowledgeMissing before the first."""
        return self._description(self._wanted(generation))

    def open_documents(self, generation: int | None = None) -> ServerCatalog:
        """Open the documents of a generation (the current one by default); KnowledgeMissing before the first."""
        wanted = self._wanted(generation)
        self._description(wanted)
        return self._catalog(wanted)

    def open(self, generation: int | None = None) -> GenerationReader:
        """Open a generation (the current one by default) for reading; KnowledgeMissing before the first."""
        wanted = self._wanted(generation)
        return GenerationReader(self._description(wanted), self._index(wanted), self._catalog(wanted))

    @contextmanager
    def open_apart(self) -> Iterator[GenerationReader]:
        """Open the current generation, which a server lets any number of readers do, for the length of a block."""
        with closing(self.open()) as reader:
            yield reader

    def copy_current(self, target: Path) -> int:
        """Raise UsageError: a server makes its own snapshots."""
        raise UsageError(
            f"the index is on the Qdrant server {self._server.place!r}, so nothing is copied to {str(target)!r}; make "
            "snapshots there of the collections behind the aliases "
            f"{self._passages_stem!r} and {self._documents_stem!r}, and copy the manifest from the data directory"
        )

    def _wanted(self, generation: int | None) -> int:
        wanted = generation if generation is not None else self.current()
        if wanted is None:
            raise KnowledgeMissing(
                f"nothing was ingested into {self._prefix!r} at {self._server.place!r} yet; run groundwatch ingest PATH"
            )
        return wanted

    @property
    def _passages_stem(self) -> str:
        return f"{self._prefix}-passages"

    @property
    def _documents_stem(self) -> str:
        return f"{self._prefix}-documents"

    def _index(self, generation: int) -> ServerIndex:
        return ServerIndex(ServerCollection(self._server, f"{self._passages_stem}-{generation}"))

    def _catalog(self, generation: int) -> ServerCatalog:
        return ServerCatalog(ServerCollection(self._server, f"{self._documents_stem}-{generation}"))

    def _start(self, number: int, previous: IndexDescription | None) -> tuple[ServerIndex, ServerCatalog]:
        passages, catalog = self._index(number), self._catalog(number)
        passages.create(self._dimension)
        catalog.create()
        if previous is not None:
            self._index(previous.generation).copy_to(passages)
            self._catalog(previous.generation).copy_to(catalog)
        return passages, catalog

    def _description(self, generation: int) -> IndexDescription:
        catalog = self._catalog(generation)
        described = catalog.description() if catalog.exists() else None
        if described is None:
            raise KnowledgeMissing(
                f"generation {generation!r} of {self._prefix!r} is not complete at {self._server.place!r} "
                f"(there are: {self._server.numbers(self._passages_stem)!r}); run groundwatch ingest --rebuild"
            )
        if described.schema_version != SCHEMA_VERSION:
            raise ModelMismatch(
                f"generation {generation!r} at {self._server.place!r} has format {described.schema_version!r} "
                f"and this version of Groundwatch reads format {SCHEMA_VERSION!r}; "
                "run groundwatch ingest --rebuild"
            )
        return described

    def _described_to_copy(self, generation: int) -> IndexDescription:
        described = self._description(generation)
        if described.dimension != self._dimension:
            raise ModelMismatch(
                f"generation {generation!r} at {self._server.place!r} holds vectors of "
                f"{described.dimension!r} dimensions ({described.model!r}), the configured model makes "
                f"{self._dimension!r}; {ANOTHER_MODEL}"
            )
        return described

    def _drop(self, generation: int) -> None:
        # The documents go first: without their description the generation counts as incomplete.
        self._server.drop(f"{self._documents_stem}-{generation}")
        self._server.drop(f"{self._passages_stem}-{generation}")


def _no_guard() -> None:
    """Do nothing: a server that has no room refuses by itself."""
