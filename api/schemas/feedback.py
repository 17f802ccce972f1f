"""What a reader thinks of an answer, on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.answering.answer import Outcome
from api.schemas.places import Wire


class FeedbackRequest(Wire):
    """A thumb with an optional comment on one answer; sending it again for the same answer replaces it."""

    answer_id: str = Field(min_length=1, max_length=64)
    question: str = Field(max_length=8_000)
    outcome: Outcome
    rating: Literal["up", "down"]
    comment: str = Field("", max_length=4_000)


class FeedbackStored(Wire):
    """The stored feedback."""

    id: int
    answer_id: str
    stored_at: datetime


class Problem(Wire):
    """An error as RFC 9457 problem details (media type application/problem+json).

    `type` is a stable URI reference for the kind of problem, `next_step` says what to do.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None
    next_step: str | None = None
