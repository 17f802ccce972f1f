"""The command `groundwatch notifications`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from api.commands.options import json_option, print_json

if TYPE_CHECKING:
    from api.client import ApiClient

_STATES = ("waiting", "sent", "failed", "dropped")


@click.group(short_help="Show and test the messages to other systems.")
def notifications() -> None:
    """Show the messages of a running API to Slack and others; docs/notifications.md says how they are set up."""


@notifications.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--destination", default="", help="Only those to the destination of this name.")
@click.option("--incident", default="", help="Only those about the incident with this id.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="How many messages.")
@json_option
def list_notifications(state: str | None, destination: str, incident: str, limit: int, as_json: bool) -> None:
    """List destinations, and messages with what came of them, newest first."""
    from api.notification_text import notifications_text
    from api.schemas.notifications import NotificationState
    from api.terminal import print_text

    with _opened_client() as client:
        page = client.notifications(
            state=NotificationState(state) if state else None, destination=destination, subject=incident, limit=limit
        )
    print_json(page) if as_json else print_text(notifications_text(page))


@notifications.command("test")
@click.argument("destination")
@click.option("--about", default="", help="Id of the incident, alert or issue there, where the kind needs one.")
@json_option
def test_destination(destination: str, about: str, as_json: bool) -> None:
    """Send a test message to DESTINATION and tell what came back; fails where it was not delivered."""
    from pydantic import ValidationError

    from api.errors import GroundwatchError, UsageError
    from api.notification_text import tested_text
    from api.schemas.notifications import NotificationTest
    from api.terminal import print_text

    try:
        asked = NotificationTest(destination=destination, about=about)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    with _opened_client() as client:
        tested = client.test_notification(asked)
    print_json(tested) if as_json else print_text(tested_text(tested))
    if not tested.delivered:
        raise GroundwatchError(f"the test message to {destination!r} was not delivered: {tested.told}")


@notifications.command("retry")
@click.argument("notification")
@json_option
def retry_notification(notification: str, as_json: bool) -> None:
    """Try the message with the id NOTIFICATION again, which was given up or left out."""
    from api.notification_text import notification_text
    from api.terminal import print_text

    with _opened_client() as client:
        kept = client.retry_notification(notification)
    print_json(kept) if as_json else print_text(notification_text(kept))


@contextmanager
def _opened_client() -> "Iterator[ApiClient]":
    from api.bootstrap import running_url
    from api.client import ApiClient
    from api.errors import UsageError
    from api.settings import load_settings

    settings = load_settings()
    url = running_url(settings)
    if url is None:
        raise UsageError("messages are sent by a running API, and none is found; start it: groundwatch serve")
    with closing(ApiClient(url, settings.presented_key, timeout=settings.request_timeout)) as client:
        yield client
