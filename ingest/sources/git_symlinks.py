"""Where the symbolic links of a commit lead: followed inside its tree, and nowhere else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.sources.git_repository import GitRepository, TreeItem
from ingest.sources.git_selection import SelectedFile

_MOST_HOPS = 40  # as the Linux kernel has it


@dataclass(frozen=True, slots=True)
class _Tree:
    """A whole commit by path: its files and links, its folders, and where each link points."""

    items: dict[str, TreeItem]
    folders: frozenset[str]
    targets: dict[str, str]


def follow_links(repository: GitRepository, commit: str, folder: str, links: Sequence[TreeItem]) -> list[SelectedFile]:
    """Return the files that links below `folder` lead to, or why they lead nowhere.

    Links to folders are left out, as in a folder on disk.
    """
    if not links:
        return []
    items = {item.path: item for item in repository.tree(commit)}
    prefix = f"{folder}/" if folder else ""
    every_link = [item for item in items.values() if item.is_link]
    bodies = repository.bodies(item.oid for item in every_link)
    targets = {item.path: bodies[item.oid].decode("utf-8", "surrogateescape") for item in every_link}
    tree = _Tree(items, _folders(items), targets)
    followed = (_follow(tree, prefix, item) for item in links)
    return [file for file in followed if file is not None]


def link_oids(repository: GitRepository, commit: str, links: Sequence[TreeItem]) -> set[str]:
    """Return the contents that must be at hand before links can be followed: those of every link."""
    return {item.oid for item in repository.tree(commit) if item.is_link} if links else set()


def _folders(paths: Iterable[str]) -> frozenset[str]:
    folders = {""}
    for path in paths:
        while (path := path.rpartition("/")[0]) not in folders:
            folders.add(path)
    return frozenset(folders)


def _follow(tree: _Tree, prefix: str, item: TreeItem) -> SelectedFile | None:
    """Walk the names of a path one by one; a link on the way puts its own names in front of what is left."""
    left, at, hops = (prefix + item.path).split("/"), "", 0
    while left:
        name = left.pop(0)
        if name in ("", "."):
            continue
        if name == "..":
            if not at:
                return _stuck(item, "leads out of the repository; replace it with the file")
            at = at.rpartition("/")[0]
            continue
        path = f"{at}/{name}" if at else name
        if path in tree.targets:
            hops += 1
            if hops > _MOST_HOPS:
                return _stuck(item, "leads back to itself; remove it or mend it")
            if tree.targets[path].startswith("/"):
                return _stuck(item, "leads out of the repository; replace it with the file")
            left = tree.targets[path].split("/") + left
        elif path in tree.folders or (path in tree.items and not left):
            at = path
        else:
            return _stuck(item, "leads to nothing in the repository; remove it or mend it")
    found = tree.items.get(at)
    if found is None or found.is_submodule:
        return None
    return SelectedFile(item.path, found.oid, link_oid=item.oid)


def _stuck(item: TreeItem, reason: str) -> SelectedFile:
    return SelectedFile(item.path, item.oid, problem=f"is a symbolic link that {reason}", link_oid=item.oid)
