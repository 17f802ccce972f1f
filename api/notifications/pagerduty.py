"""Notes on incidents of PagerDuty, by its REST API version 2.

https://developer.pagerduty.com/api-reference/9529ec706026d-create-a-note-on-an-incident
"""

import json
import re
from urllib.parse import quote

from api.notifications.answers import at, each, read
from api.notifications.events import Event
from api.notifications.posting import Message, Posting, Reply, Untellable
from api.notifications.wording import note

MOST_NOTE = 20_000
_SENDER = "pagerduty"
_IN_LINK = re.compile(r"/incidents/([A-Za-z0-9]{4,40})(?:[/?#]|$)")
_IDENTITY = re.compile(r"[A-Za-z0-9]{4,40}")


class PagerDutyDoor:
    """Add notes to the PagerDuty incident that an alert came from; `sender` is the address of a user there."""

    def __init__(self, url: str, token: str, sender: str) -> None:
        self._url, self._token, self._sender = url.rstrip("/"), token, sender

    def posting(self, message: Message) -> Posting:
        """Return the request. Raises Untellable where no alert of the incident came from PagerDuty."""
        body = json.dumps({"note": {"content": note(message.event, message.id, MOST_NOTE)}}).encode()
        return Posting(self._notes(message), self._headers(), body)

    def seeking(self, message: Message) -> Posting:
        """Return the request for the notes that are there."""
        return Posting(self._notes(message), self._headers(), method="GET")

    def found(self, message: Message, reply: Reply) -> str | None:
        """Return "" where one of the notes has the id of the message."""
        notes = (str(at(one, "content")) for one in each(at(read(reply.body), "notes")))
        return "" if any(message.id in one for one in notes) else None

    def thread(self, message: Message, reply: Reply) -> str:  # noqa: ARG002 - the protocol names it
        """Return nothing: notes do not refer to each other."""
        return ""

    def _notes(self, message: Message) -> str:
        return f"{self._url}/incidents/{quote(message.thread or incident_of(message.event), safe='')}/notes"

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/vnd.pagerduty+json;version=2",
            "Authorization": f"Token token={self._token}",
            "Content-Type": "application/json",
            "From": self._sender,
        }


def incident_of(event: Event) -> str:
    """Return the id of the PagerDuty incident of the first alert that came from there. Raises Untellable."""
    for one in event.references:
        if one.sender == _SENDER:
            linked = _IN_LINK.search(one.link)
            if linked or _IDENTITY.fullmatch(one.identity):
                return linked[1] if linked else one.identity
    raise Untellable(
        "no alert of this incident came from PagerDuty, so the PagerDuty incident is not known; have PagerDuty send "
        "its webhooks to /webhooks/pagerduty"
    )
