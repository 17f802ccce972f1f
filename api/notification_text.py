"""Messages to other systems as text for a terminal."""

from api.schemas.notifications import Notification, NotificationPage, NotificationTested
from api.terminal import Line, Tone

_TONES: dict[str, Tone] = {"waiting": "middling", "sent": "good", "failed": "bad", "dropped": "faint"}


def notifications_text(page: NotificationPage) -> list[Line]:
    """Return the destinations, and messages with what came of each."""
    if not page.destinations:
        unset = "No destination is set: GROUNDWATCH_NOTIFICATIONS_FILE names the file (docs/notifications.md)."
        return [Line(unset, "middling"), *_messages(page)]
    lines = []
    for one in page.destinations:
        events = ", ".join(kind.value for kind in one.events)
        lines.append(Line(f"{one.name} ({one.kind}): {one.waiting} waiting, {one.failed} failed", "strong"))
        lines.append(Line(f"from {one.from_severity}: {events}", "faint", indent=2))
    return [*lines, Line(), *_messages(page)]


def tested_text(tested: NotificationTested) -> list[Line]:
    """Return what came of a test message."""
    outcome = "delivered" if tested.delivered else "not delivered"
    told = f"{tested.destination}: {outcome} in {tested.seconds:g} s: {tested.told}"
    return [Line(told, "good" if tested.delivered else "bad"), Line(tested.id, "faint", indent=2)]


def notification_text(one: Notification) -> list[Line]:
    """Return one message with how far it is."""
    tries = f"{one.attempts} tr{'y' if one.attempts == 1 else 'ies'}"
    said = [one.id, one.created_at.isoformat(timespec="seconds"), tries]
    if one.next_at is not None:
        said.append(f"next {one.next_at.isoformat(timespec='seconds')}")
    said += [text for text in (one.thread, one.told) if text]
    head = f"{one.state.value} to {one.destination}: {one.headline}: {one.title}"
    return [Line(head, _TONES[one.state.value], hanging=2), Line(", ".join(said), "faint", indent=2)]


def _messages(page: NotificationPage) -> list[Line]:
    lines = [line for one in page.notifications for line in notification_text(one)]
    shown = page.offset + len(page.notifications)
    return [*lines, Line(f"{shown} of {page.total} messages" if page.total else "No message is like that.", "faint")]
