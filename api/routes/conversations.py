"""/v1/conversations and /v1/answers: what was asked before, with the answers as they were given."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.conversations import (
    Conversation,
    ConversationPage,
    ExportedConversation,
    ExportFormat,
    StoredAnswer,
)

_ConversationId = Annotated[str, Path(description="Id of a conversation, from an answer or the list.")]
_FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"  # a file is opened for reading only


class Archive(Protocol):
    """What holds conversations."""

    def conversations(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        """Return a conversation with some of its turns, oldest first; raises NotFound."""

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation with its answers; raises NotFound."""

    def export_conversation(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        """Return a whole conversation as a file; raises NotFound."""

    def stored_answer(self, answer_id: str) -> StoredAnswer:
        """Return one stored answer; raises NotFound."""


def conversation_routes(archive: Archive, workers: Workers) -> APIRouter:
    """Return the routes to what was asked before; POST /v1/ask starts conversations and adds to them."""
    router = APIRouter(tags=["conversations"])

    @router.get("/v1/conversations", operation_id="listConversations", responses=problems(401, 422, 503))
    async def list_conversations(
        offset: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=200)] = 20
    ) -> ConversationPage:
        """List conversations, the one that was added to last first."""
        return await workers.run(archive.conversations, offset=offset, limit=limit)

    @router.get(
        "/v1/conversations/{conversation_id}",
        operation_id="getConversation",
        responses=problems(401, 404, 422, 503),
    )
    async def get_conversation(
        conversation_id: _ConversationId,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Conversation:
        """Return a conversation, oldest turn first, each with its answer as it was given and what is stale in it.

        What was taken from a document that is gone, or that this API may not show any more, is withheld.
        """
        return await workers.run(archive.conversation, conversation_id, offset=offset, limit=limit)

    @router.delete(
        "/v1/conversations/{conversation_id}",
        operation_id="deleteConversation",
        status_code=204,
        responses=problems(401, 404, 422, 503),
    )
    async def delete_conversation(conversation_id: _ConversationId) -> None:
        """Delete a conversation with its answers, for good."""
        await workers.run(archive.delete_conversation, conversation_id)

    _add_files(router, archive, workers)
    return router


def _add_files(router: APIRouter, archive: Archive, workers: Workers) -> None:
    """Add the routes that give one stored thing as a whole: a file, an answer."""

    @router.get(
        "/v1/conversations/{conversation_id}/export",
        operation_id="exportConversation",
        response_class=Response,
        responses={
            200: {
                "description": "The conversation as a file.",
                "content": {
                    kind: {"schema": {"type": "string"}} for kind in ("text/markdown", "text/html", "application/json")
                },
            },
            **problems(401, 404, 422, 503),
        },
    )
    async def export_conversation(
        conversation_id: _ConversationId,
        format: Annotated[ExportFormat, Query(description="The form of the file.")] = "markdown",
    ) -> Response:
        """Return a whole conversation as Markdown, as one HTML page that loads nothing, or as JSON."""
        file = await workers.run(archive.export_conversation, conversation_id, format)
        headers = {
            "Content-Disposition": f'attachment; filename="{file.file_name}"',
            "Content-Security-Policy": _FILE_POLICY,
            "X-Content-Type-Options": "nosniff",
        }
        return Response(file.text, media_type=f"{file.media_type}; charset=utf-8", headers=headers)

    @router.get("/v1/answers/{answer_id}", operation_id="getAnswer", responses=problems(401, 404, 422, 503))
    async def get_answer(
        answer_id: Annotated[str, Path(description="Id of an answer, from the answer itself.")],
    ) -> StoredAnswer:
        """Return one answer as it was given, with what has become stale since."""
        return await workers.run(archive.stored_answer, answer_id)
