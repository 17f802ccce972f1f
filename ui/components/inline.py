"""Words of a document as escaped markup: inline Markdown is shown, everything else stays text."""

import re

from markupsafe import Markup, escape

from ui.components.secret_marks import data_markup

_TOKEN = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)(?!`)"
    r"|!?\[(?P<label>[^\]\n]+)\]\((?P<target>[^)\s]+)[^)]*\)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|\*\*(?P<strong>(?=\S).+?(?<=\S))\*\*"
    r"|(?<![\w*])\*(?P<em>(?=\S)[^*\n]+?(?<=\S))\*(?![\w*])"
    r"|\\(?P<escaped>[\\`*_{}\[\]()#+.!|<>-])"
)
_LIST_MARKER = re.compile(r"^\s*(?:\d{1,9}[.)]|[-*+])\s+(?:\[[ xX]\]\s+)?")
_LABEL_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:])")


def inline_markup(text: str) -> Markup:
    """Return `text` on one line, with code, emphasis and web links marked up."""
    return _marked_up(" ".join(text.split()))


def without_list_marker(text: str) -> str:
    """Return a step or item without the number or bullet that stands before it in the document."""
    return _LIST_MARKER.sub("", text, count=1)


def plain_label(text: str) -> str:
    """Return `text` so that Streamlit, which reads labels as Markdown, shows it letter for letter."""
    return _LABEL_SPECIAL.sub(r"\\\1", " ".join(text.split()))


def sentence(text: str) -> str:
    """Return what the API says in words that start small and end open, as command lines want them, as a sentence.

    A path or an identifier at its start is left as it is; what starts with "is" is said of "it".
    """
    text = f"it {text}" if text.startswith("is ") else text
    first, _, _ = text.partition(" ")
    start = text[:1].upper() if first.isalpha() else text[:1]
    return start + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def web_address(url: str | None) -> str | None:
    """Return `url` where it is safe to link to: http and https only."""
    return url if url and re.match(r"https?://", url, re.IGNORECASE) else None


def _marked_up(text: str) -> Markup:
    pieces: list[Markup] = []
    position = 0
    for match in _TOKEN.finditer(text):
        pieces += [data_markup(text[position : match.start()]), _token_markup(match)]
        position = match.end()
    return Markup("").join([*pieces, data_markup(text[position:])])


def _token_markup(match: re.Match[str]) -> Markup:
    found = match.groupdict()
    if found["code"] is not None:
        return Markup("<code>{}</code>").format(data_markup(found["code"].strip() or found["code"]))
    if found["label"] is not None:
        return _link(_marked_up(found["label"]), found["target"])
    if found["auto"] is not None:
        return _link(escape(found["auto"]), found["auto"])
    if found["strong"] is not None:
        return Markup("<strong>{}</strong>").format(_marked_up(found["strong"]))
    if found["em"] is not None:
        return Markup("<em>{}</em>").format(_marked_up(found["em"]))
    return escape(found["escaped"])


def _link(label: Markup, target: str) -> Markup:
    """Link web addresses; a path inside the handbook is shown as its label only."""
    url = web_address(target)
    if url is None:
        return label
    return Markup('<a href="{}" target="_blank">{}</a>').format(url, label)
