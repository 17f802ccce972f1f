"""Fold stack traces of Java, Python, Go and Node into their exception and the top frame of the service's own code."""

import re
from dataclasses import dataclass

_MOST_LINES = 200
_CONTINUES = r'^(?:\s+at [^\s]|\s+File "|\s+\.\.\. \d+ (?:more|common)|Caused by: |goroutine \d+ \[|\t[^\s]+\.go:\d+)'
_CONTINUATION = re.compile(_CONTINUES)
_PYTHON_FRAME = re.compile(r'^\s+File "([^"\n]{1,300})", line (\d{1,7})(?:, in (\S{1,200}))?')
_JAVA_FRAME = re.compile(r"^\s+at ([\w.$/<>@-]{1,300})\(([^()\n]{0,200})\)")
_NODE_FRAME = re.compile(r"^\s+at (?:async )?(?:([\w.$<>\[\] ]{1,200}) \()?([^()\s]{1,300}):(\d{1,7}):\d{1,7}\)?")
_GO_FRAME = re.compile(r"^\t([^\s]{1,300}\.go):(\d{1,7})")
_EXCEPTION = re.compile(
    r"(?:^|[\s:])((?:[A-Za-z_$][\w$]{0,80}[./]){0,12}[A-Z][\w$]{0,80}(?:Exception|Error|Exit|Interrupt|Fault))\b"
)
_PANIC = re.compile(r"^(?:panic|fatal error): (.{1,200})")
_LIBRARIES = (
    "java.", "javax.", "jdk.", "sun.", "com.sun.", "jakarta.", "kotlin.", "scala.", "org.springframework.",
    "org.apache.", "org.hibernate.", "io.netty.", "io.grpc.", "reactor.", "feign.", "okhttp3.", "com.zaxxer.",
    "site-packages/", "dist-packages/", "/lib/python", "<frozen", "node_modules/", "node:", "internal/",
    "/usr/local/go/src/", "/go/pkg/mod/", "runtime/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StackTrace:
    """A stack trace, folded: `frame` is the top one of the service's own code, else the top one; empty for none."""

    exception: str
    frame: str
    frames: int

    def __str__(self) -> str:
        return f"{self.exception} at {self.frame}" if self.frame else self.exception


def continues(line: str) -> bool:
    """Tell whether a line is the further part of a stack trace that an earlier one began."""
    return _CONTINUATION.match(line[:400]) is not None


def fold(text: str) -> StackTrace | None:
    """Return the stack trace that a text of several lines holds, or None."""
    lines = text.split("\n", _MOST_LINES)[:_MOST_LINES]
    if len(lines) < 2:
        return None
    frames = [frame for line in lines if (frame := _frame(line[:600])) is not None]
    if not frames:
        return None
    python = any(_PYTHON_FRAME.match(line[:600]) for line in lines)
    ordered = frames[::-1] if python else frames  # Python tells the innermost call last
    own = next((frame for frame in ordered if not _is_library(frame)), ordered[0])
    return StackTrace(_exception(lines, last=python), own, len(frames))


def _frame(line: str) -> str | None:
    if found := _PYTHON_FRAME.match(line):
        return f"{found[1]}:{found[2]}" + (f" {found[3]}" if found[3] else "")
    if (found := _JAVA_FRAME.match(line)) and not found[2].startswith(("/", "file:", "node:")) and "/" not in found[2]:
        return f"{found[1]}({found[2]})"
    if found := _NODE_FRAME.match(line):
        return f"{found[2]}:{found[3]}" + (f" {found[1]}" if found[1] else "")
    if found := _GO_FRAME.match(line):
        return f"{found[1]}:{found[2]}"
    return None


def _is_library(frame: str) -> bool:
    return any(frame.startswith(part) or (("/" in part or "<" in part) and part in frame) for part in _LIBRARIES)


def _exception(lines: list[str], *, last: bool) -> str:
    for line in reversed(lines) if last else lines:
        if found := _PANIC.match(line):
            return f"panic: {found[1]}"
        if not continues(line) and (found := _EXCEPTION.search(line[:600])):
            return found[1]
    return (lines[-1] if last else lines[0]).strip()[:120]
