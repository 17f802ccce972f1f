"""The corpus as a team would have it: a copy of its folders, each declared as a source in one yaml."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.bootstrap import open_workshop, undertake
from ingest.building import Progress, Workshop
from ingest.errors import UsageError
from ingest.pipeline import ingest
from ingest.runs import IngestResult
from ingest.settings import KnowledgeSettings


@dataclass(frozen=True, slots=True)
class DeclaredCorpus:
    """`folders` are the top folders, each of them a source of its own name, below `root`."""

    root: Path
    folders: tuple[str, ...]
    settings: KnowledgeSettings

    def files(self) -> Iterator[Path]:
        """Return every file below the folders, hidden ones too."""
        for folder in self.folders:
            yield from (path for path in (self.root / folder).rglob("*") if path.is_file())

    def workshop(self) -> Workshop:
        """Open the workshop, as every command does."""
        return open_workshop(self.settings)

    def sync(self, workshop: Workshop, progress: Progress | None = None) -> IngestResult:
        """Sync all sources in this process, as `groundwatch sync --direct` does once it has started."""
        work = undertake(workshop, [], self.settings)
        return ingest(workshop, work.sources, work.options, progress)


def declare_corpus(corpus: Path, data_dir: Path, subset: Sequence[str] = ()) -> DeclaredCorpus:
    """Copy the folders of `corpus` below `data_dir`, times of change included, and declare each as a source.

    Files are copied anew where they differ, so that what an earlier run edited is undone. Raises UsageError
    where a folder of `subset` is not there.
    """
    there = sorted(path.name for path in corpus.iterdir() if path.is_dir()) if corpus.is_dir() else []
    missing = set(subset) - set(there)
    if missing or not there:
        raise UsageError(f"not a folder of {str(corpus)!r}: {sorted(missing) or '(any)'}; check --shared and --subset")
    folders = tuple(name for name in there if not subset or name in subset)
    root = data_dir / "documents"
    root.mkdir(parents=True, exist_ok=True)
    for path in root.iterdir():
        if path.name not in folders:
            shutil.rmtree(path)
    for name in folders:
        _copy(corpus / name, root / name)
    file = data_dir / "groundwatch.yaml"
    sources = "".join(f"  - name: {name}\n    type: folder\n    path: documents/{name}\n" for name in folders)
    file.write_text(f"version: 1\nsources:\n{sources}", encoding="utf-8")
    settings = KnowledgeSettings(data_dir=data_dir.absolute(), sources_file=file.absolute(), qdrant_url=None)
    return DeclaredCorpus(root.absolute(), folders, settings)


def _copy(source: Path, target: Path) -> None:
    def differs(folder: str, names: list[str]) -> list[str]:
        """Return the names to leave out: files that are there already, as they should be."""
        there = target / Path(folder).relative_to(source)
        return [name for name in names if _same(Path(folder) / name, there / name)]

    shutil.copytree(source, target, ignore=differs, dirs_exist_ok=True, symlinks=True)


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink():
        return other.is_symlink()
    if not one.is_file() or not other.is_file():
        return False
    first, second = one.stat(), other.stat()
    return (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)
