"""GET /v1/investigations/{id}/guidance."""

from typing import Protocol

from fastapi import APIRouter

from api.routes.investigations import InvestigationId
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.investigation_guidance import InvestigationGuidance


class Adviser(Protocol):
    """What knows what documents advise."""

    def guidance(self, investigation_id: str) -> InvestigationGuidance:
        """Return it; raises NotFound, UsageError, KnowledgeMissing."""


def guidance_routes(adviser: Adviser, workers: Workers) -> APIRouter:
    """Return the route to what documents advise."""
    router = APIRouter(tags=["investigations"])

    @router.get(
        "/v1/investigations/{investigation_id}/guidance",
        operation_id="getInvestigationGuidance",
        responses=problems(401, 404, 422, 503),
    )
    async def get_guidance(investigation_id: InvestigationId) -> InvestigationGuidance:
        """Return runbooks with their steps and similar past incidents, re-checked; guidance, and no evidence."""
        return await workers.run(adviser.guidance, investigation_id)

    return router
