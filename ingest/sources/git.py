"""A git repository as a source: the files of one branch as of its last commit, read without a checkout."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import NoReturn

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.codeowners import PLACES, CodeOwners
from ingest.sources.git_command import GitCommand, GitFailed
from ingest.sources.git_failures import explanation
from ingest.sources.git_history import LastChange, last_changes
from ingest.sources.git_mirror import GitMirror
from ingest.sources.git_remote import folder_name, link, link_template, remote_of, token_settings
from ingest.sources.git_repository import GitRepository
from ingest.sources.git_selection import SelectedFile, Selection, is_document, measured, select
from ingest.sources.git_symlinks import follow_links, link_oids
from ingest.sources.source import Snapshot, SourceEntry

_BRANCHES_SHOWN = 10


class GitSource:
    """The documents of a git repository, local or remote.

    `url` is an https, ssh or file URL, or a folder; a folder is read at the commit of its branch or HEAD, so
    what is not committed is not seen. `branch` may name a tag too. Paths count from `subpath`. `web_url` is
    the repository's page, or a template with {commit} and {path}; known hosts need none. A remote is copied
    into `cache_dir`, which processes that fetch must share with the one that took the snapshot.
    """

    def __init__(
        self,
        *,
        name: str,
        url: str,
        cache_dir: Path,
        branch: str | None = None,
        subpath: str = "",
        web_url: str | None = None,
        token: str | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._remote = remote_of(url)
        self._settings = token_settings(self._remote, token)
        self._branch = branch
        self._folder = _subpath(subpath)
        self._web_url = web_url
        self._include, self._exclude = tuple(include), tuple(exclude)
        self._cache = cache_dir / folder_name(self._remote)
        self._commit = ""
        self._git_dir: Path | None = None

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""
        return self._name

    @property
    def location(self) -> str:
        """The repository's address, then `#branch` and `:subpath` where they are set."""
        place = f"{self._branch or ''}{':' + self._folder if self._folder else ''}"
        return self._remote.url + (f"#{place}" if place else "")

    @property
    def url_prefix(self) -> str | None:
        """None: each entry has a link of its own, pinned to the last commit that changed it."""
        return None

    def snapshot(self) -> Snapshot:
        """List the documents of the branch's last commit; `fetch` reads from that very commit."""
        with self._explained():
            repository = self._open()
            commit = self._resolve(repository)
            entries, submodules = self._entries(repository, commit)
        self._commit, self._git_dir = commit, repository.git.git_dir
        # Not a gap in the listing of this repository, so the snapshot stays complete.
        notes = tuple(
            f"{path!r} is a submodule, another repository; declare that one as a source to read it"
            for path in submodules
        )
        return Snapshot(self._name, tuple(entries), True, notes, commit)

    def fetch(self, path: str) -> bytes:
        """Return the content that `path` has at the commit of the snapshot."""
        parts = path.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\n" in path or "\0" in path:
            raise DocumentUnreadable(f"{path!r} is no path of this repository")
        if not is_document(path, self._include, self._exclude):
            raise DocumentUnreadable(f"{path!r} is not among the documents of this source")
        if not self._commit:
            self.snapshot()
        try:
            repository = GitRepository(GitCommand(self._git_dir))
            found = repository.read(self._commit, self._full(path))
            if found.kind == "missing" and not repository.holds(self._commit):
                raise GitFailed(f"the commit is not in {self._cache.parent}; all processes must share the cache")
        except GitFailed as error:
            raise DocumentUnavailable(f"cannot be read from commit {self._commit[:12]}: {error}") from error
        if found.kind != "blob":
            raise DocumentUnreadable(f"is not a file of commit {self._commit[:12]} ({found.kind})")
        return found.body

    def _mirror(self) -> GitMirror:
        return GitMirror(self._remote, self._cache.with_name(self._cache.name + ".git"), self._settings)

    def _open(self) -> GitRepository:
        return GitRepository.at(Path(self._remote.url)) if self._remote.is_local else self._mirror().repository

    def _resolve(self, repository: GitRepository) -> str:
        if self._remote.is_local:
            if self._branch is None:
                return repository.commit("HEAD")
            tips = repository.branches()
            return repository.commit(tips.get(self._branch) or self._no_such_branch(tips))
        heads = self._mirror().heads()
        wanted = [f"refs/heads/{self._branch}", f"refs/tags/{self._branch}"] if self._branch else [heads.default]
        ref = next((one for one in wanted if one in heads.refs), None)
        if ref is None:
            self._no_such_branch([one.split("/", 2)[2] for one in heads.refs])
        return self._mirror().bring(ref, heads.refs[ref])

    def _no_such_branch(self, known: Iterable[str]) -> NoReturn:
        names = sorted(known)
        listed = ", ".join(map(repr, names[:_BRANCHES_SHOWN])) or "(none, the repository is empty)"
        more = f" and {len(names) - _BRANCHES_SHOWN} more" if len(names) > _BRANCHES_SHOWN else ""
        wanted = f"no branch or tag {self._branch!r}" if self._branch else "no default branch"
        raise SourceUnreadable(f"source {self._name!r}: {self._remote.url!r} has {wanted}; it has {listed}{more}")

    def _entries(self, repository: GitRepository, commit: str) -> tuple[list[SourceEntry], list[str]]:
        selection = select(repository.tree(commit, self._folder), self._include, self._exclude)
        listed = self._listed(repository, commit, selection)
        oids = {file.path: file.link_oid or file.oid for file in listed}
        describe = _Description(
            folder=self._folder,
            commit=commit,
            changes=last_changes(repository, commit, self._folder, oids, self._memory()),
            cut_off=repository.shallow_commits(),
            owners=self._owners(repository, commit),
            template=link_template(self._remote.url, self._web_url)
            or link_template(repository.setting("remote.origin.url"), None),
        )
        entries = {file.path: describe.entry(file) for file in (*listed, *selection.misnamed)}
        return [entries[path] for path in sorted(entries)], selection.submodules

    def _listed(self, repository: GitRepository, commit: str, selection: Selection) -> list[SelectedFile]:
        self._bring(commit, selection.oids | link_oids(repository, commit, selection.links))
        linked = follow_links(repository, commit, self._folder, selection.links)
        self._bring(commit, {file.oid for file in linked})
        files = (SelectedFile(item.path, item.oid) for item in selection.files)
        return measured(repository, (*files, *linked))

    def _bring(self, commit: str, oids: set[str]) -> None:
        if oids and not self._remote.is_local:
            self._mirror().bring_bodies(commit, oids)

    def _owners(self, repository: GitRepository, commit: str) -> CodeOwners:
        oid = next((item.oid for item in repository.items(commit, PLACES) if not item.is_link), None)
        if oid is None:
            return CodeOwners()
        self._bring(commit, {oid})
        return CodeOwners.parse(repository.bodies([oid])[oid])

    def _memory(self) -> Path:
        selected = "\n".join([self._folder, *self._include, "", *self._exclude])
        return self._cache.with_name(f"{self._cache.name}-{sha256(selected.encode()).hexdigest()[:8]}.history")

    def _full(self, path: str) -> str:
        return str(PurePosixPath(self._folder, path))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except GitFailed as error:
            raise SourceUnreadable(
                f"source {self._name!r}: {self._remote.url!r} cannot be read: "
                f"{explanation(str(error), self._branch, self._folder)}"
            ) from error
        except OSError as error:
            raise SourceUnreadable(
                f"source {self._name!r}: the cache {str(self._cache.parent)!r} cannot be used: {error.strerror}; "
                "check its permissions and the space on its disk"
            ) from error


@dataclass(frozen=True, slots=True)
class _Description:
    """What is known of the files of one commit."""

    folder: str
    commit: str
    changes: Mapping[str, LastChange]
    cut_off: frozenset[str]
    owners: CodeOwners
    template: str | None

    def entry(self, file: SelectedFile) -> SourceEntry:
        full = str(PurePosixPath(self.folder, file.path))
        change = self.changes.get(file.path)
        # The last commit that changed the file, not the newest one: the link stays while the file does.
        pinned = change.commit if change else self.commit
        return SourceEntry(
            path=file.path,
            fingerprint=file.oid,
            size=file.size,
            url=link(self.template, pinned, full) if self.template else None,
            updated_at=change.date if change and change.commit not in self.cut_off else None,
            problem=file.problem,
            owners=self.owners.owners_of(full),
        )


def _subpath(subpath: str) -> str:
    parts = [part for part in subpath.split("/") if part not in ("", ".")]
    if ".." in parts or any(not letter.isprintable() for letter in subpath):
        raise UsageError(f"{subpath!r} is no folder inside a repository; give it as in 'docs/runbooks'")
    return "/".join(parts)
