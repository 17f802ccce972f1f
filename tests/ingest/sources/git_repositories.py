"""Real git repositories to read from: made by the git command, and served over HTTP by git's own backend."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ingest.sources.git import GitSource
from ingest.sources.source import SourceEntry

HOST = "https://github.com/acme/ops"
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_ALLOW_PROTOCOL": "file",
}


def git(folder: Path, *arguments: str, stdin: bytes | None = None, date: str = "") -> str:
    """Run git in a folder and return what it prints; `date` becomes the author's and the committer's."""
    dated = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date} if date else {}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, env=_ENVIRONMENT | dated, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


class WorkTree:
    """A repository with a work tree, as a person has it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        git(folder, "init", "--quiet", "--initial-branch=main")

    def write(self, path: str, text: str | bytes = "") -> None:
        """Write a file, its own path as its text unless one is given."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else (text or f"# {path}\n\nbody\n").encode())

    def commit(self, *paths: str, date: str = "2026-01-02T03:04:05Z") -> str:
        """Write the given paths, commit all there is, and return the commit."""
        for path in paths:
            self.write(path)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message=change", date=date)
        return self.head

    @property
    def head(self) -> str:
        """The commit that is checked out."""
        return git(self.folder, "rev-parse", "HEAD")


def served_copy(work: WorkTree, folder: Path) -> Path:
    """Return a bare repository beside `work` that can be pushed to and cloned in part."""
    git(work.folder, "clone", "--quiet", "--bare", ".", str(folder))
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(work.folder, "remote", "add", "origin", str(folder))
    return folder


class GitServer(ThreadingHTTPServer):
    """Serve the repositories of a folder as code hosts do; with `token`, only to who sends it."""

    daemon_threads = True

    def __init__(self, root: Path, token: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _GitHandler)
        self.root = root
        self.token = token
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """The address that the folder's repositories are below."""
        return f"http://127.0.0.1:{self.server_port}"


class _GitHandler(BaseHTTPRequestHandler):
    server: GitServer

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        self.server.asked.append(self.path)
        sent = self.headers.get("Authorization", "").removeprefix("Basic ")
        if self.server.token and base64.b64decode(sent).decode().partition(":")[2] != self.server.token:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        environment = _ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def git_server(root: Path, token: str = "") -> Iterator[GitServer]:
    """Serve the repositories of a folder while the block runs."""
    server = GitServer(root, token)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class GitWorld:
    """A repository of its own on disk; `remote` pushes each change to a bare one that is read through a mirror."""

    secret = ""

    def __init__(self, folder: Path, *, remote: bool) -> None:
        self.work = WorkTree(folder / "work")
        self.work.commit("a.md", "deep/er/b.txt", "rules/z.md")
        self.cache = folder / "cache"
        self.remote = served_copy(self.work, folder / "served.git") if remote else None

    def source(self) -> GitSource:
        url = self.remote.as_uri() if self.remote else str(self.work.folder)
        return GitSource(name="ops", url=url, cache_dir=self.cache, web_url=HOST)

    def add(self) -> None:
        self.work.write("middle.md")
        self.publish()

    def change(self, path: str) -> None:
        self.work.write(path, "# Changed\n\nanother text\n")
        self.publish()

    def remove(self, path: str) -> None:
        (self.work.folder / path).unlink()
        self.publish()

    def publish(self) -> None:
        self.work.commit()
        if self.remote:
            git(self.work.folder, "push", "--quiet", "--force", "origin", "HEAD")


def source(work: WorkTree, **terms: object) -> GitSource:
    """Return a source over the work tree, or over what `terms` say."""
    values = {"name": "ops", "url": str(work.folder), "cache_dir": work.folder.parent / "cache", **terms}
    return GitSource(**values)  # type: ignore[arg-type]  # the values of each test fit


def entries(one: GitSource) -> dict[str, SourceEntry]:
    """Take a snapshot and return its entries by path."""
    return {entry.path: entry for entry in one.snapshot().entries}
