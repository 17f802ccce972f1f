"""POST /v1/search."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body
from fastapi.openapi.models import Example

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.search import SearchRequest, SearchResponse

_EXAMPLES: dict[str, Example] = {
    "alert": {
        "summary": "An alert's name, in runbooks only",
        "value": {"query": "KubePodCrashLooping", "limit": 5, "filters": {"kinds": ["runbook"]}},
    }
}


class Searching(Protocol):
    """What searches."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return passages, best first."""


def search_routes(assistant: Searching, workers: Workers) -> APIRouter:
    """Return the route that searches."""
    router = APIRouter(tags=["search"])

    @router.post("/v1/search", operation_id="search", responses=problems(400, 401, 413, 422, 503))
    async def search(request: Annotated[SearchRequest, Body(openapi_examples=_EXAMPLES)]) -> SearchResponse:
        """Find passages, best first; the same query gives the same hits in the same order."""
        return await workers.run(assistant.search, request)

    return router
