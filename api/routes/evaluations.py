"""/v1/evaluations: how good the answers were found to be, run by run."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Path, Query

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.comparisons import Comparison
from api.schemas.evaluations import EvaluationPage, EvaluationReport

RunId = Annotated[str, Path(max_length=40, description="Id of a run, as the list has it.")]


class EvaluationDesk(Protocol):
    """What knows of evaluations."""

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        """Return the newest runs."""

    def evaluation(self, run_id: str) -> EvaluationReport:
        """Return one run; raises NotFound."""

    def evaluation_comparison(self, run_id: str) -> Comparison:
        """Return one run beside earlier ones; raises NotFound."""


def evaluation_routes(desk: EvaluationDesk, workers: Workers) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["evaluations"])

    @router.get("/evaluations", operation_id="listEvaluations", responses=problems(401, 422, 503))
    async def evaluations(
        offset: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> EvaluationPage:
        """Runs of the evaluations, newest first, with the scores that have a bar."""
        return await workers.run(lambda: desk.evaluations(offset=offset, limit=limit))

    @router.get("/evaluations/{run_id}", operation_id="getEvaluation", responses=problems(401, 404, 422, 503))
    async def evaluation(run_id: RunId) -> EvaluationReport:
        """One run: every score with its interval, curves, and the cases that failed."""
        return await workers.run(lambda: desk.evaluation(run_id))

    @router.get(
        "/evaluations/{run_id}/comparison",
        operation_id="compareEvaluation",
        responses=problems(401, 404, 422, 503),
    )
    async def comparison(run_id: RunId) -> Comparison:
        """What got better or worse since the last run that asked mostly the same."""
        return await workers.run(lambda: desk.evaluation_comparison(run_id))

    return router
