"""/v1/investigations/{id}/postmortem: the draft of a postmortem, from what was observed."""

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.routes.investigation_paths import InvestigationId
from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.postmortems import PostmortemDraft

_MARKDOWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The draft.", "content": {"text/markdown": {"schema": {"type": "string"}}}}
}
_Names = Annotated[bool, Query(description="Name the people who took part; unset, they are roles.")]


class Drafting(Protocol):
    """What drafts postmortems."""

    def draft(self, investigation_id: str, *, names: bool = False) -> PostmortemDraft:
        """Return a draft; raises NotFound, and UsageError where the investigation isn't done."""

    def markdown(self, investigation_id: str, *, names: bool = False) -> str:
        """Return it as Markdown."""


def postmortem_routes(drafts: Drafting, workers: Workers) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["investigations"])

    @router.get(
        "/v1/investigations/{investigation_id}/postmortem",
        operation_id="draftPostmortem",
        responses=problems(401, 404, 422, 503),
    )
    async def draft(investigation_id: InvestigationId, names: _Names = False) -> PostmortemDraft:
        """Draft a postmortem: sections of statements that cite, and questions where nothing was observed."""
        return await workers.run(drafts.draft, investigation_id, names=names)

    @router.get(
        "/v1/investigations/{investigation_id}/postmortem.md",
        operation_id="draftPostmortemMarkdown",
        response_class=Response,
        responses={**_MARKDOWN, **problems(401, 404, 422, 503)},
    )
    async def markdown(investigation_id: InvestigationId, names: _Names = False) -> Response:
        """Return the draft as Markdown; what others wrote in it stays plain text."""
        text = await workers.run(drafts.markdown, investigation_id, names=names)
        return Response(text, media_type="text/markdown; charset=utf-8")

    return router
