"""The knowledge that suites ask: the bundled handbook, a corpus given by folder, or what this site serves."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from api.assistant import Assistant
from evals.corpus import Bench, CorpusSource, open_bench
from evals.handbook_answers import HANDBOOK
from evals.lookalikes import Lookalikes
from evals.quality.declaration import Knowledge
from evals.quality.plain_search import PlainRanks, plain_ranks
from evals.quality.replies import Door, names_of
from evals.quality.results import Progress
from ingest.errors import KnowledgeMissing, UsageError

if TYPE_CHECKING:
    from ingest.knowledge.embedding import Embedder

_PAGE = 500

Alike = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be worked out while an index is open for itself: likenesses, and plain searches for questions."""

    alike: bool = False
    plain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Knowledge that is asked. `names` are those that its documents go by, `alike` gives those like a document.

    `plain` holds what plain searches find, by question, where it was wanted.
    """

    assistant: Door
    names: frozenset[str]
    model: str
    generation: int
    documents: int
    passages: int
    alike: Alike = lambda _path: frozenset()
    plain: Mapping[str, PlainRanks] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Premises:
    """Where knowledge is found: a folder to work in, the embedder, and the corpus where there is one."""

    work_dir: Path
    embedder: "Embedder"
    corpus: Path | None = None
    subset: tuple[str, ...] = ()


@contextmanager
def opened(kind: Knowledge, premises: Premises, wanted: Wanted, progress: Progress | None) -> Iterator[Subject]:
    """Open knowledge and close it again; a corpus is brought up to date first.

    Raises UsageError where no corpus is given, KnowledgeMissing where this site serves nothing yet.
    """
    if kind == "served":
        from api.bootstrap import open_assistant
        from api.settings import load_settings

        assistant = open_assistant(load_settings())
        try:
            yield _subject(assistant)
        finally:
            assistant.close()
        return
    work_dir, source = _bench_of(kind, premises)
    bench = open_bench(work_dir, source, premises.embedder, progress)
    try:
        alike = _likenesses(bench, progress) if wanted.alike else None
        plain = plain_ranks(bench, wanted.plain, progress)
    finally:
        bench.close()
    local = _assistant_over(work_dir)
    try:
        found = _subject(local)
        yield Subject(
            local, found.names, found.model, found.generation, found.documents, found.passages,
            alike=alike.of if alike else found.alike, plain=plain,
        )  # fmt: skip
    finally:
        local.close()


def _bench_of(kind: Knowledge, premises: Premises) -> tuple[Path, CorpusSource]:
    if kind == "handbook":
        return premises.work_dir / "handbook", CorpusSource(HANDBOOK)
    if premises.corpus is None:
        raise UsageError("this suite asks a corpus, and none is given; give --corpus")
    return premises.work_dir, CorpusSource(premises.corpus, subset=premises.subset)


def _assistant_over(work_dir: Path) -> Assistant:
    """Return the assistant of the settings over an index of its own, whatever they say of servers and databases."""
    from api.bootstrap import open_local
    from api.settings import load_settings

    own = {"data_dir": work_dir, "qdrant_url": None, "database_url": None}
    return open_local(load_settings().model_copy(update=own)).assistant


def _subject(assistant: Assistant) -> Subject:
    status = assistant.status()
    if status.generation is None or not status.documents:
        raise KnowledgeMissing("nothing is served yet; bring documents in with: groundwatch ingest PATH")
    return Subject(
        assistant=assistant,
        names=frozenset(_names(assistant)),
        model=status.model or "",
        generation=status.generation,
        documents=status.documents,
        passages=status.passages,
    )


def _names(assistant: Assistant) -> Iterator[str]:
    offset, total = 0, 1
    while offset < total:
        page = assistant.documents(source=None, state="indexed", kind=None, query="", offset=offset, limit=_PAGE)
        for document in page.documents:
            yield from names_of(document.path, document.source)
        offset, total = offset + _PAGE, page.total


def _likenesses(bench: Bench, progress: Progress | None) -> Lookalikes:
    documents = bench.reader.documents()

    def texts() -> Iterator[tuple[str, str]]:
        for number, facts in enumerate(documents, start=1):
            document = bench.reader.document(facts.id)
            yield facts.path, document.text if document is not None else ""
            if progress is not None and (number % 200 == 0 or number == len(documents)):
                progress("compare documents", number, len(documents))

    return Lookalikes(texts())
