"""Words of messages: what others wrote as plain lines, cut to length, and a whole event as plain text."""

import re
from collections.abc import Iterator

from api.incidents.alerts import Severity
from api.notifications.events import Event

# Controls, marks without width and marks that reorder text: what is shown must be what is there.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]+"
)
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}):(?=//)|\b(mailto|xmpp|tel|javascript|data):")
_BARE_HOST = re.compile(r"(?i)\bwww\.")
_AT = re.compile(r"@(?=[\w!<])")
MOST_LINE = 500
"""Characters of one line of a message."""


def one_line(text: str, most: int = MOST_LINE) -> str:
    """Return words as one line of at most so many characters, without signs that are not seen."""
    return cut(" ".join(_UNSEEN.sub(" ", text).split()), most)


def cut(text: str, most: int) -> str:
    """Return a text of at most so many characters, with a mark where something was left out."""
    return text if len(text) <= most else f"{text[: max(0, most - 1)].rstrip()}…"


def unlinked(text: str) -> str:
    """Return words in which nothing is taken for an address or a mention by a reader that looks for them."""
    text = _SCHEME.sub(lambda found: f"{found[1] or found[2]}[:]", text)
    return _AT.sub("(at)", _BARE_HOST.sub("www[.]", text))


def facts(event: Event) -> Iterator[tuple[str, str]]:
    """Yield what is known of an event in a word or two, with its name."""
    if event.severity is not Severity.UNKNOWN:
        yield "Severity", event.severity.value
    if event.service:
        yield "Service", one_line(event.service, 120)
    if event.environment:
        yield "Environment", one_line(event.environment, 60)
    if event.verdict:
        yield "Verdict", event.verdict
    if event.component:
        yield "Component", one_line(event.component, 120)


def note(event: Event, message: str, most: int) -> str:
    """Return an event as plain text of at most so many characters; its link and its id are always whole.

    Only our own link is left as an address.
    """
    told = [f"{one_line(event.headline)}: {unlinked(one_line(event.title, 300))}"]
    told += [f"{name}: {unlinked(value)}" for name, value in facts(event)]
    for part in event.parts:
        told += ["", f"{part.title}:", *(f"- {unlinked(one_line(line))}" for line in part.lines)]
    end = "\n".join(["", *([event.link] if event.link else []), f"Groundwatch {message}"])
    return cut("\n".join(told), most - len(end) - 1) + "\n" + end.lstrip("\n")
