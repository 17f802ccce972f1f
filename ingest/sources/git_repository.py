"""The object store of a git repository, read without a checkout: listings, sizes and contents at a commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.sources.git_command import GitCommand, GitFailed

_LINK_MODE = "120000"
_SUBMODULE_MODE = "160000"


@dataclass(frozen=True, slots=True)
class TreeItem:
    """One path of a commit; `path` counts from the listed folder and may hold surrogates for odd bytes."""

    path: str
    mode: str
    oid: str

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == _LINK_MODE

    @property
    def is_submodule(self) -> bool:
        """Whether it stands for a commit of another repository."""
        return self.mode == _SUBMODULE_MODE


@dataclass(frozen=True, slots=True)
class Found:
    """What an object name leads to: `kind` is blob, tree, or the reason why there is nothing to read."""

    kind: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class GitRepository:
    """Read objects; nothing here writes to the repository or calls a remote."""

    git: GitCommand

    @classmethod
    def at(cls, folder: Path) -> "GitRepository":
        """Open the repository that `folder` is, bare or with a work tree; raises GitFailed."""
        if not folder.is_dir():
            raise GitFailed("not a git repository: no such folder")
        found = GitCommand().run("rev-parse", "--absolute-git-dir", cwd=folder)
        return cls(GitCommand(Path(_line(found))))

    def branches(self) -> dict[str, str]:
        """Return the tips of all branches and tags by their short names; a branch wins over a tag."""
        kinds = ("refs/tags/", "refs/remotes/origin/", "refs/heads/")
        out = self.git.run("for-each-ref", "--format=%(objectname) %(refname)", *kinds)
        refs = [line.split(" ", 1) for line in _text(out).splitlines()]
        return {ref.removeprefix(kind): oid for kind in kinds for oid, ref in refs if ref.startswith(kind)}

    def commit(self, name: str) -> str:
        """Return the full name of the commit that a ref or object stands for; raises GitFailed."""
        return _line(self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))

    def holds(self, commit: str) -> bool:
        """Tell whether the commit is here."""
        try:
            return self.commit(commit) == commit
        except GitFailed:
            return False

    def setting(self, name: str) -> str:
        """Return a setting of the repository's own configuration, "" where it has none."""
        try:
            return _line(self.git.run("config", "--local", "--no-includes", "--get", name))
        except GitFailed:
            return ""

    def tree(self, commit: str, folder: str = "") -> list[TreeItem]:
        """List all that is below a folder of a commit; raises GitFailed where there is no such folder."""
        return _items(self.git.run("ls-tree", "-r", "-z", "--full-tree", f"{commit}:{folder}"))

    def items(self, commit: str, paths: Sequence[str]) -> list[TreeItem]:
        """Return what a commit has at some of the paths from its root, in the order of `paths`."""
        found = {item.path: item for item in _items(self.git.run("ls-tree", "-z", "--full-tree", commit, "--", *paths))}
        return [found[path] for path in paths if path in found]

    def missing(self, commit: str) -> set[str]:
        """Return the objects of a commit's files that a partial clone did not bring along yet."""
        out = self.git.run("rev-list", "--objects", "--no-object-names", "--missing=print", f"{commit}^{{tree}}")
        return {line[1:] for line in _text(out).splitlines() if line.startswith("?")}

    def shallow_commits(self) -> frozenset[str]:
        """Return the commits whose history is cut off: what they say about a file's last change is not true."""
        common = Path(_line(self.git.run("rev-parse", "--path-format=absolute", "--git-common-dir")))
        file = common / "shallow"
        return frozenset(file.read_text("ascii").split()) if file.is_file() else frozenset()

    def sizes(self, oids: Iterable[str]) -> dict[str, int]:
        """Return the sizes of objects in bytes, of those that are here."""
        asked = sorted(set(oids))
        out = self.git.run("cat-file", "--batch-check", "--buffer", stdin=_lines(asked))
        rows = [line.split(" ") for line in _text(out).splitlines()]
        return {row[0]: int(row[2]) for row in rows if len(row) == 3}

    def bodies(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of objects."""
        asked = sorted(set(oids))
        out = self.git.run("cat-file", "--batch", "--buffer", stdin=_lines(asked))
        return dict(zip(asked, (found.body for found in _found(out, len(asked))), strict=True))

    def read(self, commit: str, path: str) -> Found:
        """Return the content of one path of a commit, links followed inside the commit's tree."""
        out = self.git.run("cat-file", "--batch", "--follow-symlinks", stdin=_lines([f"{commit}:{path}"]))
        return _found(out, 1)[0]


def _items(out: bytes) -> list[TreeItem]:
    items = []
    for record in out.split(b"\0"):
        if record:
            head, _, path = record.partition(b"\t")
            mode, _, oid = head.decode("ascii").split(" ")
            items.append(TreeItem(path.decode("utf-8", "surrogateescape"), mode, oid))
    return items


def _found(out: bytes, count: int) -> list[Found]:
    """Take the answers of `git cat-file --batch` apart."""
    found: list[Found] = []
    start = 0
    while len(found) < count:
        end = out.index(b"\n", start)
        words = out[start:end].split(b" ")
        start = end + 1
        if words[0] in (b"symlink", b"dangling", b"loop", b"notdir") and words[-1].isdigit():
            start += int(words[-1]) + 1  # where the link leads to follows on a line of its own
            found.append(Found(words[0].decode("ascii")))
        elif len(words) == 3 and words[2].isdigit():
            size = int(words[2])
            found.append(Found(words[1].decode("ascii"), out[start : start + size]))
            start += size + 1
        else:
            found.append(Found("missing"))
    return found


def _lines(names: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")


def _text(out: bytes) -> str:
    return out.decode("utf-8", "surrogateescape")


def _line(out: bytes) -> str:
    return _text(out).removesuffix("\n")
