"""Messages to Slack by incoming webhook, in Block Kit.

Limits of blocks and texts: https://docs.slack.dev/reference/block-kit/blocks ; escaping, and `verbatim`, which keeps
Slack from making links and mentions: https://docs.slack.dev/messaging/formatting-message-text
"""

import json
from typing import Any

from api.notifications.events import Event
from api.notifications.posting import Message, OneWay, Posting
from api.notifications.wording import cut, facts, one_line

MOST_SECTION = 3_000
MOST_HEADER = 150
MOST_BLOCKS = 50
MOST_TEXT = 4_000
"""Most characters of a section, of a header and of the text beside the blocks, and most blocks of one message."""


class SlackDoor(OneWay):
    """Post to a channel; what is posted twice appears twice, with the same id at its end."""

    def __init__(self, url: str) -> None:
        self._url = url

    def posting(self, message: Message) -> Posting:
        """Return the request."""
        event = message.event
        told = {
            "text": escaped(f"{event.headline}: {one_line(event.title, 300)}", MOST_TEXT),
            "mrkdwn": False,
            "link_names": False,
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
            "blocks": blocks(event, message.id),
        }
        body = json.dumps(told, ensure_ascii=True).encode()
        return Posting(self._url, {"Content-Type": "application/json; charset=utf-8"}, body)


def blocks(event: Event, message: str) -> list[dict[str, Any]]:
    """Return an event as blocks: header, title, facts, parts, link, id."""
    header = {"type": "plain_text", "text": cut(one_line(event.headline), MOST_HEADER), "emoji": False}
    told: list[dict[str, Any]] = [{"type": "header", "text": header}, _section("", one_line(event.title, 600))]
    named = "   ".join(f"{name}: {value}" for name, value in facts(event))
    if named:
        told.append({"type": "context", "elements": [_words(escaped(named, MOST_SECTION))]})
    told += [_section(part.title, "\n".join(f"• {one_line(line)}" for line in part.lines)) for part in event.parts]
    del told[MOST_BLOCKS - 2 :]
    if event.link:
        told.append(_linked(event.link))
    told.append({"type": "context", "elements": [_words(escaped(f"Groundwatch {message}", MOST_SECTION))]})
    return told


def escaped(text: str, most: int) -> str:
    """Return words in which nothing is a link, a mention or a channel, of at most so many characters as sent."""
    told: list[str] = []
    room = most - 1
    for sign in text:
        sent = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(sign, sign)
        room -= len(sent.encode("utf-16-le", "replace")) // 2  # Slack counts as JavaScript does
        if room < 0:
            return "".join(told) + "…"
        told.append(sent)
    return "".join(told)


def _section(title: str, text: str) -> dict[str, Any]:
    head = f"*{title}*\n" if title else ""
    return {"type": "section", "text": _words(head + escaped(text or "-", MOST_SECTION - len(head)))}


def _linked(link: str) -> dict[str, Any]:
    # The link is our own, from a setting and an id; a bar or an angle would end it.
    address = link.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return {"type": "section", "text": _words(f"<{address}|Open in Groundwatch>")}


def _words(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
