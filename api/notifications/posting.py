"""What goes to another system by HTTP and what comes of it, as every kind of destination sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from api.errors import GroundwatchError
from api.notifications.events import Event


@dataclass(frozen=True, slots=True)
class Posting:
    """One request. Neither the URL nor the headers are shown: both may hold secrets."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system answered; `retry_after` is seconds where it said how long to wait."""

    status: int
    body: bytes = b""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way to one destination.

    `id` is the same at each try. `thread` is what the destination called an earlier message about the same subject,
    such as the key of an issue; "" where there is none.
    """

    id: str
    event: Event
    now: datetime
    thread: str = ""


class Untellable(GroundwatchError):
    """A destination cannot be told of an event, however often it is tried; the text says why."""


class Door(Protocol):
    """How one kind of destination takes messages. Its methods raise Untellable."""

    def posting(self, message: Message) -> Posting:
        """Return the request that tells of an event."""

    def seeking(self, message: Message) -> Posting | None:
        """Return the request that shows whether an earlier try arrived; None where that can't be asked."""

    def found(self, message: Message, reply: Reply) -> str | None:
        """Return the thread of a message that arrived, by the answer to `seeking`; None where it did not arrive."""

    def thread(self, message: Message, reply: Reply) -> str:
        """Return what the destination calls the message, for later ones about the same subject; "" for nothing."""


class OneWay:
    """A destination that can't be asked what arrived there."""

    def seeking(self, message: Message) -> Posting | None:  # noqa: ARG002 - the protocol names it
        """Return None."""
        return None

    def found(self, message: Message, reply: Reply) -> str | None:  # noqa: ARG002 - the protocol names it
        """Return None."""
        return None

    def thread(self, message: Message, reply: Reply) -> str:  # noqa: ARG002 - the protocol names it
        """Return nothing."""
        return ""
