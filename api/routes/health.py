"""/healthz, /readyz and /metrics: whether the API lives, whether it can answer, what it counted."""

from typing import Protocol

from fastapi import APIRouter
from fastapi.responses import Response

from api.errors import GroundwatchError
from api.metrics import MEDIA_TYPE, Metrics
from api.routes.problems import problem_response, problems
from api.routes.workers import Workers
from api.schemas.feedback import Problem
from api.schemas.health import Health, Readiness
from api.schemas.knowledge import KnowledgeStatus
from api.schemas.upkeep import RunPage
from api.serving import ServedKnowledge
from api.upkeep import Upkeep

_WARMING = Problem(
    type="/problems/warming",
    title="Warming up",
    status=503,
    detail="warming: the embedding model is being loaded; questions are answered, the first ones slowly",
    next_step="Ask again in some seconds.",
)


class KeptKnowledge(Protocol):
    """What knows how the knowledge base is kept."""

    def status(self) -> KnowledgeStatus:
        """Return what is being served, and the sources."""

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        """Return the newest runs."""


def health_routes(
    knowledge: ServedKnowledge,
    kept: KeptKnowledge,
    upkeep: Upkeep,
    workers: Workers,
    metrics: Metrics,
    *,
    health: Health,
) -> APIRouter:
    """Return the routes for those who watch over the API."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", operation_id="getHealth")
    async def get_health() -> Health:
        """Tell that the process answers, whatever it can do."""
        return health

    @router.get("/readyz", operation_id="getReadiness", response_model=Readiness, responses=problems(503))
    async def get_readiness() -> Readiness | Response:
        """Tell whether questions are answered: an index is open, its model is the right one, and loaded."""
        readiness = await workers.run(_readiness, knowledge)
        if upkeep.failure is not None:
            raise upkeep.failure
        return problem_response(_WARMING, {"Retry-After": "5"}) if upkeep.warming else readiness

    @router.get("/metrics", operation_id="getMetrics", response_class=Response, responses=problems(401))
    async def get_metrics() -> Response:
        """Return counters for Prometheus."""
        try:
            status = await workers.run(kept.status)
            metrics.note_upkeep(status, await workers.run(lambda: kept.runs(source=None, limit=1)))
        except GroundwatchError:  # the rest is worth reading meanwhile, and /readyz tells the reason
            metrics.forget_upkeep()
        return Response(metrics.expose(knowledge.state()), media_type=MEDIA_TYPE)

    return router


def _readiness(knowledge: ServedKnowledge) -> Readiness:
    with knowledge.answering() as serving:
        described = serving.description
    return Readiness(
        generation=described.generation,
        passages=described.passages,
        model=described.model,
        notice=knowledge.state().notice,
    )
