"""Which paths of a git commit are documents, and what is wrong with those that cannot be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ingest.sources.folder import _ASSETS, DEFAULT_EXCLUDES
from ingest.sources.git_repository import GitRepository, TreeItem
from ingest.sources.globs import matches_any

_LFS_MARK = b"version https://git-lfs.github.com/spec/"
_LFS_BYTES = range(60, 1024)  # the specification's limit; no pointer is shorter


@dataclass(frozen=True, slots=True)
class SelectedFile:
    """A document of a commit; `oid` is its content, that of the target for a link."""

    path: str
    oid: str
    size: int = 0
    problem: str | None = None
    link_oid: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The paths that count as documents, before sizes and links are looked up."""

    files: list[TreeItem] = field(default_factory=list)
    links: list[TreeItem] = field(default_factory=list)
    misnamed: list[SelectedFile] = field(default_factory=list)
    submodules: list[str] = field(default_factory=list)

    @property
    def oids(self) -> set[str]:
        """The contents of files and links."""
        return {item.oid for item in (*self.files, *self.links)}


def is_document(path: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Tell whether a path counts as a document by its name."""
    if PurePosixPath(path).suffix.lower() in _ASSETS or matches_any(path, (*DEFAULT_EXCLUDES, *exclude)):
        return False
    return not include or matches_any(path, include)


def select(items: Iterable[TreeItem], include: Sequence[str], exclude: Sequence[str]) -> Selection:
    """Pick the documents out of a listing."""
    selection = Selection()
    for item in items:
        readable = item.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if item.is_submodule:
            if not matches_any(readable, (*DEFAULT_EXCLUDES, *exclude)):
                selection.submodules.append(readable)
        elif not is_document(readable, include, exclude):
            continue
        elif readable != item.path or any(letter in item.path for letter in "\n\r\\"):
            selection.misnamed.append(_misnamed(readable, item.oid))
        else:
            (selection.links if item.is_link else selection.files).append(item)
    return selection


def measured(repository: GitRepository, files: Iterable[SelectedFile]) -> list[SelectedFile]:
    """Return the files with their sizes; pointers of Git LFS get the problem that they are."""
    listed = list(files)
    sizes = repository.sizes(file.oid for file in listed if not file.problem)
    bodies = repository.bodies(oid for oid, size in sizes.items() if size in _LFS_BYTES)
    pointers = {oid for oid, body in bodies.items() if body.startswith(_LFS_MARK)}
    return [_sized(file, sizes.get(file.oid), file.oid in pointers) for file in listed]


def _sized(file: SelectedFile, size: int | None, is_pointer: bool) -> SelectedFile:
    if file.problem:
        return file
    problem = None
    if size is None:
        problem = "its content is missing from the repository; run 'git fsck' there"
    elif is_pointer:
        problem = (
            "is stored in Git LFS, and the repository holds only a pointer to it; take it out of LFS "
            "(git lfs migrate export), or declare a checkout made with LFS enabled as a folder"
        )
    return SelectedFile(file.path, file.oid, size or 0, problem, file.link_oid)


def _misnamed(path: str, oid: str) -> SelectedFile:
    readable = "".join(letter if letter.isprintable() else "�" for letter in path)
    return SelectedFile(
        readable, oid, problem="has a name that is not UTF-8, or a line break or backslash in it; rename it"
    )
