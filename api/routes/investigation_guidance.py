"""The report of an investigation, and what documents advise for it."""

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.routes.investigation_paths import InvestigationId
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.investigation_guidance import InvestigationGuidance

_REPORT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The report.", "content": {"text/markdown": {"schema": {"type": "string"}}}}
}


class Adviser(Protocol):
    """What reports, and knows what documents advise."""

    def report(self, investigation_id: str, *, guidance: bool) -> str:
        """Return the report; raises NotFound, UsageError, and KnowledgeMissing where guidance is asked for."""

    def guidance(self, investigation_id: str) -> InvestigationGuidance:
        """Return it; raises NotFound, UsageError, KnowledgeMissing."""


def guidance_routes(adviser: Adviser, workers: Workers) -> APIRouter:
    """Return the routes to the report and to what documents advise."""
    router = APIRouter(tags=["investigations"])

    @router.get(
        "/v1/investigations/{investigation_id}/guidance",
        operation_id="getInvestigationGuidance",
        responses=problems(401, 404, 422, 503),
    )
    async def get_guidance(investigation_id: InvestigationId) -> InvestigationGuidance:
        """Return runbooks with their steps and similar past incidents, re-checked; guidance, and no evidence."""
        return await workers.run(adviser.guidance, investigation_id)

    @router.get(
        "/v1/investigations/{investigation_id}/report.md",
        operation_id="getInvestigationReport",
        response_class=Response,
        responses={**_REPORT, **problems(401, 404, 422, 503)},
    )
    async def get_report(
        investigation_id: InvestigationId,
        guidance: Annotated[bool, Query(description="Append what documents advise, apart from the evidence.")] = False,
    ) -> Response:
        """Return the report as Markdown: the verdict first; what others wrote in it stays plain text."""
        text = await workers.run(adviser.report, investigation_id, guidance=guidance)
        return Response(text, media_type="text/markdown; charset=utf-8")

    return router
