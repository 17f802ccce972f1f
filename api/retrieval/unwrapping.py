"""What people paste in place of a question, to the words in it: alert payloads, log lines and stack traces."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PREFIX = re.compile(r"^\s*\[(?:FIRING|RESOLVED|ALERTING|OK|NO DATA|TRIGGERED)(?::\d+)?\]\s*", re.IGNORECASE)
_TIME = re.compile(
    r"^\s*[\[(]?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|"
    r"[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d|\d\d:\d\d:\d\d(?:[.,]\d+)?|[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+)[\])]?\s*"
)
_LEVEL = re.compile(
    r"^\s*[\[(|]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|CRITICAL|CRIT|FATAL|SEVERE|PANIC|LOG)[\])|:]*\s+"
)
_ORIGIN = re.compile(r"^\s*\d{1,7}\s+\S+\.go:\d+\]\s*")  # klog: process and place in the code
_NUMBERED = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{16,}\b"
)
_LOGFMT = re.compile(r"\b(?:msg|message|error|err)=\"((?:[^\"\\]|\\.)*)\"")
_FRAME = re.compile(
    r"^\s*(?:at\s+(?P<java>[\w.$<>]+)\(|File \"[^\"]*\", line \d+, in (?P<python>\w+)|"
    r"(?P<go>[\w/*-]+\.[\w.()*]+)\([^)]*\)$)"
)
_THROWN = re.compile(r"^\s*(?:Caused by:\s*|panic:\s*|Exception in thread \"[^\"]*\"\s*)?(?P<said>.*)")
_TRACE = re.compile(r"Traceback \(most recent call last\)|^\s*at [\w.$<>]+\(|^goroutine \d+ \[", re.MULTILINE)
_FRAMES = 3  # of a trace; the ones below are the framework's
_SAID = ("message", "msg", "error", "err", "log", "exception", "reason", "title", "text", "description", "summary")
_DEEPEST = 6  # levels of a payload


def unwrap(text: str) -> str:
    """Return the words to search for: of a payload its alerts, of a log line its message, of a trace what was thrown.

    Other text comes back as it is, but for a state such as "[FIRING:2]" before it.
    """
    found = _payload(text)
    if found:
        return found
    if _TRACE.search(text):
        return _trace(text) or text
    return _PREFIX.sub("", _log_line(text))


def _payload(text: str) -> str:
    """Return the words of a JSON payload; empty where it is none, or holds nothing known."""
    stripped = text.strip()
    if not stripped.startswith(("{", "[")) or not stripped.endswith(("}", "]")):
        return ""
    try:
        body = json.loads(stripped)
    except (ValueError, RecursionError):
        return ""
    alerts = list(_alerts(body, 0))
    said = alerts or [" ".join(_messages(body, 0))]
    return " ".join(dict.fromkeys(part for part in said if part))


def _alerts(body: Any, depth: int) -> Iterator[str]:
    """Yield name, summary and description of each alert of a payload, as Alertmanager and Grafana send them."""
    if depth > _DEEPEST:
        return
    if isinstance(body, Mapping):
        labels, notes = body.get("labels"), body.get("annotations")
        if isinstance(labels, Mapping) and isinstance(labels.get("alertname"), str):
            notes = notes if isinstance(notes, Mapping) else {}
            parts = (labels["alertname"], notes.get("summary"), notes.get("description"), notes.get("message"))
            yield " ".join(part for part in parts if isinstance(part, str))
            return
    values = body.values() if isinstance(body, Mapping) else body if isinstance(body, list) else ()
    for value in values:
        yield from _alerts(value, depth + 1)


def _messages(body: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(body, Mapping):
        yield from (body[name] for name in _SAID if isinstance(body.get(name), str))
        for value in body.values():
            if isinstance(value, (Mapping, list)):
                yield from _messages(value, depth + 1)
    elif isinstance(body, list):
        for value in body:
            yield from _messages(value, depth + 1)


def _trace(text: str) -> str:
    """Return what was thrown and the functions of its first frames."""
    lines = [line for line in text.splitlines() if line.strip()]
    frames: list[str] = []
    thrown: list[str] = []
    for line in lines:
        frame = _FRAME.match(line)
        if frame:
            frames.append(next(name for name in frame.groups() if name))
        elif not line.startswith((" ", "\t")) and not _TRACE.search(line) and not line.startswith("goroutine"):
            said = _THROWN.match(_log_line(line))
            thrown.append(said.group("said") if said else line)
    # Python prints the newest frame last, the others first.
    newest = frames[-_FRAMES:] if "Traceback" in text else frames[:_FRAMES]
    return " ".join(part for part in dict.fromkeys([*thrown, *newest]) if part)


def _log_line(text: str) -> str:
    """Return the message of a log line without its time, level, place and numbered ids."""
    line = text
    stamped = _TIME.match(line)
    if stamped:
        line = line[stamped.end() :]
        for pattern in (_ORIGIN, _LEVEL, _TIME):
            line = pattern.sub("", line, count=1)
    quoted = _LOGFMT.findall(line)
    if quoted:
        return " ".join(part.replace('\\"', '"') for part in quoted)
    return _NUMBERED.sub(" ", line) if stamped or _NUMBERED.search(line) else text
