"""Which lines can hold a secret at all: one cheap look at a whole text, so that detectors see few lines."""

import re
from collections.abc import Iterator

from ingest.redaction.assignments import KEYWORDS

# A token of any vendor has such a run; words, paths and numbers of prose have none with a digit in it.
_RUN = re.compile(r"[A-Za-z0-9_+=~-]{16,}")
_DIGIT = re.compile(r"\d")
_HINT = re.compile(
    rf"{KEYWORDS}|auth|bearer|basic[ ]|://[^\s/@]{{0,100}}:[^\s]{{1,200}}@|:[^\s:@]{{4,100}}@(?:tcp|unix|\()|"
    rf"requirepass|identified|"
    r"[?&;](?:key|sig|signature|code|auth)=|(?<!\S)-[uapw][ \t]?\S|--(?:proxy-)?(?:user|creds?)|\{S?SHA|\$(?:apr1|"
    r"[1567y]|2[abxy]|argon2)",
    re.IGNORECASE,
)
_FOUR_COLONS = re.compile(r":(?:\d{2,5}|\*):[\w*-]{1,63}:[^\s:]{1,63}:[^\s:]")
_STEMS = (
    "pass",
    "pwd",
    "pw",
    "secret",
    "token",
    "key",
    "credential",
    "webhook",
    "sessid",
    "otp",
    "pin",
    "contrase",
    "mot",
    "kennwort",
    "auth",
    "bearer",
    "basic",
    "://",
    "@tcp",
    "@unix",
    "@(",
    "requirepass",
    "identified",
    "?sig",
    "?code",
    "&sig",
    "&code",
    "sig=",
    "-u",
    "-a",
    "-p",
    "-w",
    "--user",
    "--cred",
    "--proxy-user",
    "{sha",
    "{ssha",
    "$apr1",
    "$1",
    "$2",
    "$5",
    "$6",
    "$7",
    "$y",
    "$argon2",
    ";code",
    ";sig",
)
"""Every match of the hint holds one of these in lower case: finding them is much faster than the hint itself."""


def candidate_lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the `[start, end)` of each line, in order, that a detector should look at."""
    lines = {_line_at(text, match.start()) for match in _RUN.finditer(text) if _is_mixed(match.group())}
    lines.update(_line_at(text, match.start()) for match in _FOUR_COLONS.finditer(text))
    hinted: set[tuple[int, int]] = set()
    lowered = _lowered(text)
    for stem in _STEMS:
        hinted.update(_lines_with(lowered, stem))
    lines.update(line for line in hinted - lines if _HINT.search(text, *line))
    return iter(sorted(lines))


def has_run(line: str) -> bool:
    """Tell whether a line holds a run of characters long enough for a token of any vendor."""
    return _RUN.search(line) is not None


def _lines_with(text: str, stem: str) -> Iterator[tuple[int, int]]:
    position = text.find(stem)
    while position != -1:
        line = _line_at(text, position)
        yield line
        position = text.find(stem, line[1])


def _line_at(text: str, position: int) -> tuple[int, int]:
    end = text.find("\n", position)
    return text.rfind("\n", 0, position) + 1, len(text) if end == -1 else end


def _lowered(text: str) -> str:
    """Return the text in lower case with every character where it was: a few become two when lowered."""
    lowered = text.lower()
    return (
        lowered if len(lowered) == len(text) else "".join(one if len(one.lower()) > 1 else one.lower() for one in text)
    )


def _is_mixed(run: str) -> bool:
    return len(run) >= 32 or _DIGIT.search(run) is not None
