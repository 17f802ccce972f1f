"""/webhooks/…: alerts come in; one is answered with 202 only once it is in the database."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.errors import UsageError
from api.incidents.alerts import Alert
from api.incidents.payloads import pagerduty
from api.incidents.payloads.mapping import Mapping as FieldMapping
from api.incidents.payloads.senders import Reader, readers
from api.responding.incidents import received
from api.routes.problems import problem_response, problems
from api.routes.workers import Workers
from api.schemas.incidents import Received
from api.schemas.problems import problem_of
from api.storage.incident_book import Taken
from ingest.errors import StorageFailed

_AGAIN_SECONDS = "5"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}},
    }
}


class AlertDesk(Protocol):
    """What takes alerts in."""

    def submit(self, alerts: Sequence[Alert]) -> "Future[list[Taken]]":
        """Take alerts in; the future is done once they are in the database. Raises StorageFailed where none fit."""


@dataclass(frozen=True, slots=True)
class Senders:
    """What is set about senders: PagerDuty's secrets, and the mapping of those that have no reader of their own."""

    pagerduty_secrets: Sequence[str] = ()
    mapping: FieldMapping | None = None


def webhook_routes(
    desk: AlertDesk, workers: Workers, senders: Senders | None = None, *, now: Callable[[], datetime] | None = None
) -> APIRouter:
    """Return the routes, one for each sender."""
    router = APIRouter(tags=["incidents"])
    known = senders or Senders()
    for name, read in readers(known.mapping).items():
        _add(router, name, read, _Door(desk, workers, now or _now, known.pagerduty_secrets))
    return router


@dataclass(frozen=True, slots=True)
class _Door:
    """What all of the routes share."""

    desk: AlertDesk
    workers: Workers
    now: Callable[[], datetime]
    secrets: Sequence[str]

    async def take(self, request: Request, name: str, read: Reader) -> Received:
        _check_type(request.headers.get("content-type", ""))
        body = await request.body()
        if name == pagerduty.SENDER and self.secrets:
            said = ",".join(request.headers.getlist(pagerduty.SIGNATURE_HEADER))
            await self.workers.run(pagerduty.check_signature, body, said, self.secrets)
        reading = await self.workers.run(partial(read, body, now=self.now()))
        del body
        # The thread that read it is free again while this waits, so that many messages are written together.
        taken = await asyncio.wrap_future(self.desk.submit(reading.alerts))
        return received(taken, refused=reading.refused, ignored=reading.ignored)


def _add(router: APIRouter, name: str, read: Reader, door: _Door) -> None:
    @router.post(
        f"/webhooks/{name}",
        operation_id=f"receive{name.capitalize()}Alerts",
        status_code=202,
        response_model=Received,
        responses=problems(401, 413, 422, 503),
        summary=f"Receive alerts of {name}",
        openapi_extra=_BODY,
    )
    async def receive(request: Request) -> Received | Response:
        """Take alerts in. They are in the database when this is answered; what is sent again changes counts only."""
        try:
            return await door.take(request, name, read)
        except StorageFailed as error:
            return problem_response(problem_of(error, instance=request.url.path), {"Retry-After": _AGAIN_SECONDS})


def _check_type(said: str) -> None:
    """Raise UsageError for other types: a page on the web may send those of forms to this machine unasked."""
    kind = said.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UsageError(f"Content-Type {said[:80]!r} is not JSON's; send application/json")


def _now() -> datetime:
    return datetime.now(UTC)
