"""Words that others wrote, as Markdown that stays words: no structure, link, picture, footnote or HTML."""

import re

_LONGEST = 600
_LONGEST_CODE = 1500
# Controls, marks without width and marks that reorder text: what is shown must be what is there.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_SPECIAL = re.compile(r"[\\`*\[\]<>|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_BLOCK_START = re.compile(r"^(\d{0,9})([-#+=:.)])")
# Renderers make links of these even where the signs of Markdown are escaped; inside a code span they don't.
_ADDRESS = re.compile(r"\S*(?:://|www\.|mailto:|xmpp:|@)\S*", re.IGNORECASE)
_TICKS = re.compile(r"`+")


def prose(text: str) -> str:
    """Return words as one line; what looks like an address is set as code."""
    line = _one_line(text, _LONGEST)
    parts: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(line):
        parts += [_escaped(line[end : found.start()]), code(found.group())]
        end = found.end()
    parts.append(_escaped(line[end:]))
    return _BLOCK_START.sub(r"\1\\\2", "".join(parts))


def code(text: str) -> str:
    """Return words as a code span that they cannot leave; of no words, a mark that there are none."""
    line = _one_line(text, _LONGEST_CODE)
    if not line:
        return "(empty)"
    ticks = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def sentence(text: str) -> str:
    """Return words as one line that ends as a sentence does."""
    line = prose(text)
    return line if line.endswith((".", "!", "?", "…", "`")) else f"{line}."


def _one_line(text: str, longest: int) -> str:
    line = " ".join(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r", "\n")).split())
    return line if len(line) <= longest else f"{line[:longest].rstrip()}… ({len(line) - longest:,} characters more)"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found.group()}", text)
