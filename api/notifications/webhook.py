"""JSON to a URL of one's own, signed as Standard Webhooks describes it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from api.notifications.events import Event
from api.notifications.posting import Message, OneWay, Posting

MOST_BYTES = 20_000
MOST_PARTS = 20
"""Most bytes of a message (the specification advises to stay below 20 kB), and most parts that are tried to fit in."""


class WebhookDoor(OneWay):
    """Send events as JSON; `keys` sign, all of them while one is exchanged for another."""

    def __init__(self, url: str, keys: Sequence[bytes]) -> None:
        self._url, self._keys = url, keys

    def posting(self, message: Message) -> Posting:
        """Return the request; its signature covers the id, the time of this try and the body."""
        body, at = body_of(message), str(int(message.now.timestamp()))
        signed = b".".join((message.id.encode(), at.encode(), body))
        signatures = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in self._keys]
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": at,
            "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
        }
        return Posting(self._url, headers, body)


def body_of(message: Message) -> bytes:
    """Return the JSON of a message, the same at each try; where it is too long, its last parts are left out."""
    event, parts = message.event, list(message.event.parts[:MOST_PARTS])
    while True:
        body = json.dumps(_told(event, parts), ensure_ascii=True, separators=(",", ":")).encode()
        if len(body) <= MOST_BYTES or not parts:
            return body
        parts.pop()


def _told(event: Event, parts: Sequence[Any]) -> dict[str, Any]:
    data = {
        "key": event.key,
        "headline": event.headline,
        "title": event.title,
        "severity": event.severity.value,
        "service": event.service,
        "environment": event.environment,
        "verdict": event.verdict,
        "component": event.component,
        "incident_id": event.incident_id or None,
        "investigation_id": event.investigation_id or None,
        "parts": [{"title": part.title, "lines": list(part.lines)} for part in parts],
        "parts_left_out": len(event.parts) - len(parts),
        "link": event.link or None,
    }
    return {"type": f"groundwatch.{event.kind.value}", "timestamp": event.at.isoformat(), "data": data}
