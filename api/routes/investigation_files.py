"""What is kept of an investigation as files: rows as CSV, the bundle with its result, and the schema of results."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from api.routes.investigation_paths import InvestigationId, ObservationId
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.investigation_schema import MEDIA_TYPE, investigation_schema
from api.schemas.investigations import ObservationDetail
from api.schemas.observation_csv import rows_csv

_PIECE = 1 << 18
_PLAIN = {"schema": {"type": "string"}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"description": "The rows.", "content": {"text/csv": _PLAIN}}}
_SCHEMA: dict[int | str, dict[str, Any]] = {
    200: {"description": "The schema.", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
}
_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A .tar.gz with one folder.",
        "content": {"application/gzip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class InvestigationFiles(Protocol):
    """What keeps investigations."""

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""

    def packed(self, investigation_id: str) -> AbstractContextManager[Path]:
        """Give one that is done with its telemetry as a .tar.gz; raises NotFound, and UsageError where it isn't."""


def file_routes(files: InvestigationFiles, workers: Workers) -> APIRouter:
    """Return the routes to files."""
    router = APIRouter(tags=["investigations"])

    @router.get(
        "/v1/investigations/{investigation_id}/observations/{observation_id}.csv",
        operation_id="getObservationCsv",
        response_class=Response,
        responses={**_CSV, **problems(401, 404, 422, 503)},
    )
    async def get_rows(investigation_id: InvestigationId, observation_id: ObservationId) -> Response:
        """Return the rows of an observation as CSV; a cell that a spreadsheet would execute starts with a quote."""
        seen = await workers.run(files.observation, investigation_id, observation_id)
        return Response(rows_csv(seen), media_type="text/csv; charset=utf-8", headers=_named(f"{seen.id}.csv"))

    @router.get(
        "/v1/investigations/{investigation_id}/bundle",
        operation_id="getInvestigationBundle",
        response_class=Response,
        responses={**_ARCHIVE, **problems(401, 404, 422, 500, 503)},
    )
    async def get_bundle(investigation_id: InvestigationId) -> Response:
        """Return one that is done as a bundle: its telemetry, the result, the report and every row, to open elsewhere.

        It is opened with `groundwatch investigate FOLDER`, or sent to another Groundwatch as an upload.
        """
        held = ExitStack()
        path = await workers.run(held.enter_context, files.packed(investigation_id))
        headers = {
            **_named(f"investigation-{investigation_id[:8]}.tar.gz"),
            "Content-Length": str(path.stat().st_size),
        }
        # A reader who leaves half-way ends the pieces, one who never begins ends in the task after them.
        after = BackgroundTask(held.close)
        return StreamingResponse(_pieces(path, held), media_type="application/gzip", headers=headers, background=after)

    @router.get(
        "/v1/schemas/investigation",
        operation_id="getInvestigationSchema",
        response_class=Response,
        responses={**_SCHEMA, **problems(401)},
    )
    async def get_schema() -> Response:
        """Return the JSON Schema of what comes of an investigation; its id ends with the version."""
        return JSONResponse(investigation_schema(), media_type=MEDIA_TYPE)

    return router


def _pieces(path: Path, held: ExitStack) -> Iterator[bytes]:
    """Yield what is in a file, and let go of what holds it."""
    with held, path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
