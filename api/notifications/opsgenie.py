"""Notes on alerts of Opsgenie, by its Alert API.

https://docs.opsgenie.com/docs/alert-api ; a note may have 25,000 characters, and is accepted before it is added.
"""

import json
import re
from urllib.parse import quote

from api.notifications.answers import at, each, read
from api.notifications.events import Event
from api.notifications.posting import Message, Posting, Reply, Untellable
from api.notifications.wording import note

MOST_NOTE = 25_000
_SENDER = "opsgenie"
_IDENTITY = re.compile(r"[A-Za-z0-9-]{4,100}")


class OpsgenieDoor:
    """Add notes to the Opsgenie alert that an alert came from."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url.rstrip("/"), key

    def posting(self, message: Message) -> Posting:
        """Return the request. Raises Untellable where no alert of the incident came from Opsgenie."""
        told = {"note": note(message.event, message.id, MOST_NOTE), "user": "Groundwatch", "source": "Groundwatch"}
        return Posting(f"{self._notes(message)}?identifierType=id", self._headers(), json.dumps(told).encode())

    def seeking(self, message: Message) -> Posting:
        """Return the request for the newest notes that are there."""
        query = "identifierType=id&direction=next&order=desc&limit=100"
        return Posting(f"{self._notes(message)}?{query}", self._headers(), method="GET")

    def found(self, message: Message, reply: Reply) -> str | None:
        """Return "" where one of the notes has the id of the message."""
        notes = (str(at(one, "note")) for one in each(at(read(reply.body), "data")))
        return "" if any(message.id in one for one in notes) else None

    def thread(self, message: Message, reply: Reply) -> str:  # noqa: ARG002 - the protocol names it
        """Return nothing: notes do not refer to each other."""
        return ""

    def _notes(self, message: Message) -> str:
        return f"{self._url}/v2/alerts/{quote(message.thread or alert_of(message.event), safe='')}/notes"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"GenieKey {self._key}", "Content-Type": "application/json"}


def alert_of(event: Event) -> str:
    """Return the id of the Opsgenie alert of the first alert that came from there. Raises Untellable."""
    found = next(
        (one.identity for one in event.references if one.sender == _SENDER and _IDENTITY.fullmatch(one.identity)), None
    )
    if found is None:
        raise Untellable(
            "no alert of this incident came from Opsgenie, so the Opsgenie alert is not known; have Opsgenie send its "
            "webhooks to /webhooks/opsgenie"
        )
    return found
