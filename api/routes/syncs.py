"""/v1/runs, /v1/syncs and /v1/knowledge/health: how the knowledge base is kept, and what is wrong with it."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Path, Query

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.upkeep import KnowledgeHealth, RetryRequest, RetryStored, RunDetail, RunPage, SyncRequest, SyncStarted


class UpkeepDesk(Protocol):
    """What knows of runs."""

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        """Return the newest runs."""

    def run(self, run_id: int, *, offset: int, limit: int) -> RunDetail:
        """Return one run; raises NotFound."""

    def start_sync(self, request: SyncRequest) -> SyncStarted:
        """Start a run."""

    def cancel_sync(self) -> SyncStarted:
        """Ask the run at work to stop."""

    def retry(self, request: RetryRequest) -> RetryStored:
        """Let the next run read failed documents again."""

    def health(self) -> KnowledgeHealth:
        """Return what is wrong with the documents."""


def upkeep_routes(desk: UpkeepDesk, workers: Workers) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["upkeep"])

    @router.get("/runs", operation_id="listRuns", responses=problems(401, 422, 503))
    async def runs(
        source: Annotated[str | None, Query(description="Only runs that read this source.")] = None,
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
    ) -> RunPage:
        """The newest runs, newest first, with what holds them up after a rollback."""
        return await workers.run(lambda: desk.runs(source=source, limit=limit))

    @router.get("/runs/{run_id}", operation_id="getRun", responses=problems(401, 404, 422, 503))
    async def run(
        run_id: Annotated[int, Path(ge=1, le=2**53)],
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> RunDetail:
        """One run: stages, checks, and the documents that it added, changed, removed or could not read."""
        return await workers.run(lambda: desk.run(run_id, offset=offset, limit=limit))

    @router.post("/syncs", status_code=202, operation_id="startSync", responses=problems(401, 422, 503))
    async def start(request: SyncRequest) -> SyncStarted:
        """Read sources now, in a process of its own; says `busy` where a run is at work already."""
        return await workers.run(lambda: desk.start_sync(request))

    @router.post("/syncs/cancel", status_code=202, operation_id="cancelSync", responses=problems(401, 422, 503))
    async def cancel() -> SyncStarted:
        """Ask the run at work to stop; what is served stays."""
        return await workers.run(desk.cancel_sync)

    @router.post("/documents/retry", operation_id="retryDocuments", responses=problems(401, 422, 503))
    async def retry(request: RetryRequest) -> RetryStored:
        """Let the next run read these failed documents again."""
        return await workers.run(lambda: desk.retry(request))

    @router.get("/knowledge/health", operation_id="knowledgeHealth", responses=problems(401, 422, 503))
    async def health() -> KnowledgeHealth:
        """Out of date, unused, contradicting, broken, missing, repeated and flagged documents."""
        return await workers.run(desk.health)

    return router
