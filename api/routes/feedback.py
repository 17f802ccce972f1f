"""POST /v1/feedback."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body
from fastapi.openapi.models import Example

from api.routes.problems import problems
from api.routes.workers import Workers
from api.schemas.feedback import FeedbackRequest, FeedbackStored

_EXAMPLES: dict[str, Example] = {
    "thumb down": {
        "summary": "The answer missed a step",
        "value": {
            "answer_id": "0b6c2f0f6a0e4c55a2a4c1f1f3b1a9d2",
            "question": "What do I do when PgDiskAlmostFull fires?",
            "outcome": "partial",
            "rating": "down",
            "comment": "Step 3 of the runbook is missing.",
        },
    }
}


class FeedbackBox(Protocol):
    """What takes feedback."""

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        """Store what a reader thinks of an answer."""


def feedback_routes(box: FeedbackBox, workers: Workers) -> APIRouter:
    """Return the route that takes feedback."""
    router = APIRouter(tags=["feedback"])

    @router.post(
        "/v1/feedback", operation_id="sendFeedback", status_code=201, responses=problems(400, 401, 413, 422, 503)
    )
    async def send_feedback(
        request: Annotated[FeedbackRequest, Body(openapi_examples=_EXAMPLES)],
    ) -> FeedbackStored:
        """Say whether an answer helped; sent again for the same answer, it replaces what was said before."""
        return await workers.run(box.send_feedback, request)

    return router
