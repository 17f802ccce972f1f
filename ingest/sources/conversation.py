"""Messages of people as Markdown: who said what and when (UTC), with nothing that one says breaking the rest."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_UNKNOWN_TIME = "time unknown"
_HEADING_OR_RULE = re.compile(r"^( {0,3})(#{1,6}(?=[ \t]|$)|=+[ \t]*$|-{2,}[ \t]*$|\*{3,}[ \t]*$|_{3,}[ \t]*$)")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_BLOCK = re.compile(r"\s*(?:`{3}|~{3}|[-+*][ \t]|\d+[.)][ \t]|>|\||[ ]{4})")
_SLUG_BREAK = re.compile(r"[^a-z0-9]+")
# What no editor shows and some store refuses; tabs and line ends stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `text` is Markdown of its author, `attachments` are names of files that came with it."""

    author: str
    at: datetime | None
    text: str
    attachments: tuple[str, ...] = ()
    replies: tuple["Message", ...] = ()


def letters(title: str, messages: Sequence[Message]) -> str:
    """Return long messages as a document with a heading for each."""
    parts = [f"# {one_line(title)}"]
    for message in messages:
        parts += [f"## {one_line(message.author)}, {_moment(message.at)}", *_body(message)]
    return "\n\n".join(parts) + "\n"


def chat(title: str, messages: Sequence[Message]) -> str:
    """Return short messages as a document with a heading for each day; replies stand below what they answer."""
    parts = [f"# {one_line(title)}"]
    day = ""
    for message in messages:
        today = f"{message.at:%Y-%m-%d}" if message.at else _UNKNOWN_TIME
        if today != day:
            parts.append(f"## {today}")
            day = today
        parts += _line(message, today)
        for reply in message.replies:
            parts += _line(reply, today, mark="↳ ")
    return "\n\n".join(parts) + "\n"


def latest(messages: Sequence[Message]) -> datetime | None:
    """Return the time of the newest message or reply; None where no message has one."""
    times = [one.at for message in messages for one in (message, *message.replies) if one.at is not None]
    return max(times, default=None)


def harmless(text: str) -> str:
    """Return a message's text so that it stays inside its message: no headings or rules of its own, fences closed."""
    lines = list(_escaped(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")))
    return "\n".join(lines).strip("\n")


def one_line(text: str) -> str:
    """Return a text as one line that can be a heading."""
    return " ".join(_CONTROL.sub("", text).replace("\n", " ").split()).strip("# ") or "(no title)"


def slug(text: str, *, limit: int = 50) -> str:
    """Return the words of a text as part of a path."""
    words = _SLUG_BREAK.sub("-", text.lower()).strip("-")
    return words[:limit].rstrip("-") or "untitled"


def _line(message: Message, today: str, *, mark: str = "") -> list[str]:
    when = _UNKNOWN_TIME
    if message.at is not None:
        same_day = f"{message.at:%Y-%m-%d}" == today
        when = f"{message.at:%H:%M} UTC" if same_day else _moment(message.at)
    first, *rest = _body(message) or ["(no text)"]
    start = f"{mark}{when} **{one_line(message.author)}**:"
    # A fence or list only counts as one at the start of a line.
    return [start, first, *rest] if _BLOCK.match(first) else [f"{start} {first}", *rest]


def _body(message: Message) -> list[str]:
    text = harmless(message.text)
    names = ", ".join(f"`{one_line(name).replace('`', '')}`" for name in message.attachments)
    return [part for part in (text, f"Attached: {names}" if names else "") if part.strip()]


def _escaped(lines: Sequence[str]) -> Iterator[str]:
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            yield line.rstrip()
            closes = mark is not None and mark.group(1).startswith(fence) and not mark.group(2).strip()
            fence = "" if closes else fence
        else:
            yield _HEADING_OR_RULE.sub(r"\1\\\2", line.rstrip())
            opens = mark is not None and not (mark.group(1)[0] == "`" and "`" in mark.group(2))
            fence = mark.group(1) if mark is not None and opens else ""
    if fence:
        yield fence


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at is not None else _UNKNOWN_TIME
