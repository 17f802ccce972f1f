"""Read from a diff what a change does to a running system.

Only what is left counts once moved and reordered lines, comments and mere reports (logging, the text of an error) are
taken off. The readings are coarse on purpose: a few ways in which changes are known to break things, in any language.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from api.investigation.suspects.diffs import Diff, FileRole, Hunk, role_of
from api.investigation.suspects.mechanisms import Act, Mechanism
from api.investigation.suspects.quantities import amounts, lowered

_GUARD = re.compile(r"(?<![\w.])(?:if|elif|elsif|unless|guard|assert|except|catch|rescue)\b")
_LOOP = re.compile(r"(?<![\w.])(?:for|foreach|while)\b|\.(?:map|forEach|each|flatMap)\s*\(")
_CALL = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]{0,80}\])?\(")
_DEFINED = re.compile(r"(?:\bfunc(?:tion)?\b(?:\s*\([^)]{0,120}\))?|\bdef|\bfn|\bfun)\s+([A-Za-z_]\w*)")
_ASKING = re.compile(
    r"\b(?:select\b.{1,200}\bfrom|insert\s+into|update\b.{1,80}\bset|delete\s+from)\b|"
    r"\.(?:query|exec|execute|fetch|dial|request)\w*\(",
    re.IGNORECASE,
)
_REPORTING = re.compile(
    r"\b(?:log(?:ger|ging)?|slog|console|klog|zap|glog)\s*\.|\bLOG_?[A-Z]*\s*\(|\bprint(?:f|ln)?\s*\(|\bfmt\.Print|"
    r"\bhttp\.Error\(|\bwriteError\(|\.status\(\s*\d{3}\s*\)|\bWWW-Authenticate\b|\bSpanAttribute|\.setAttribute\(",
)
_SCHEMA = re.compile(r"\b(?:drop|alter|rename|truncate)\s+(?:table|column|index|view|type|constraint)\b", re.IGNORECASE)
_WAITS = re.compile(
    r"\bsleep\s*\(|\.r?lock\(\)|\bsynchronized\b|\bfor\s+update\b|\block\s+table\b|\.acquire\(|\.(?:join|wait)\(\)",
    re.I,
)
_SETTINGS = re.compile(r"\.(?:ya?ml|toml|ini|cfg|conf|properties|env|json|tfvars)$|(?:^|/)\.env", re.IGNORECASE)
_SIGNS = re.compile(r"\b(?:true|false|True|False|not|and|or|on|off|yes|no)\b|[<>=!]=?|&&|\|\||!")
_KEPT = re.compile(
    r"^(?:var\s+(\w+)\s.*(?:\[\]|map\[|make\()"
    r"|(?:static|const|let|var|final|private static)\b.*?(\w+)\s*(?::[^=]{1,60})?=\s*"
    r"(?:new\s+(?:Map|Set|\w*List|\w*Map)|\[\]|\{\})"
    r"|(\w+)\s*(?::[^=]{1,60})?=\s*(?:\[\]|\{\}|list\(|dict\(|set\(|defaultdict\())"
)
_GROWS = (
    r"\b{name}\s*=\s*append\(\s*{name}\b|\b{name}\.(?:append|add|push|put|set|extend|insert)\(|\b{name}\[[^\]]+\]\s*="
)
_BOUNDED = re.compile(
    r"evict|\blru|\bttl\b|maxsize|max_size|\bpop(?:left)?\(|\.clear\(|shift\(|delete\(|\bcap\b|truncate", re.I
)
_TEXTS = re.compile(r'"((?:[^"\\]|\\.){1,200})"|' + r"'((?:[^'\\]|\\.){1,200})'|`([^`]{1,200})`")
_NAMES = re.compile(r"[A-Za-z_]\w*")
_WORTHLESS = frozenset(
    {
        "if",
        "elif",
        "else",
        "unless",
        "guard",
        "assert",
        "except",
        "catch",
        "rescue",
        "err",
        "error",
        "return",
        "or",
        "and",
        "not",
        "is",
        "in",
    }
)
_VERSION = re.compile(r"(?<![\w.])[v^~=<>]*(\d+\.\d+)\.\d+")
_ALIKE = 0.5  # share of words that two versions of one line have in common
_MOST_PAIRED = 120  # lines of a side that are paired with the other


def acts_of(diff: Diff) -> tuple[Act, ...]:
    """Return what a diff does, in the order of its lines; INERT, UNCLEAR or UNTOLD where nothing more can be read."""
    if diff.quiet:
        return (Act(Mechanism.INERT, diff.files[0], "", ""),)
    hunks = [one for one in diff.hunks if role_of(one.file) is not FileRole.QUIET]
    if not hunks:
        return (Act(Mechanism.UNTOLD, diff.files[0] if diff.files else "", "", ""),)
    net = _Net(hunks)
    found = [act for hunk in hunks for act in _of_hunk(hunk, net)]
    if found:
        return tuple(dict.fromkeys(found))
    behaves = any(_left(hunk, net) for hunk in hunks)
    first = next((one for one in hunks if one.removed or one.added), hunks[0])
    before, after = (first.removed or ("",))[0], (first.added or ("",))[0]
    return (Act(Mechanism.UNCLEAR if behaves else Mechanism.INERT, first.file, before, after),)


class _Net:
    """What all hunks of a change take out and put in together: a line that moved is in both."""

    def __init__(self, hunks: Sequence[Hunk]) -> None:
        code = [one for one in hunks if role_of(one.file) is FileRole.CODE]
        removed = [line for hunk in code for line in hunk.removed]
        added = [line for hunk in code for line in hunk.added]
        self.moved = Counter(map(_plain, removed)) & Counter(map(_plain, added))
        self.words_added = {word for line in added for word in _NAMES.findall(line)} | {
            str(value) for line in added for value in amounts(line)
        }
        self.calls_removed = _calls(removed)
        self.calls_added = _calls(added)
        self.defined = {found for line in added for found in _DEFINED.findall(line)}
        self.guards_lost = _guards(removed) - _guards(added)
        self.asks = any(_ASKING.search(line) for line in added if _plain(line) not in self.moved)
        self.bounded = any(_BOUNDED.search(line) for line in added)

    def own(self, lines: Iterable[str]) -> list[str]:
        """Return the lines that did not just move, and do more than to report."""
        return [line for line in lines if _plain(line) not in self.moved and not _REPORTING.search(line)]


def _left(hunk: Hunk, net: _Net) -> bool:
    return bool(net.own(hunk.removed) or net.own(hunk.added))


def _of_hunk(hunk: Hunk, net: _Net) -> list[Act]:
    if role_of(hunk.file) is FileRole.DEPENDENCIES:
        return [
            Act(Mechanism.PATCHED if _is_patch(old, new) else Mechanism.DEPENDENCY, hunk.file, old, new)
            for old, new in _versions(hunk)
        ]
    removed, added = net.own(hunk.removed), net.own(hunk.added)
    pairs = _pairs(removed, added)
    found = [
        *_bounds(hunk, removed, pairs, net),
        *_guards_lost(hunk, removed, net),
        *_calls_lost(hunk, removed, added, net),
        *_repeated(hunk, added, net),
        *_growth(hunk, added, net),
        *_renamed(hunk, pairs),
        *_set_otherwise(hunk, pairs),
        *(Act(Mechanism.SCHEMA, hunk.file, "", line) for line in added if _SCHEMA.search(line)),
        *(Act(Mechanism.WAITS, hunk.file, "", line) for line in added if _WAITS.search(line)),
    ]
    around = hunk.text
    return [replace(one, around=around) for one in found]


def _plain(line: str) -> str:
    return "".join(line.split()).rstrip(",;")


def _calls(lines: Iterable[str]) -> set[str]:
    return {name for line in lines for name in _CALL.findall(line)} - {"if", "for", "while", "switch", "func", "return"}


def _guards(lines: Iterable[str]) -> int:
    return sum(len(_GUARD.findall(line)) for line in lines)


def _versions(hunk: Hunk) -> list[tuple[str, str]]:
    """Return the old and the new line of each dependency; one of them is empty where it came or went."""
    old = {line.split()[0]: line for line in hunk.removed}
    new = {line.split()[0]: line for line in hunk.added}
    return [(old.get(name, ""), new.get(name, "")) for name in sorted({*old, *new})]


def _is_patch(old: str, new: str) -> bool:
    before, after = _VERSION.search(old), _VERSION.search(new)
    return before is not None and after is not None and before.group(1) == after.group(1)


def _pairs(removed: Sequence[str], added: Sequence[str]) -> list[tuple[str, str]]:
    """Return each line that was taken out with the one that took its place: the one most like it, each used once."""
    free = {place: (_named(other), other) for place, other in enumerate(added[:_MOST_PAIRED])}
    found: list[tuple[str, str]] = []
    for line in removed[:_MOST_PAIRED]:
        own = _named(line)
        alike, place = max(((_alike(own, names), -place) for place, (names, _) in free.items()), default=(0.0, 0))
        if alike >= _ALIKE:
            found.append((line, free.pop(-place)[1]))
    return found


def _named(line: str) -> Counter[str]:
    """Return the names of a line, without what switches and compares."""
    return Counter(_NAMES.findall(_SIGNS.sub(" ", line)))


def _alike(one: Counter[str], other: Counter[str]) -> float:
    both = sum(min(count, other[name]) for name, count in one.items() if name in other)
    total = one.total() + other.total() - both
    return both / total if total else 0.0


def _bounds(hunk: Hunk, removed: Sequence[str], pairs: Sequence[tuple[str, str]], net: _Net) -> list[Act]:
    paired = {before for before, _ in pairs}
    found: list[Act] = []
    for before, after in pairs:
        less = lowered(before, after)
        if less is not None:
            found.append(Act(Mechanism.TIGHTENED if less else Mechanism.LOOSENED, hunk.file, before, after))
    for line in removed:
        name = re.match(r"(?:const|final|static|let|var|val)?\s*([A-Za-z_]\w*)\s*(?::[^=]{1,40})?(?::=|=|:)", line)
        if line not in paired and amounts(line) and name and name.group(1) not in net.words_added:
            found.append(Act(Mechanism.TIGHTENED, hunk.file, line, ""))
    return found


def _guards_lost(hunk: Hunk, removed: Sequence[str], net: _Net) -> list[Act]:
    """A check is lost where fewer are left, and something that one of them asked about is asked nowhere any more."""
    if net.guards_lost <= 0:
        return []
    gone = [
        line for line in removed if _GUARD.search(line) and set(_NAMES.findall(line)) - _WORTHLESS - net.words_added
    ]
    return [Act(Mechanism.GUARD_LOST, hunk.file, line, "") for line in gone]


def _calls_lost(hunk: Hunk, removed: Sequence[str], added: Sequence[str], net: _Net) -> list[Act]:
    """A call is lost where it is made nowhere any more, and its place got no other one: that may do the same."""
    lost = _calls(removed) - net.calls_added - net.words_added
    if not lost or _calls(added) - _calls(removed):
        return []
    return [Act(Mechanism.CALL_LOST, hunk.file, line, "") for line in removed if lost & _calls([line])]


def _repeated(hunk: Hunk, added: Sequence[str], net: _Net) -> list[Act]:
    """Return new calls inside of a loop, and new questions to another system.

    A function that the same change defines from moved lines is no new work.
    """
    found = [Act(Mechanism.REPEATED_WORK, hunk.file, "", line) for line in added if _ASKING.search(line)]
    new = _calls(added) - net.calls_removed - ({*net.defined} if not net.asks else set())
    depth: int | None = None
    for line in hunk.lines:
        text = line[1:]
        if not text.strip() or line[0] == "-":
            continue
        indent = len(text) - len(text.lstrip())
        if depth is not None and indent <= depth:
            depth = None
        if depth is not None and line[0] == "+" and text.strip() in added and _dotted(text) & new:
            found.append(Act(Mechanism.REPEATED_WORK, hunk.file, "", text.strip()))
        if depth is None and _LOOP.search(text):
            depth = indent
    return found


def _dotted(line: str) -> set[str]:
    """Return the calls of a line that go to another object: those of its own language's words stay out."""
    return set(re.findall(r"[\w)\]]\.([A-Za-z_]\w*)\(", line))


