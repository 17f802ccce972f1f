"""A bare copy of a remote repository: history and trees in full, file contents only as they are asked for."""

import fcntl
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.sources.git_command import GitCommand, GitFailed
from ingest.sources.git_remote import Remote
from ingest.sources.git_repository import GitRepository

_CALL_SECONDS = 120.0
_FETCH_SECONDS = 3600.0
_LOCK_SECONDS = 600.0
_ORIGIN = "origin"
# A partial clone: contents of old versions, most of a repository's weight, stay away.
_FILTER = "--filter=blob:none"
_QUIETLY = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", _FILTER)


@dataclass(frozen=True, slots=True)
class Heads:
    """The branches and tags of a remote with their commits, and which of them is the default one."""

    default: str
    refs: dict[str, str]


class GitMirror:
    """Keep a copy of `remote` in `folder`; `settings` hold the credential, which is never written there."""

    def __init__(self, remote: Remote, folder: Path, settings: tuple[tuple[str, str], ...]) -> None:
        self._folder = folder
        self._remote = remote
        self._git = GitCommand(folder, remote.scheme, settings)
        self.repository = GitRepository(GitCommand(folder))

    def heads(self) -> Heads:
        """Ask the remote for its branches and tags; raises GitFailed."""
        asking = replace(self._git, git_dir=None)
        patterns = ("HEAD", "refs/heads/*", "refs/tags/*")
        out = asking.run("ls-remote", "--symref", "--", self._remote.url, *patterns, seconds=_CALL_SECONDS)
        default, refs = "", {}
        for line in out.decode("utf-8", "surrogateescape").splitlines():
            target, _, name = line.partition("\t")
            if target.startswith("ref: ") and name == "HEAD":
                default = target.removeprefix("ref: ")
            elif name.startswith("refs/") and not name.endswith("^{}"):
                refs[name] = target
        return Heads(default, refs)

    def bring(self, ref: str, tip: str) -> str:
        """Bring the commit that `ref` of the remote has now, and return it; `tip` is what it had a moment ago."""
        with self._lock():
            self._prepare()
            if self.repository.holds(tip):
                self._git.run("update-ref", ref, tip)  # what no ref leads to is removed in time
            else:
                self._git.run(*_QUIETLY, "--force", _ORIGIN, f"+{ref}:{ref}", seconds=_FETCH_SECONDS)
            return self.repository.commit(ref)

    def bring_bodies(self, commit: str, oids: Collection[str]) -> None:
        """Bring the contents that are not here yet."""
        missing = self.repository.missing(commit).intersection(oids)
        if not missing:
            return
        with self._lock():
            asked = "".join(f"{oid}\n" for oid in sorted(missing)).encode("ascii")
            negotiation = ("-c", "fetch.negotiationAlgorithm=noop")
            self._git.run(*negotiation, *_QUIETLY, "--stdin", _ORIGIN, stdin=asked, seconds=_FETCH_SECONDS)

    def _prepare(self) -> None:
        if not (self._folder / "HEAD").is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            GitCommand().run("init", "--quiet", "--bare", "--template=", "--", str(self._folder))
        # A git that was killed leaves its locks behind, and nobody else writes here.
        for stale in (*self._folder.glob("*.lock"), *self._folder.glob("refs/**/*.lock")):
            stale.unlink(missing_ok=True)
        if self.repository.setting(f"remote.{_ORIGIN}.partialCloneFilter"):
            return
        for name, value in (
            ("core.repositoryFormatVersion", "1"),
            ("extensions.partialClone", _ORIGIN),
            (f"remote.{_ORIGIN}.url", self._remote.url),
            (f"remote.{_ORIGIN}.promisor", "true"),
            (f"remote.{_ORIGIN}.partialCloneFilter", "blob:none"),
        ):
            GitCommand(self._folder).run("config", "--local", name, value)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time write to the copy; the system frees the lock of one that died."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + _LOCK_SECONDS
        with self._folder.with_name(f"{self._folder.name}.lock").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise GitFailed(f"another process holds {file.name!r}") from None
                    time.sleep(0.1)
            yield
