"""Slack's own markup (mrkdwn) as Markdown, with the names of people and channels."""

import html
import re
from collections.abc import Mapping

_CODE = re.compile(r"```(.*?)```|`([^`\n]+)`", re.DOTALL)
_REFERENCE = re.compile(r"<([@#!]?)([^<>|\n]{1,2000})(?:\|([^<>\n]{0,2000}))?>")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,2000}?)(?<=\S)\*(?![\w*])")
_STRIKE = re.compile(r"(?<![\w~])~(?=\S)([^~\n]{1,2000}?)(?<=\S)~(?![\w~])")
_WEB = ("https://", "http://", "mailto:")


def markdown_of(text: str, names: Mapping[str, str]) -> str:
    """Return a message's text as Markdown; `names` are the names of users by id."""
    pieces: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        pieces += [_words(text[end : code.start()], names), _code(code, names)]
        end = code.end()
    pieces.append(_words(text[end:], names))
    return "".join(pieces).strip()


def _code(found: re.Match[str], names: Mapping[str, str]) -> str:
    block, inline = found.groups()
    if inline is not None:
        return f"`{_plain(inline, names)}`"
    # Slack lets a block stand within a line, Markdown only on lines of its own.
    return f"\n```\n{_plain(block, names).strip(chr(10))}\n```\n"


def _plain(text: str, names: Mapping[str, str]) -> str:
    """Return code as it was typed: links that Slack made of it are the typed address again."""
    return html.unescape(_REFERENCE.sub(lambda found: _label(found, names), text))


def _words(text: str, names: Mapping[str, str]) -> str:
    pieces: list[str] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        pieces += [_styled(text[end : found.start()]), _link(found, names)]
        end = found.end()
    return "".join([*pieces, _styled(text[end:])])


def _styled(text: str) -> str:
    return html.unescape(_STRIKE.sub(r"~~\1~~", _BOLD.sub(r"**\1**", text)))


def _link(found: re.Match[str], names: Mapping[str, str]) -> str:
    sign, target, label = found.groups()
    if sign or not target.startswith(_WEB):
        return _label(found, names)
    address = html.unescape(target).replace("(", "%28").replace(")", "%29")
    shown = html.unescape(label or "").replace("[", "(").replace("]", ")")
    return f"[{shown}]({address})" if shown and shown != address else f"<{address}>"


def _label(found: re.Match[str], names: Mapping[str, str]) -> str:
    sign, target, label = found.groups()
    match sign:
        case "@":
            return f"@{names.get(target) or label or target}"
        case "#":
            return f"#{label or target}"
        case "!":
            word = label or target.partition("^")[0]
            return word if word.startswith("@") else f"@{word}"
    return label or target
