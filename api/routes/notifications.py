"""/v1/notifications: messages to other systems listed, sent as a test, and tried again."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Query
from fastapi import Path as PathParameter

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.notifications import (
    Notification,
    NotificationPage,
    NotificationState,
    NotificationTest,
    NotificationTested,
)


class NotificationDesk(Protocol):
    """What knows messages."""

    def page(
        self, *, state: NotificationState | None, destination: str, subject: str, offset: int, limit: int
    ) -> NotificationPage:
        """Return messages."""

    def test(self, asked: NotificationTest) -> NotificationTested:
        """Send a test message; raises NotFound, UsageError."""

    def retry(self, notification_id: str) -> Notification:
        """Have one tried again; raises NotFound, UsageError."""


def notification_routes(desk: NotificationDesk, workers: Workers) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["notifications"])

    @router.get("/v1/notifications", operation_id="listNotifications", responses=problems(401, 422, 503))
    async def list_notifications(
        state: Annotated[NotificationState | None, Query(description="Only those in this state.")] = None,
        destination: Annotated[str, Query(max_length=64, description="Only those to this destination.")] = "",
        subject: Annotated[str, Query(max_length=64, description="Only those about this incident.")] = "",
        offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> NotificationPage:
        """List messages, newest first, with the destinations that are set."""
        return await workers.run(
            desk.page, state=state, destination=destination, subject=subject, offset=offset, limit=limit
        )

    said = problems(400, 401, 404, 422, 503)

    @router.post("/v1/notifications/test", operation_id="testNotification", responses=said)
    async def test_notification(asked: Annotated[NotificationTest, Body()]) -> NotificationTested:
        """Send a test message to a destination and tell what came back."""
        return await workers.run(desk.test, asked)

    @router.post("/v1/notifications/{notification_id}/retry", operation_id="retryNotification", responses=said)
    async def retry_notification(
        notification_id: Annotated[str, PathParameter(description="Id of a message, from the list.")],
    ) -> Notification:
        """Have a message tried again that was given up or left out."""
        return await workers.run(desk.retry, notification_id)

    return router
