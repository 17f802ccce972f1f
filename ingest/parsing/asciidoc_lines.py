"""The lines of an AsciiDoc file after its preprocessor: attributes set in, conditions and comments resolved.

Nothing is included from other files. Conditions on attributes that the file does not set are the choice of
whoever builds the site; what stands under them is kept, and the reader is told.
"""

import re
from dataclasses import dataclass, field

_ATTRIBUTE = re.compile(r"^:(!?)([A-Za-z0-9_][\w-]*)(!?):(?:[ \t]+(.*))?$")
_REFERENCE = re.compile(r"(\\?)\{([A-Za-z0-9_][\w-]*)\}")
_DIRECTIVE = re.compile(r"^(ifdef|ifndef|ifeval|endif|include)::([^\[\n]*)\[(.*)\]\s*$")
_VERBATIM = re.compile(r"^(?:-{4,}|\.{4,}|\+{4,}|`{3,}|~{4,})")
_COMMENT = re.compile(r"^/{4,}\s*$")
_SUBSTITUTED = re.compile(r"""subs\s*=\s*["']?[^\]]*(?:attributes|normal)""")
_BUILD = re.compile(r"^(?:env|backend|basebackend|safe-mode|filetype|outfilesuffix)(?:-|$)")
_LONGEST_VALUE = 2_000
_BUILT_IN = {
    "nbsp": " ",
    "zwsp": "",
    "sp": " ",
    "empty": "",
    "blank": "",
    "lt": "<",
    "gt": ">",
    "amp": "&",
    "apos": "'",
    "quot": '"',
    "plus": "+",
    "asterisk": "*",
    "vbar": "|",
    "tilde": "~",
    "caret": "^",
    "backtick": "`",
    "startsb": "[",
    "endsb": "]",
    "two-colons": "::",
    "two-semicolons": ";;",
    "backslash": "\\",
}


@dataclass(slots=True)
class Preprocessed:
    """Lines with attributes set in; `attributes` are those of the file, `warnings` what was not followed."""

    lines: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    included: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)

    def warnings(self) -> tuple[str, ...]:
        """Return one sentence for the files that were not included, one for the conditions assumed."""
        told = []
        if self.included:
            told.append(f"includes {_shown(self.included)}, which was not followed: add those files to the source")
        if self.assumed:
            told.append(f"text under conditions on {_shown(self.assumed)} was read as if each held")
        return tuple(told)


def preprocess(text: str) -> Preprocessed:
    """Return the lines of `text` that hold content."""
    found = Preprocessed()
    pass_ = _Pass(found, text.split("\n"))
    while pass_.at < len(pass_.lines):
        pass_.step()
    return found


@dataclass(slots=True)
class _Pass:
    found: Preprocessed
    lines: list[str]
    at: int = 0
    verbatim: str = ""
    substituted: bool = False
    conditions: list[bool] = field(default_factory=list)

    def step(self) -> None:
        line = self.lines[self.at]
        self.at += 1
        directive = _DIRECTIVE.match(line)
        if directive is not None:
            self._directive(directive)
        elif not all(self.conditions):
            return
        elif self.verbatim:
            if line.rstrip() == self.verbatim:
                self.verbatim = ""
            self.found.lines.append(self._resolved(line) if self.substituted else line)
        elif _COMMENT.match(line):
            self._skip_comment(line.rstrip())
        elif line.startswith("//") and not line.startswith("///"):
            return
        elif (attribute := _ATTRIBUTE.match(line)) is not None:
            self._set(attribute)
        else:
            self._text(line)

    def _text(self, line: str) -> None:
        if _VERBATIM.match(line):
            marks = line.rstrip()
            self.verbatim = marks if marks[0] != "`" else marks[: len(marks) - len(marks.lstrip("`"))]
        elif line.startswith("["):
            self.substituted = _SUBSTITUTED.search(line) is not None
        elif not line.strip():
            self.substituted = False
        self.found.lines.append(self._resolved(line))

    def _skip_comment(self, marks: str) -> None:
        while self.at < len(self.lines) and self.lines[self.at].rstrip() != marks:
            self.at += 1
        self.at += 1

    def _set(self, attribute: re.Match[str]) -> None:
        value = (attribute.group(4) or "").rstrip()
        while value.endswith(" \\") and self.at < len(self.lines):
            value = f"{value[:-2].removesuffix(' +')} {self.lines[self.at].strip()}"
            self.at += 1
        name = attribute.group(2).lower()
        if attribute.group(1) or attribute.group(3):
            self.found.attributes.pop(name, None)
        else:
            self.found.attributes[name] = self._resolved(value)[:_LONGEST_VALUE]

    def _directive(self, directive: re.Match[str]) -> None:
        name, target, content = directive.groups()
        if name == "endif":
            if self.conditions:
                self.conditions.pop()
        elif name == "include":
            if all(self.conditions):
                self.found.included.append(self._resolved(target))
        elif name == "ifeval" or not content:
            self.conditions.append(self._holds(name, target))
        elif all(self.conditions) and self._holds(name, target):
            self._text(content)

    def _holds(self, kind: str, target: str) -> bool:
        """Return whether text under a condition is kept."""
        names = [name.strip().lower() for name in re.split(r"[,+]", target) if name.strip()]
        known = [name in self.found.attributes for name in names]
        if kind == "ifeval" or not any(known):
            if names and all(_BUILD.match(name) for name in names):
                return kind == "ifndef"
            if all(self.conditions):
                self.found.assumed.append(target or "an expression")
            return True
        held = all(known) if "+" in target else any(known)
        return held if kind == "ifdef" else not held

    def _resolved(self, line: str) -> str:
        return _REFERENCE.sub(self._value, line) if "{" in line else line

    def _value(self, found: re.Match[str]) -> str:
        if found.group(1):
            return found.group()[1:]
        name = found.group(2).lower()
        return self.found.attributes.get(name, _BUILT_IN.get(name, found.group()))


def _shown(names: list[str]) -> str:
    distinct = list(dict.fromkeys(names))
    return ", ".join(repr(name) for name in distinct[:5]) + (f" and {len(distinct) - 5} more" if distinct[5:] else "")
