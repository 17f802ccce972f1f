"""GET /v1/knowledge."""

from typing import Protocol

from fastapi import APIRouter

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.knowledge import KnowledgeStatus


class KnowledgeBase(Protocol):
    """What knows what is served."""

    def status(self) -> KnowledgeStatus:
        """Return what is being served; before the first ingest too."""


def knowledge_routes(base: KnowledgeBase, workers: Workers) -> APIRouter:
    """Return the route to the state of the knowledge base."""
    router = APIRouter(tags=["documents"])

    @router.get("/v1/knowledge", operation_id="getKnowledge", responses=problems(401, 503))
    async def get_knowledge() -> KnowledgeStatus:
        """Return the generation, the model, and the sources with their counts and last runs."""
        return await workers.run(base.status)

    return router
