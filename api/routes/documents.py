"""/v1/documents: what the knowledge base holds, and what a person corrects in it."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Path, Query
from fastapi.openapi.models import Example

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.knowledge import DocumentDetail, DocumentPage
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.manifest import DocumentState

_DocumentId = Annotated[str, Path(description="Id of a document, from a hit, a citation or the list.")]

_EXAMPLES: dict[str, Example] = {
    "kind": {"summary": "It is a postmortem", "value": {"kind": "postmortem"}},
    "services": {"summary": "Whom it is about", "value": {"services": ["checkout", "payments"]}},
}


class Shelf(Protocol):
    """What holds documents."""

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        """Return documents whose title or path holds `query`."""

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text; raises NotFound."""

    def correct(self, document_id: str, correction: DocumentCorrection) -> CorrectionStored:
        """Keep what a person says about a document; raises NotFound."""


def document_routes(shelf: Shelf, workers: Workers) -> APIRouter:
    """Return the routes to documents."""
    router = APIRouter(prefix="/v1/documents", tags=["documents"])

    @router.get("", operation_id="listDocuments", responses=problems(401, 422, 503))
    async def list_documents(
        source: Annotated[str | None, Query(description="Only documents of this source.")] = None,
        state: Annotated[DocumentState | None, Query(description="Only documents in this state.")] = None,
        kind: Annotated[DocumentKind | None, Query(description="Only documents of this kind.")] = None,
        q: Annotated[str, Query(max_length=200, description="Part of the title or of source/path.")] = "",
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> DocumentPage:
        """List documents by source and path, the ones that could not be read with the reason."""
        kind_name, state_name = kind.value if kind else None, state.value if state else None
        return await workers.run(
            shelf.documents, source=source, state=state_name, kind=kind_name, query=q, offset=offset, limit=limit
        )

    @router.get("/{document_id}", operation_id="getDocument", responses=problems(401, 404, 422, 503))
    async def get_document(document_id: _DocumentId) -> DocumentDetail:
        """Return a document with the text that all offsets count in, its sections and passages."""
        return await workers.run(shelf.document, document_id)

    @router.patch("/{document_id}", operation_id="correctDocument", responses=problems(400, 401, 404, 413, 422, 503))
    async def correct_document(
        document_id: _DocumentId, correction: Annotated[DocumentCorrection, Body(openapi_examples=_EXAMPLES)]
    ) -> CorrectionStored:
        """Correct the kind or services of a document; it takes effect at the next ingest of its source."""
        return await workers.run(shelf.correct, document_id, correction)

    return router
