"""Whether a statement is plain text at all: no hidden characters, markup, links or words to a model."""

import re
import unicodedata
from collections.abc import Sequence

from api.writing.addressing import addresses_a_model
from api.writing.checks_quotes import Support

LONGEST = 600
"""Characters of a sentence or step; a command may be as long as it is in its document."""

_URL = re.compile(r"(?:[a-z][a-z0-9+.\-]{1,15}://|www\.|mailto:|javascript:|data:)[^\s`)\]>\"']+", re.IGNORECASE)
_MARKUP = re.compile(
    r"!?\[[^\]\n]*\]\([^)\n]*\)|!\[|</?[a-zA-Z][^<>\n]*>|&#?\w{2,8};|^\s*(?:#{1,6}\s|```|~~~)|\]\s*\[|<!--",
    re.MULTILINE,
)
_PUNCTUATION = frozenset("“”\u2018’–—…·•→←≥≤×±°µ%€£\u00a0\u202f")
_HARMLESS = (("://", "[:]//"), ("](", "] ("), ("<", "\u2039"), (">", "\u203a"))


def check_surface(text: str, supports: Sequence[Support], *, command: bool) -> str | None:
    """Return why a statement is not fit to be shown whatever it says, or None."""
    if not text.strip():
        return "it is empty"
    if len(text) > LONGEST and not command:
        return f"it has {len(text)} characters, at most {LONGEST} are shown as one statement"
    source = "\n".join(one.citation.quote for one in supports) + "\n".join(one.text for one in supports)
    return _characters(text, source, command=command) or _marked_up(text, source) or _addressed(text, supports)


def plain_text(text: str, longest: int = 300) -> str:
    """Return a text that can be shown anywhere: one line, nothing invisible, no link that could be followed."""
    kept = "".join(one if one.isprintable() else " " for one in text[: 4 * longest])
    folded = " ".join(
        kept.replace("://", "[:]//").replace("](", "] (").replace("<", "\u2039").replace(">", "\u203a").split()
    )
    return folded if len(folded) <= longest else f"{folded[: longest - 1]}…"


def _characters(text: str, source: str, *, command: bool) -> str | None:
    for one in text:
        if one in ("\n", "\t") and command:
            continue
        if not one.isprintable() or unicodedata.category(one) in ("Cf", "Cc", "Co", "Cn", "Mn"):
            return f"it holds a character that nobody sees (U+{ord(one):04X})"
        if not one.isascii() and one not in _PUNCTUATION and one not in source:
            return f"it holds “{one}” (U+{ord(one):04X}), which its source does not"
    return None


def _marked_up(text: str, source: str) -> str | None:
    bare, plain = (re.sub(r"`[^`\n]*`", "``", one) for one in (text, source))
    for found in _URL.finditer(text):
        if found.group().rstrip(".,:;") not in source:
            return f"it names an address that its source does not: {plain_text(found.group(), 60)}"
    for found in _MARKUP.finditer(bare):
        if found.group() not in plain:
            return "it holds markup that its source does not"
    return None


def _addressed(text: str, supports: Sequence[Support]) -> str | None:
    if addresses_a_model(text):
        return "it speaks to a reader that is a machine, or as one"
    if any(addresses_a_model(one.text) or addresses_a_model(one.citation.quote) for one in supports):
        return "the words it cites address a language model"
    return None
