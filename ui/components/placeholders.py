"""Placeholders in commands, such as `$NAMESPACE` and `<pod>`: found once, filled everywhere."""

import re
from collections.abc import Iterable, Mapping

_PLACEHOLDER = re.compile(
    r"\$(?:\{(?P<braced>[A-Z][A-Z0-9_]+)\}|(?P<bare>[A-Z][A-Z0-9_]+)(?!\w))"
    r"|(?P<angle><[A-Za-z][\w.-]*(?: [\w.-]+){0,4}>)"
)
_ASSIGNED = re.compile(r"(?:^|[\s;(])(?:(?:read|for)\s+(?:-\w+\s+)*([A-Z][A-Z0-9_]+)|([A-Z][A-Z0-9_]+)=)", re.M)
# Set by every shell, or by awk: nobody fills these in.
_AMBIENT = frozenset({"HOME", "PATH", "USER", "PWD", "SHELL", "HOSTNAME", "RANDOM", "NF", "NR", "FS", "OFS"})
MAX_PLACEHOLDERS = 12


def placeholders_in(commands: Iterable[str]) -> list[str]:
    """Return the placeholders of `commands`, in order of appearance; not those that a command sets itself."""
    texts = list(commands)
    assigned = {first or second for text in texts for first, second in _ASSIGNED.findall(text)} | _AMBIENT
    names = [_name(match) for text in texts for match in _PLACEHOLDER.finditer(text)]
    return list(dict.fromkeys(name for name in names if name[1:] not in assigned))[:MAX_PLACEHOLDERS]


def filled(command: str, values: Mapping[str, str]) -> str:
    """Return `command` with each placeholder replaced that has a value; what is put in is not read again."""
    return _PLACEHOLDER.sub(lambda match: values.get(_name(match)) or match[0], command)


def _name(match: re.Match[str]) -> str:
    variable = match["braced"] or match["bare"]
    return f"${variable}" if variable else match["angle"]
