"""The git command line: no shell, nobody's configuration, no prompts, and a time limit on everything."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

NO_TRANSPORT = "none"
"""Names no protocol: git then reads what it has and never calls anyone, whatever a repository configures."""

_READ_SECONDS = 900.0
# What git, ssh and curl need of the person's own environment; GIT_DIR and the like of a hook stay out.
_KEPT = (
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "KRB5CCNAME",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
)  # fmt: skip
_SETTINGS = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("credential.helper", ""),
    ("log.showSignature", "false"),  # would start the program that `gpg.program` names
    ("log.showRoot", "true"),
    ("log.follow", "false"),
    ("gc.autoDetach", "false"),
    ("maintenance.autoDetach", "false"),
    ("safe.directory", "*"),  # what the rule guards against, a stranger's configuration, is set aside above
    ("http.lowSpeedLimit", "100"),
    ("http.lowSpeedTime", "60"),
)


class GitFailed(Exception):
    """A git command ended with an error; `str(error)` is what git said."""


@dataclass(frozen=True, slots=True, repr=False)
class GitCommand:
    """Run git in one repository.

    `protocols` are the transports it may use, by colons. `settings` are pairs of a setting and its value;
    they reach git in its environment, so a credential among them shows in no list of processes or file.
    """

    git_dir: Path | None = None
    protocols: str = NO_TRANSPORT
    settings: tuple[tuple[str, str], ...] = ()

    def run(
        self, *arguments: str, stdin: bytes = b"", seconds: float = _READ_SECONDS, cwd: Path | None = None
    ) -> bytes:
        """Return what the command prints; raises GitFailed."""
        with _started(self._line(arguments), self._environment(cwd), cwd, subprocess.PIPE) as process:
            try:
                out, said = process.communicate(stdin, timeout=seconds)
            except subprocess.TimeoutExpired as error:
                raise GitFailed(f"git {arguments[0]} timed out after {seconds:.0f} s") from error
            finally:
                _end(process)
        if process.returncode:
            raise GitFailed(_text(said) or f"git {arguments[0]} ended with status {process.returncode}")
        return out

    def tokens(self, *arguments: str, seconds: float = _READ_SECONDS) -> Iterator[bytes]:
        """Yield what the command prints between NUL bytes while it runs; closing the iterator ends the command."""
        with (
            tempfile.TemporaryFile() as said,
            _started(self._line(arguments), self._environment(None), None, said.fileno()) as process,
        ):
            alarm = threading.Timer(seconds, _end, [process])
            alarm.start()
            try:
                yield from _split(process)
                process.wait()
            finally:
                alarm.cancel()
                _end(process)
            if process.returncode:
                said.seek(0)
                raise GitFailed(_text(said.read()) or f"git {arguments[0]} was stopped, or ran over {seconds:.0f} s")

    def _line(self, arguments: Sequence[str]) -> list[str]:
        place = [] if self.git_dir is None else [f"--git-dir={self.git_dir}"]
        return ["git", "--no-pager", "--literal-pathspecs", "--no-replace-objects", *place, *arguments]

    def _environment(self, cwd: Path | None) -> dict[str, str]:
        settings = (*_SETTINGS, *self.settings)
        given = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # A repository is looked for in the given folder only, not in those above it.
        ceiling = {} if cwd is None else {"GIT_CEILING_DIRECTORIES": str(cwd.parent)}
        return {
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20",
            **given,
            **ceiling,
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": self.protocols,
            "GIT_CONFIG_COUNT": str(len(settings)),
            **{f"GIT_CONFIG_KEY_{number}": name for number, (name, _) in enumerate(settings)},
            **{f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(settings)},
        }


def _started(
    line: Sequence[str], environment: dict[str, str], cwd: Path | None, stderr: int
) -> "subprocess.Popen[bytes]":
    streaming = stderr != subprocess.PIPE
    try:
        return subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL if streaming else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            cwd=cwd,
            start_new_session=True,  # so that what git itself starts (ssh, git-remote-https) can be ended with it
        )
    except FileNotFoundError as error:
        raise GitFailed("the command 'git' was not found") from error
    except OSError as error:
        raise GitFailed(f"git cannot be started: {error.strerror}") from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _split(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    assert process.stdout is not None
    rest = b""
    while chunk := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]  # a pipe is a BufferedReader
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _text(said: bytes) -> str:
    """Return the lines of git's words that tell why, without control characters that a server may send."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith(("fatal:", "error:", "remote:"))] or lines
    return "".join(letter for letter in "; ".join(told)[:500] if letter.isprintable())
