"""Messages to other systems, on the wire: what is kept of each, where they go, and what came of a test."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from api.notifications.events import EventKind as EventKind
from api.schemas.investigations import Words
from api.schemas.places import Wire


class NotificationState(StrEnum):
    """How far a message is.

    WAITING for its first or next try, SENT, FAILED where it was given up, DROPPED where it can't or need not be told.
    """

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Notification(Wire):
    """One message to one destination; `told` says what came of its last try, `id` is in the message too."""

    id: str
    destination: str
    kind: EventKind
    headline: Words
    title: Words
    subject: str = Field(description="Id of the incident, or of the investigation where there is no incident.")
    state: NotificationState
    attempts: int
    created_at: datetime
    next_at: datetime | None = Field(description="When it is tried next; only of those that wait.")
    sent_at: datetime | None
    told: Words
    thread: str = Field("", description="What the destination calls it, such as the key of an issue.")


class DestinationView(Wire):
    """A destination as its file names it, without its address or anything secret, and how many messages it has."""

    name: str
    kind: str
    events: list[EventKind]
    from_severity: str
    waiting: int
    failed: int


class NotificationPage(Wire):
    """Messages, newest first, and the destinations that are set."""

    notifications: list[Notification]
    destinations: list[DestinationView]
    total: int
    offset: int
    limit: int


class NotificationTest(Wire):
    """Which destination to send a test message to; some need to know what it is about."""

    destination: str = Field(min_length=1, max_length=64)
    about: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]{0,100}$", description="Id of the incident, alert or issue there to write to."
    )


class NotificationTested(Wire):
    """What came of a test message: whether it was delivered, what came back, and in how many seconds."""

    destination: str
    id: str
    delivered: bool
    told: Words
    seconds: float
