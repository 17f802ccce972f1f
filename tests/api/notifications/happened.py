"""Events as tests of messages need them, one of them hostile and one far too long."""

from dataclasses import replace
from datetime import UTC, datetime

from api.incidents.alerts import Severity
from api.notifications.events import Event, EventKind, Part, Reference
from api.notifications.posting import Message

MOMENT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
HOSTILE = (
    "<!here> <!channel> <@U123> @channel <https://evil.example|click> [click](https://evil.example) **bold** "
    "<at>everyone</at> {{DATE(2026)}} \u202e\x00 www.evil.example &amp; mailto:a@evil.example"
)

EVENT = Event(
    key="investigation-i1-ended",
    kind=EventKind.INVESTIGATION_CONCLUDED,
    at=MOMENT,
    subject="inc-1",
    title="Checkout is slow",
    headline="Investigation: likely cause, not confirmed",
    severity=Severity.CRITICAL,
    service="checkout",
    environment="prod",
    verdict="likely cause, not confirmed",
    component="cart-db",
    incident_id="inc-1",
    investigation_id="i1",
    parts=(
        Part("Likely cause", ("cart-db: its disk is full",)),
        Part("Evidence", ("disk use rose to 100 % (metric)", "writes failed (log)")),
        Part("Not seen", ("no traces for 10:00 to 10:15",)),
    ),
    link="https://groundwatch.example/investigations?id=i1",
    references=(
        Reference("pagerduty", "Q2AIXW1", "https://shop.pagerduty.com/incidents/Q2AIXW1"),
        Reference("opsgenie", "70413a06-38d6-4c85-92b8-5ebc900d42e2"),
    ),
)
HOSTILE_EVENT = replace(
    EVENT, title=HOSTILE, service=HOSTILE, component=HOSTILE, parts=(Part("Evidence", (HOSTILE, "\n# head\n> quote")),)
)
LONG_EVENT = replace(
    EVENT,
    title="<&>" * 2000,
    parts=tuple(Part(f"Part {number}", ("<&>ü" * 400,) * 12) for number in range(80)),
)


def message(event: Event = EVENT, *, thread: str = "") -> Message:
    """Return a message about an event."""
    return Message("msg_0123456789abcdef0123456789abcdef", event, MOMENT, thread)
