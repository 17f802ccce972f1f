"""Do planted secrets stay out of everything that is stored, logged or answered, and how often is a mark false?"""

import io
import logging
import re
import sqlite3
import sys
import tempfile
import time
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evals.console import plain_errors, progress_line, table
from evals.secret_documents import Planted, write_documents
from evals.secret_kinds import KINDS, SecretKind, needles
from ingest.errors import GroundwatchError
from ingest.knowledge.sentence_embedder import PACKAGED_MODEL
from ingest.redaction.redactor import Redactor

if TYPE_CHECKING:
    from api.local import LocalAssistant
    from ingest.runs import IngestResult

SOURCE = "secrets"
_TEXT_FILES = frozenset({".md", ".rst", ".erb", ".html", ".txt"})
_SHOWN = 20
_HITS = 50
_EMPTY = re.compile(rb"\x00{8,}")  # the index reserves space in its files


@dataclass(frozen=True, slots=True)
class Leak:
    """A planted value that was found: where, in which document, and what kind it is."""

    kind: str
    form: str
    path: str
    place: str


@dataclass(frozen=True, slots=True)
class SecretsReport:
    """What became of the planted values, and how many characters were searched for them."""

    planted: tuple[Planted, ...]
    leaks: tuple[Leak, ...]
    searched: int


def measure_secrets(
    folder: Path,
    kinds: Sequence[SecretKind] = KINDS,
    redactor: Redactor | None = None,
    *,
    model: str = PACKAGED_MODEL,
) -> SecretsReport:
    """Make a corpus below `folder`, ingest it as a person would, and search everything that came of it.

    `model` is the embedding model, which only decides what a search finds first.
    """
    planted = write_documents(folder / "documents", kinds)
    with _listening() as log:
        result = _ingest(folder, redactor or Redactor(), model)
        answers = list(_answers(folder, planted, model))
    places = [("log", log.getvalue()), ("result", repr(result)), *answers, *_stored(folder / "data")]
    leaks = tuple(_leaks(planted, places))
    return SecretsReport(tuple(planted), leaks, sum(len(text) for _, text in places))


def _ingest(folder: Path, redactor: Redactor, model: str) -> "IngestResult":
    from evals.corpus import open_workshop
    from ingest.knowledge.sentence_embedder import SentenceEmbedder
    from ingest.pipeline import ingest
    from ingest.runs import Options
    from ingest.sources.folder import FolderSource

    workshop = open_workshop(folder / "data", SentenceEmbedder(model))
    try:
        return ingest(workshop, [FolderSource([folder / "documents"], name=SOURCE)], Options(redactor=redactor))
    finally:
        workshop.close()


def _answers(folder: Path, planted: Sequence[Planted], model: str) -> Iterator[tuple[str, str]]:
    """Yield what the API says of the made corpus: status, documents, each document, searches and answers."""
    from api.schemas.answers import AskRequest

    with closing(_assistant(folder / "data", model)) as assistant:
        yield "status", assistant.status().model_dump_json()
        for document_id in _listed(assistant):
            yield f"document {document_id}", _document(assistant, document_id)
        kinds, forms = (dict.fromkeys(names) for names in zip(*((one.kind, one.form) for one in planted), strict=True))
        for words in (*kinds, *forms):
            yield f"search {words}", _found(assistant, words)
        for kind in kinds:
            yield f"answer {kind}", assistant.ask(AskRequest(question=f"What is the {kind}?")).model_dump_json(indent=1)
        for one in _one_of_each(planted):
            # Whoever asks for a value gets back the question; nothing else may hold it.
            yield f"search for a {one.kind}", _found(assistant, needles(one.value)[0])


def _found(assistant: "LocalAssistant", words: str) -> str:
    """Return what the API finds for some words, without the words, or why it refuses them."""
    from api.schemas.search import SearchRequest

    try:
        found = assistant.search(SearchRequest(query=words, limit=_HITS))
    except GroundwatchError as error:
        return str(error)
    return found.model_dump_json(exclude={"query"}, indent=1)


def _one_of_each(planted: Sequence[Planted]) -> list[Planted]:
    """Return a value of each kind, in other forms from kind to kind, and a value in each form."""
    by_kind: dict[str, list[Planted]] = {}
    for one in planted:
        by_kind.setdefault(one.kind, []).append(one)
    by_form = {one.form: one for one in planted}
    return [*(ones[number % len(ones)] for number, ones in enumerate(by_kind.values())), *by_form.values()]


def _document(assistant: "LocalAssistant", document_id: str) -> str:
    """Return what the API says of a document; of one that failed, the reason why."""
    try:
        return assistant.document(document_id).model_dump_json(indent=1)
    except GroundwatchError as error:
        return str(error)