def _growth(hunk: Hunk, added: Sequence[str], net: _Net) -> list[Act]:
    kept = {
        name
        for line in hunk.lines
        if line[0] == "+" and line[1:2].strip()
        for match in [_KEPT.match(line[1:])]
        if match
        for name in match.groups()
        if name
    }
    if net.bounded:
        return []
    return [
        Act(Mechanism.GROWTH, hunk.file, "", line)
        for line in added
        for name in sorted(kept)
        if re.search(_GROWS.format(name=re.escape(name)), line)
    ]


def _renamed(hunk: Hunk, pairs: Sequence[tuple[str, str]]) -> list[Act]:
    """Return lines with another name or key in the place of one; texts of several words are for people."""
    found: list[Act] = []
    for before, after in pairs:
        old, new = _texts(before), _texts(after)
        if old and new and any(text not in new and not text.count(" ") for text in old):
            found.append(Act(Mechanism.RENAMED, hunk.file, before, after))
    return found


def _texts(line: str) -> list[str]:
    return ["".join(groups) for groups in _TEXTS.findall(line)]


def _set_otherwise(hunk: Hunk, pairs: Sequence[tuple[str, str]]) -> list[Act]:
    """Return conditions and switches that were turned round, and settings with another value that is no amount."""
    found: list[Act] = []
    for before, after in pairs:
        if _SIGNS.sub("", before) == _SIGNS.sub("", after) and before != after:
            found.append(Act(Mechanism.FLIPPED, hunk.file, before, after))
        elif _SETTINGS.search(hunk.file) and not amounts(before) and not amounts(after):
            found.append(Act(Mechanism.SET, hunk.file, before, after))
    return found
