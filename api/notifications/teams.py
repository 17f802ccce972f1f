"""Messages to Microsoft Teams by the webhook of a workflow, as an Adaptive Card.

A message may have 28 KB. Words of others stand in text runs, which know no Markdown, and the card has no list of
entities, without which nothing is a mention.
https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
https://adaptivecards.io/explorer/TextRun.html
"""

import json
from collections.abc import Sequence
from typing import Any

from api.notifications.events import Event, Part
from api.notifications.posting import Message, OneWay, Posting
from api.notifications.wording import facts, one_line

MOST_BYTES = 28 * 1024
MOST_PARTS = 20
"""Most bytes of a message, and most parts that are tried to fit in."""


class TeamsDoor(OneWay):
    """Post to a channel or chat; what is posted twice appears twice, with the same id at its end."""

    def __init__(self, url: str) -> None:
        self._url = url

    def posting(self, message: Message) -> Posting:
        """Return the request; where the card is too large, its last parts are left out, and it says so."""
        parts = list(message.event.parts[:MOST_PARTS])
        body = _body(message.event, message.id, parts)
        while len(body) > MOST_BYTES and parts:
            parts.pop()
            body = _body(message.event, message.id, parts)
        # Without the charset, Teams counts two bytes for each sign.
        return Posting(self._url, {"Content-Type": "application/json; charset=utf-8"}, body)


def _body(event: Event, message: str, parts: Sequence[Part]) -> bytes:
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": _blocks(event, message, parts),
    }
    if event.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open in Groundwatch", "url": event.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False).encode("utf-8", "replace")


def _blocks(event: Event, message: str, parts: Sequence[Part]) -> list[dict[str, Any]]:
    blocks = [
        _words(one_line(event.headline), weight="Bolder", size="Large"),
        _words(one_line(event.title, 600), weight="Bolder"),
    ]
    named = "   ".join(f"{name}: {value}" for name, value in facts(event))
    if named:
        blocks.append(_words(named, isSubtle=True))
    for part in parts:
        blocks.append(_words(part.title, weight="Bolder"))
        blocks += [_words(f"• {one_line(line)}") for line in part.lines]
    left_out = len(event.parts) - len(parts)
    if left_out:
        blocks.append(_words(f"{left_out} more parts did not fit into this message."))
    blocks.append(_words(f"Groundwatch {message}", isSubtle=True, size="Small"))
    return blocks


def _words(text: str, **how: Any) -> dict[str, Any]:
    # Twice an opening brace begins a function of cards, such as DATE.
    told = text.replace("{{", "{ {")
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": told, **how}]}