def _listed(assistant: "LocalAssistant") -> Iterator[str]:
    offset = 0
    while True:
        page = assistant.documents(source=None, state=None, kind=None, query="", offset=offset, limit=100)
        yield from (document.id for document in page.documents)
        offset += len(page.documents)
        if not page.documents or offset >= page.total:
            return


def _assistant(data: Path, model: str) -> "LocalAssistant":
    from api.bootstrap import open_local
    from api.settings import ApiSettings

    # Named here, so that no setting of the environment leads to another store.
    settings = ApiSettings(data_dir=data, embedding_model=model, qdrant_url=None, database_url=None)
    return open_local(settings).assistant


@contextmanager
def _listening() -> Iterator[io.StringIO]:
    """Keep all that is logged, at any level."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _stored(data: Path) -> Iterator[tuple[str, str]]:
    """Yield every file below the data directory as text, and every cell of its databases unpacked."""
    for file in sorted(path for path in data.rglob("*") if path.is_file()):
        name = file.relative_to(data).as_posix()
        content = file.read_bytes()
        yield f"file {name}", _EMPTY.sub(b" ", content).decode("latin-1")
        if content.startswith(b"SQLite format 3\x00"):
            yield f"cells of {name}", "\n".join(_cells(file))


def _cells(file: Path) -> Iterator[str]:
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                yield from (_readable(cell) for cell in row)


def _readable(cell: object) -> str:
    if not isinstance(cell, bytes):
        return str(cell)
    try:
        return zlib.decompress(cell).decode("utf-8", "replace")
    except zlib.error:
        return cell.decode("latin-1")


def _leaks(planted: Sequence[Planted], places: Sequence[tuple[str, str]]) -> Iterator[Leak]:
    """Search all places for every value, without regard to case: identifiers are stored case-folded.

    No value is sought beyond a line, so a line that several places hold is searched once, as the first's.
    """
    lines: dict[str, str] = {}
    for name, text in places:
        for line in text.lower().split("\n"):
            lines.setdefault(line, name)
    names = list(lines.values())
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    everything = "\n".join(lines)
    for one in planted:
        for needle in needles(one.value):
            position = everything.find(needle.lower())
            if position != -1:
                yield Leak(one.kind, one.form, one.path, names[bisect_right(starts, position) - 1])


@dataclass(frozen=True, slots=True)
class MarksReport:
    """How many marks a corpus of real documents gets, and how long finding them takes."""

    files: int
    lines: int
    marks: int
    kinds: tuple[tuple[str, int], ...]
    seconds: float


def count_marks(corpus: Path) -> MarksReport:
    """Redact every text file below `corpus` and count the marks: most are examples, which only look like secrets."""
    redactor = Redactor()
    lines = 0
    kinds: Counter[str] = Counter()
    files = sorted(path for path in corpus.rglob("*") if path.suffix in _TEXT_FILES and path.is_file())
    started = time.process_time()
    for number, file in enumerate(files, 1):
        text = file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        lines += text.count("\n") + 1
        kinds.update(mark.kind for mark in redactor.redact(text).marks)
        progress_line("redact", number, len(files))
    return MarksReport(len(files), lines, kinds.total(), tuple(kinds.most_common()), time.process_time() - started)


def render(report: SecretsReport) -> str:
    """Return a table with one line a kind: places planted, and how many of them were found anywhere."""
    planted = Counter(one.kind for one in report.planted)
    found = Counter(kind for kind, _ in {(leak.kind, leak.path) for leak in report.leaks})
    rows = [(kind, str(count), str(found[kind])) for kind, count in planted.items()]
    total = ("total", str(planted.total()), str(found.total()))
    return table(("kind", "planted", "found"), [*rows, total])


@click.command(help=__doc__)
@click.option(
    "--shared",
    type=click.Path(path_type=Path),
    default=Path("../shared"),
    show_default=True,
    help="Folder whose `corpus` of real documents is counted for false marks, where it is there.",
)
def main(shared: Path) -> None:
    """Print what was found, and end with 1 where anything was."""
    with plain_errors(), tempfile.TemporaryDirectory() as folder:
        report = measure_secrets(Path(folder))
    click.echo(render(report))
    click.echo(f"{len(report.planted)} places, {report.searched:,} characters searched")
    for leak in report.leaks[:_SHOWN]:
        click.echo(f"  found: {asdict(leak)}")
    if (shared / "corpus").is_dir():
        marks = count_marks(shared / "corpus")
        click.echo(
            f"{marks.marks} marks in {marks.lines:,} lines of {marks.files:,} real documents: "
            f"{marks.marks / marks.lines * 2000:.2f} in 2,000 lines, {marks.seconds:.0f} s of processor time"
        )
        click.echo(", ".join(f"{kind} {count}" for kind, count in marks.kinds))
    sys.exit(1 if report.leaks else 0)


if __name__ == "__main__":
    main()
