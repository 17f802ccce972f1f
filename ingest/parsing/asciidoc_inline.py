"""The inline markup of AsciiDoc as Markdown: links, references, emphasis, macros."""

import re

_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_QUOTED = re.compile(r"\"`(.+?)`\"|'`(.+?)`'", re.DOTALL)
_PASSED = re.compile(r"\+\+\+(.+?)\+\+\+|pass:[a-z,]*\[(.*?)\]")
_PLUS = re.compile(r"(?<![\w+])\+(?=\S)([^+\n]+?)(?<=\S)\+(?![\w+])")
_ADDRESS = re.compile(r"(?:link:)?\b((?:https?|ftp|mailto):[^\s\[\]<>]+)\[([^\]]*)\]")
_LINK = re.compile(r"\blink:([^\s\[\]]+)\[([^\]]*)\]")
_XREF = re.compile(r"\bxref:([^\s\[\]]+)\[([^\]]*)\]")
_REFERENCE = re.compile(r"<<([^<>,\n]+)(?:,\s*([^<>]+?))?>>")
_IMAGE = re.compile(r"\bimage::?([^\s\[\]]+)\[([^\]]*)\]")
_KEYS = re.compile(r"\b(?:kbd|btn):\[([^\]]*)\]")
_MENU = re.compile(r"\bmenu:([^\[\n]+)\[([^\]]*)\]")
_FOOTNOTE = re.compile(r"\bfootnote(?:ref)?:[\w-]*\[([^\]]*)\]")
_ICON = re.compile(r"\b(?:icon|anchor|indexterm2?):[^\s\[\]]*\[[^\]]*\]")
_ANCHOR = re.compile(r"\[\[[^\[\]\n]*\]\]|\[#[\w-]+\](?=#)")
_TERM = re.compile(r"\(\(\((?:.*?)\)\)\)")
_SHOWN_TERM = re.compile(r"\(\(([^()]+)\)\)")
_MARKED = re.compile(r"(?:\[[.#\w\s%-]+\])?(?<![\w#&])#(?=\S)([^#\n]+?)(?<=\S)#(?!\w)")
_ROLE = re.compile(r"\[\.[\w .-]+\](?=[*_`])")
_BOLD = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_BREAK = re.compile(r"[ \t]\+$", re.MULTILINE)
_NAMED = re.compile(r"^\s*(?:alt|title)\s*=\s*[\"']?(.*?)[\"']?\s*$")


def inline(text: str) -> str:
    """Return `text` with its markup as Markdown; code in backticks stays as it is."""
    text = _QUOTED.sub(lambda found: f'"{found.group(1) or found.group(2)}"', _BREAK.sub("", text))
    parts: list[str] = []
    position = 0
    for found in _CODE.finditer(text):
        parts.append(_prose(text[position : found.start()]))
        parts.append(_code(found))
        position = found.end()
    parts.append(_prose(text[position:]))
    return "".join(parts)


def picture(target: str, attributes: str) -> str:
    """Return an image with its alternative text, the first of its attributes or the one named `alt`."""
    alt = ""
    for number, part in enumerate(_split(attributes)):
        named = _NAMED.match(part)
        if named and (not alt or part.lstrip().startswith("alt")):
            alt = named.group(1)
        elif number == 0 and "=" not in part:
            alt = part.strip().strip("\"'")
    return f"![{alt}]({target})"


def _split(attributes: str) -> list[str]:
    return re.findall(r"(?:[^,\"]|\"[^\"]*\"?)+", attributes)


def _code(found: re.Match[str]) -> str:
    inner = found.group(2)
    if len(inner) > 2 and inner.startswith("+") and inner.endswith("+"):
        inner = inner[1:-1]
    return f"`{inner}`" if "`" not in inner else found.group()


def _prose(text: str) -> str:
    if not text:
        return text
    text = _PASSED.sub(lambda found: found.group(1) or found.group(2) or "", text)
    text = _TERM.sub("", text)
    text = _SHOWN_TERM.sub(r"\1", text)
    text = _ANCHOR.sub("", _ICON.sub("", text))
    text = _IMAGE.sub(lambda found: picture(found.group(1), found.group(2)), text)
    text = _ADDRESS.sub(lambda found: _linked(found.group(2), found.group(1)), text)
    text = _LINK.sub(lambda found: _linked(found.group(2), found.group(1)), text)
    text = _XREF.sub(lambda found: _referred(found.group(2), found.group(1)), text)
    text = _REFERENCE.sub(lambda found: _referred(found.group(2) or "", found.group(1)), text)
    text = _MENU.sub(lambda found: " > ".join(filter(None, (found.group(1), found.group(2)))), text)
    text = _FOOTNOTE.sub(r" (\1)", _KEYS.sub(r"\1", text))
    text = _MARKED.sub(r"\1", _ROLE.sub("", text))
    text = _PLUS.sub(r"`\1`", text)
    return _BOLD.sub(r"**\1**", text)


def _words(attributes: str) -> str:
    """Return the words of a link; a caret opens it in a new window, attributes follow a comma."""
    first = attributes if "=" not in attributes else next(iter(_split(attributes)), "")
    return "" if "=" in first else first.strip().strip('"').removesuffix("^").replace("[", "(")


def _linked(attributes: str, address: str) -> str:
    words = _words(attributes)
    address = address.removeprefix("mailto:") if not words else address
    return f"[{words}]({address})" if words else address


def _referred(attributes: str, target: str) -> str:
    """Return a reference: to another document as a link, within this one as its words."""
    words, target = _words(attributes), target.strip()
    if "." not in target and "/" not in target:
        return words or target.removeprefix("#").replace("_", " ").replace("-", " ").strip()
    return f"[{words or target}]({target})"
