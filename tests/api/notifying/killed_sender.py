"""A sender in a process of its own, which dies after a message has arrived and before that is kept."""

import os
import sys
from datetime import UTC, datetime

from api.notifications.posting import Posting, Reply
from api.notifications.transport import HttpTransport
from api.notifications.webhook import WebhookDoor
from api.notifying.delivering import Delivery
from api.storage.database import Database
from api.storage.notifications import Outbox
from tests.api.notifying.happenings import destination


class DyingTransport(HttpTransport):
    """Sends, and ends its process at once."""

    def send(self, posting: Posting, *, seconds: float) -> Reply:
        super().send(posting, seconds=seconds)
        os._exit(9)


if __name__ == "__main__":
    to = destination(door=WebhookDoor(sys.argv[2], [b"k" * 32]), seconds=1.0)
    Delivery(Outbox(Database(sys.argv[1])), to, DyingTransport(), now=lambda: datetime.now(UTC)).deliver_next()
