"""Words of a document, escaped, with the marks that stand for secrets shown as labels."""

import re

from markupsafe import Markup, escape

_MARK = re.compile(r"⟦secret [a-z0-9-]{1,60}⟧")
_WORDS = "A secret stood here. It was replaced before anything was stored."


def data_markup(text: str) -> Markup:
    """Return `text` letter for letter; only the marks of secrets look different."""
    pieces: list[Markup] = []
    position = 0
    for match in _MARK.finditer(text):
        pieces += [escape(text[position : match.start()]), _label(match[0])]
        position = match.end()
    return Markup("").join([*pieces, escape(text[position:])])


def _label(mark: str) -> Markup:
    return Markup('<span class="gw-secret" title="{}">{}</span>').format(_WORDS, mark)
