"""/v1/investigations: investigations of bundles and of live systems, started, listed, read, called off and deleted."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Body, Header, Query, Request
from fastapi.openapi.models import Example
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from api.errors import UsageError
from api.routes.investigation_files import file_routes
from api.routes.investigation_paths import InvestigationId, ObservationId
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.investigation_runs import (
    InvestigationDetail,
    InvestigationPage,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
)
from api.schemas.investigations import ObservationDetail

UPLOAD_PATH = "/v1/investigations/upload"
"""The one path whose body may be long: it goes to disk as it comes, and has a limit of its own."""

_ARCHIVES = ("application/gzip", "application/x-gzip", "application/zip", "application/octet-stream")
_EXAMPLES: dict[str, Example] = {
    "bundle": {"summary": "A recorded bundle", "value": {"bundle": "2026-09-22/checkout-errors"}},
    "window": {
        "summary": "The last minutes of connected systems",
        "value": {
            "window": {"start": "2026-09-22T10:00:00Z"},
            "component": "checkout",
            "symptom": "checkout answers with errors",
        },
    },
}
_STARTED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "It waits for its turn, or is what the same Idempotency-Key asked for before.",
        "headers": {"Location": {"description": "Path of the investigation.", "schema": {"type": "string"}}},
    }
}
_BINARY = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _ARCHIVES}

_Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A name of your own for this request: sent again, it starts nothing new. At most 200 characters.",
    ),
]


class IncomingFile(Protocol):
    """A file that an upload is written to."""

    @property
    def path(self) -> Path:
        """Where it is."""

    def write(self, piece: bytes) -> None:
        """Take the next bytes; raises UsageError once there are too many."""

    def close(self) -> None:
        """Say that all came."""


class InvestigationDesk(Protocol):
    """What investigates."""

    def start(self, request: InvestigationRequest, *, request_key: str | None) -> InvestigationSummary:
        """Ask for an investigation."""

    def receiving(self) -> AbstractContextManager[IncomingFile]:
        """Give a file that an upload is written to."""

    def start_upload(self, archive: Path, *, title: str, request_key: str | None) -> InvestigationSummary:
        """Ask for the investigation of a bundle that was sent."""

    def page(self, *, state: RunState | None, offset: int, limit: int) -> InvestigationPage:
        """Return investigations, newest first."""

    def detail(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it; raises NotFound."""

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""

    def packed(self, investigation_id: str) -> AbstractContextManager[Path]:
        """Give one that is done with its telemetry as a .tar.gz; raises NotFound, and UsageError where it isn't."""

    def cancel(self, investigation_id: str) -> InvestigationSummary:
        """Call one off; raises NotFound."""

    def delete(self, investigation_id: str) -> None:
        """Delete one; raises NotFound."""


def investigation_routes(desk: InvestigationDesk, workers: Workers) -> APIRouter:
    """Return the routes; their events, reports and files are in modules of their own."""
    router = APIRouter(tags=["investigations"])
    router.include_router(file_routes(desk, workers))
    _add_starts(router, desk, workers)
    _add_reading(router, desk, workers)
    _add_ends(router, desk, workers)
    return router


def _add_starts(router: APIRouter, desk: InvestigationDesk, workers: Workers) -> None:
    """Add the routes that start an investigation."""

    @router.post(
        "/v1/investigations",
        operation_id="startInvestigation",
        status_code=202,
        responses={**_STARTED, **problems(400, 401, 404, 413, 422, 503)},
    )
    async def start(
        request: Annotated[InvestigationRequest, Body(openapi_examples=_EXAMPLES)],
        response: Response,
        key: _Key = None,
    ) -> InvestigationSummary:
        """Investigate a bundle in GROUNDWATCH_BUNDLES_DIR or a window of connected systems; its events tell of it."""
        asked = await workers.run(desk.start, request, request_key=key)
        response.headers["Location"] = f"/v1/investigations/{asked.id}"
        return asked

    @router.post(
        UPLOAD_PATH,
        operation_id="startUploadedInvestigation",
        status_code=202,
        responses={**_STARTED, **problems(401, 422, 503)},
        openapi_extra={"requestBody": {"required": True, "content": _BINARY}},
    )
    async def start_upload(
        request: Request,
        response: Response,
        title: Annotated[str, Query(max_length=300, description="A name for the list.")] = "",
        content_type: Annotated[str, Header(include_in_schema=False)] = "",
        key: _Key = None,
    ) -> InvestigationSummary:
        """Investigate a bundle that is sent as a .tar.gz or .zip; links in it are refused."""
        # A page on the web may send the types of forms to this machine unasked, and these only after asking.
        if content_type.partition(";")[0].strip().lower() not in _ARCHIVES:
            raise UsageError(f"Content-Type {content_type[:80]!r} is no archive's; send one of {', '.join(_ARCHIVES)}")
        with desk.receiving() as incoming:
            await _receive(request, incoming, workers)
            asked = await workers.run(desk.start_upload, incoming.path, title=title, request_key=key)
        response.headers["Location"] = f"/v1/investigations/{asked.id}"
        return asked


def _add_reading(router: APIRouter, desk: InvestigationDesk, workers: Workers) -> None:
    """Add the routes that read."""

    @router.get("/v1/investigations", operation_id="listInvestigations", responses=problems(401, 422, 503))
    async def list_investigations(
        state: Annotated[RunState | None, Query(description="Only those in this state.")] = None,
        offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> InvestigationPage:
        """List investigations, newest first."""
        return await workers.run(desk.page, state=state, offset=offset, limit=limit)

    @router.get(
        "/v1/investigations/{investigation_id}",
        operation_id="getInvestigation",
        responses=problems(401, 404, 422, 503),
    )
    async def get_investigation(investigation_id: InvestigationId) -> InvestigationDetail:
        """Return how far one is and, once it is done, all that came of it but the rows of observations."""
        return await workers.run(desk.detail, investigation_id)

    @router.get(
        "/v1/investigations/{investigation_id}/observations/{observation_id}",
        operation_id="getObservation",
        responses=problems(401, 404, 422, 503),
    )
    async def get_observation(
        investigation_id: InvestigationId,
        observation_id: ObservationId,
    ) -> ObservationDetail:
        """Return the very rows of an observation, with the query that gave them."""
        return await workers.run(desk.observation, investigation_id, observation_id)


def _add_ends(router: APIRouter, desk: InvestigationDesk, workers: Workers) -> None:
    """Add the routes that end an investigation."""

    @router.post(
        "/v1/investigations/{investigation_id}/cancel",
        operation_id="cancelInvestigation",
        responses=problems(401, 404, 422, 503),
    )
    async def cancel(investigation_id: InvestigationId) -> InvestigationSummary:
        """Call an investigation off; its steps stay. One that has ended stays as it is."""
        return await workers.run(desk.cancel, investigation_id)

    @router.delete(
        "/v1/investigations/{investigation_id}",
        operation_id="deleteInvestigation",
        status_code=204,
        responses=problems(401, 404, 422, 503),
    )
    async def delete(investigation_id: InvestigationId) -> None:
        """Delete an investigation with its steps, its observations and what was sent for it, for good."""
        await workers.run(desk.delete, investigation_id)


async def _receive(request: Request, incoming: IncomingFile, workers: Workers) -> None:
    try:
        async for piece in request.stream():
            await workers.run(incoming.write, piece)
    except ClientDisconnect as error:
        raise UsageError("the upload broke off; send it again") from error
    await workers.run(incoming.close)
