"""The generation that is being served: opened, leased to requests, swapped for a newer one, closed when idle."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from api.answering.answerer import Answerer
from api.answering.assessment import Assessment
from api.catalogues import Catalogues
from api.retrieval.reranking import Reranker
from api.retrieval.rewriting import Rewriter
from api.retrieval.search import Searcher, check_model
from api.visibility import visible
from ingest.errors import KnowledgeError, KnowledgeMissing, ModelMismatch, ModelUnavailable
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexDescription, IndexReader

_log = logging.getLogger(__name__)


class Generations(Protocol):
    """Where generations are found and opened."""

    def current(self) -> int | None:
        """Return the number of the current generation, or None before the first."""

    def open(self, generation: int | None = None) -> IndexReader:
        """Open a generation for reading."""


@dataclass(frozen=True, slots=True)
class Serving:
    """An open generation with what answers from it; `hidden` are the ids of documents that it must not show."""

    reader: IndexReader
    searcher: Searcher
    answerer: Answerer
    description: IndexDescription
    catalogues: Catalogues
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ServingState:
    """What is being served now: None before the first generation; `notice` says why a newer one is not."""

    description: IndexDescription | None
    notice: str


class ServedKnowledge:
    """Hand out the current generation; safe to use from many threads.

    A generation stays open until its last lease ends, so a swap fails no request. The store is asked for a
    newer one at most every `check_every` seconds; one that cannot be opened leaves the old one in place.
    Documents that only some groups may read are hidden unless one of their groups is in `labels`. `assess` says how
    answers from a generation are judged; `reranker` and `rewriter` are the options of a search.
    """

    def __init__(
        self,
        store: Generations,
        embedder: Embedder,
        *,
        check_every: float = 1.0,
        labels: frozenset[str] = frozenset(),
        assess: Callable[[IndexDescription], Assessment] = lambda _described: Assessment(),
        reranker: Reranker | None = None,
        rewriter: Rewriter | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._embedder = store, embedder
        self._check_every, self._clock = check_every, clock
        self.labels = labels
        self._assess = assess
        self._reranker, self._rewriter = reranker, rewriter
        self._guard = threading.Lock()  # the slots and their counts
        self._refreshing = threading.Lock()  # one thread at a time looks for a newer generation
        self._slot: _Slot | None = None
        self._checked_at = float("-inf")
        self._failure: KnowledgeError | None = None
        self._refused: int | None = None  # a generation of another model, which stays what it is

    @contextmanager
    def reading(self) -> Iterator[Serving]:
        """Lease the current generation to read its documents, whatever model built it.

        Raises KnowledgeMissing before the first ingest, KnowledgeLocked, StorageFailed.
        """
        slot = self._acquire()
        try:
            yield slot.serving
        finally:
            self._release(slot)

    @contextmanager
    def answering(self) -> Iterator[Serving]:
        """Lease the current generation to search it; raises ModelMismatch too."""
        with self.reading() as serving:
            check_model(serving.reader, self._embedder)
            yield serving

    def refresh(self) -> bool:
        """Look for a newer generation now and serve it; return whether the generation changed."""
        with self._refreshing:
            return self._refresh()

    def state(self) -> ServingState:
        """Return what is being served, without waiting for anything."""
        with self._guard:
            description = self._slot.serving.description if self._slot else None
            return ServingState(description, str(self._failure or ""))

    def warm_up(self) -> None:
        """Load the models and open the index, so that the first question does not wait for them.

        A reranker that cannot be loaded is only told of: a search goes on without it.
        """
        self._embedder.embed_query("warm up")
        self.refresh()
        if self._reranker is not None:
            try:
                self._reranker.scores("warm up", ["warm up"])
            except ModelUnavailable as error:
                _log.warning("documents are not read once more: %s", error)

    def close(self) -> None:
        """Let go of the generation as soon as its last lease ends."""
        with self._refreshing:
            self._replace(None)

    def _acquire(self) -> "_Slot":
        self._refresh_if_due()
        with self._guard:
            if self._slot is None:
                raise self._failure or KnowledgeMissing("nothing was ingested yet: run groundwatch ingest PATH")
            self._slot.leases += 1
            return self._slot

    def _release(self, slot: "_Slot") -> None:
        with self._guard:
            slot.leases -= 1
            idle = slot.retired and slot.leases == 0
        if idle:
            slot.serving.reader.close()

    def _refresh_if_due(self) -> None:
        """Look for a newer generation where that is due; wait for it only where there is none to serve."""
        waiting = self._slot is None
        if not waiting and self._clock() - self._checked_at < self._check_every:
            return
        if not self._refreshing.acquire(blocking=waiting):
            return
        try:
            if self._clock() - self._checked_at >= self._check_every:
                self._refresh()
        finally:
            self._refreshing.release()

    def _refresh(self) -> bool:
        current: int | None = None
        served = self._slot.serving.description.generation if self._slot else None
        try:
            current = self._store.current()
            if current is not None and current == self._refused:
                self._note(self._failure)
                return False
            if current is None or current == served:
                self._note(None)
                return False
            slot = self._open()
        except KnowledgeError as error:
            self._refused = current if isinstance(error, ModelMismatch) else None
            self._note(error)
            return False
        self._note(None)
        self._replace(slot)
        _log.info("generation=%d passages=%d serving", current, slot.serving.description.passages)
        return True

    def _open(self) -> "_Slot":
        """Open the current generation; one of another model does not take the place of one that answers."""
        before = self._slot
        reader = self._store.open()
        try:
            if before is not None and before.serving.description.model == self._embedder.model:
                check_model(reader, self._embedder)
            shown, hidden = visible(reader, self.labels)
            searcher, described = self._searcher(shown), reader.describe()
            answerer = Answerer(searcher, self._assess(described))
            return _Slot(Serving(shown, searcher, answerer, described, Catalogues(shown), hidden))
        except BaseException:
            reader.close()
            raise

    def _searcher(self, reader: IndexReader) -> Searcher:
        return Searcher(reader, self._embedder, reranker=self._reranker, rewriter=self._rewriter)

    def _note(self, failure: KnowledgeError | None) -> None:
        with self._guard:
            news = failure is not None and str(failure) != str(self._failure)
            self._failure, self._checked_at = failure, self._clock()
        if news and not isinstance(failure, KnowledgeMissing):
            _log.warning("the current generation cannot be served: %s", failure)

    def _replace(self, slot: "_Slot | None") -> None:
        with self._guard:
            before, self._slot = self._slot, slot
            if before is not None:
                before.retired = True
            idle = before is not None and before.leases == 0
        if before is not None and idle:
            before.serving.reader.close()


@dataclass(slots=True)
class _Slot:
    """An open generation with the number of requests that use it; a retired one gets no new ones."""

    serving: Serving
    leases: int = 0
    retired: bool = False
