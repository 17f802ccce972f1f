"""The calls of the API's client that are about messages to other systems."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from api.schemas.notifications import (
    Notification,
    NotificationPage,
    NotificationState,
    NotificationTest,
    NotificationTested,
)
from api.schemas.places import Wire

Model = TypeVar("Model", bound=BaseModel)


class NotificationCalls:
    """Mixed into the client, which brings `_get` and `_post`."""

    def notifications(
        self,
        *,
        state: NotificationState | None = None,
        destination: str = "",
        subject: str = "",
        offset: int = 0,
        limit: int = 20,
    ) -> NotificationPage:
        """Return messages, newest first, and the destinations that are set."""
        wanted = {"state": state.value if state else "", "destination": destination, "subject": subject}
        narrowed: dict[str, str | int] = {name: value for name, value in wanted.items() if value}
        return self._get("/v1/notifications", narrowed | {"offset": offset, "limit": limit}, NotificationPage)

    def test_notification(self, asked: NotificationTest) -> NotificationTested:
        """Send a test message; raises NotFound, and UsageError where it has to be about something."""
        return self._post("/v1/notifications/test", asked, NotificationTested)

    def retry_notification(self, notification_id: str) -> Notification:
        """Have a message tried again; raises NotFound, and UsageError for one that was delivered."""
        return self._post(f"/v1/notifications/{quote(notification_id, safe='')}/retry", Wire(), Notification)

    def _get(self, path: str, parameters: Mapping[str, str | int], returns: type[Model]) -> Model:
        raise NotImplementedError

    def _post(self, path: str, body: BaseModel, returns: type[Model]) -> Model:
        raise NotImplementedError
