"""What became of every file below the folders that are sources: nothing may be unexplained."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from evals.declared_corpus import DeclaredCorpus
from ingest.building import Workshop
from ingest.knowledge.manifest import DocumentState, ManifestRow
from ingest.sources.folder import FolderSource

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Files that share a fate: the reason, how many they are, and one of them."""

    reason: str
    files: int
    example: str


@dataclass(frozen=True, slots=True)
class Accounting:
    """Counts of files, but for `documents` and `passages`: one file can hold several documents.

    `left_out` are no documents by their content, `by_name` by their name (hidden, a licence, an asset).
    """

    files: int
    indexed: int
    documents: int
    passages: int
    failed: tuple[Group, ...]
    left_out: tuple[Group, ...]
    by_name: tuple[Group, ...]
    unexplained: tuple[str, ...]

    @property
    def failures(self) -> int:
        """Files that failed with a reason."""
        return sum(group.files for group in self.failed)


def account_for(corpus: DeclaredCorpus, workshop: Workshop) -> Accounting:
    """Compare what is on disk with what the manifest knows."""
    every = workshop.manifest.rows()
    # Of a file with several documents those that are indexed stand for it.
    rows = {(row.source, row.file): row for row in sorted(every, key=lambda row: row.passages > 0)}
    sources = {name: FolderSource([corpus.root / name], name=name) for name in corpus.folders}
    indexed, unexplained = 0, []
    failed: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    by_name: list[tuple[str, str]] = []
    files = list(corpus.files())
    for file in files:
        source, _, path = file.relative_to(corpus.root).as_posix().partition("/")
        row, shown = rows.get((source, path)), f"{source}/{path}"
        if row is None and not sources[source].covers(file):
            by_name.append((_sort_of_name(PurePosixPath(path)), shown))
        elif row is None or (row.state is not DocumentState.INDEXED and not row.reason):
            unexplained.append(shown)
        elif row.state is DocumentState.INDEXED:
            indexed += 1
        else:
            (failed if row.state is DocumentState.FAILED else left_out).append((_said(row), shown))
    served = [row for row in every if row.passages]
    return Accounting(
        files=len(files),
        indexed=indexed,
        documents=len(served),
        passages=sum(row.passages for row in served),
        failed=_grouped(failed),
        left_out=_grouped(left_out),
        by_name=_grouped(by_name),
        unexplained=tuple(unexplained[:_SHOWN]),
    )


def _said(row: ManifestRow) -> str:
    """Return a reason without what differs from file to file: what is quoted, and numbers."""
    words = ["…" if any(mark in word for mark in "'\"0123456789") else word for word in row.reason.split()]
    return " ".join(word for place, word in enumerate(words) if word != "…" or words[place - 1 : place] != ["…"])


def _sort_of_name(file: PurePosixPath) -> str:
    if any(part.startswith(".") for part in file.parts):
        return "hidden"
    return f"ends in {file.suffix.lower()}" if file.suffix else f"is called {file.name}"


def _grouped(found: Sequence[tuple[str, str]]) -> tuple[Group, ...]:
    counts = Counter(reason for reason, _ in found)
    examples = dict(reversed(found))
    return tuple(Group(reason, count, examples[reason]) for reason, count in counts.most_common())
