"""Which error becomes which problem on the wire, and back: one table for the API and its client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.errors import NotAllowed, NotFound, ServiceUnreachable
from api.schemas.feedback import Problem
from ingest.errors import (
    GroundwatchError,
    KnowledgeError,
    KnowledgeLocked,
    KnowledgeMissing,
    ModelMismatch,
    ModelUnavailable,
    StorageFailed,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: its stable `type`, title, status, and what a caller should do about it."""

    error: type[GroundwatchError]
    type: str
    title: str
    status: int
    next_step: str


# The most special error first: the first match names the problem.
KINDS: Sequence[ProblemKind] = (
    ProblemKind(UsageError, "/problems/usage", "Wrong value", 422, "Correct the value that the detail names."),
    ProblemKind(
        NotFound,
        "/problems/not-found",
        "Not found",
        404,
        "Check the name or id in the detail; it says where they are listed.",
    ),
    ProblemKind(
        NotAllowed,
        "/problems/not-allowed",
        "Key missing or wrong",
        401,
        "Send one of the keys in GROUNDWATCH_API_KEYS as 'Authorization: Bearer KEY'.",
    ),
    ProblemKind(
        KnowledgeMissing, "/problems/knowledge-missing", "Nothing ingested", 503, "Run: groundwatch ingest PATH"
    ),
    ProblemKind(
        KnowledgeLocked,
        "/problems/knowledge-locked",
        "Index in use",
        503,
        "Wait for the other process, or stop it; commands find a running API by themselves.",
    ),
    ProblemKind(
        ModelMismatch,
        "/problems/model-mismatch",
        "Index of another model",
        503,
        "Set GROUNDWATCH_EMBEDDING_MODEL back, or run: groundwatch ingest --rebuild",
    ),
    ProblemKind(ModelUnavailable, "/problems/model-unavailable", "Model unavailable", 503, "Run: groundwatch doctor"),
    ProblemKind(
        StorageFailed, "/problems/storage", "Storage failed", 503, "Check free space and permissions, then try again."
    ),
    ProblemKind(KnowledgeError, "/problems/knowledge", "Knowledge unavailable", 503, "Run: groundwatch doctor"),
    ProblemKind(ServiceUnreachable, "/problems/unreachable", "Service unreachable", 502, "Start it: groundwatch serve"),
    ProblemKind(GroundwatchError, "/problems/failed", "Failed", 500, "Run: groundwatch doctor"),
)

_BY_STATUS: Mapping[int, type[GroundwatchError]] = {401: NotAllowed, 403: NotAllowed, 404: NotFound}


def problem_of(error: GroundwatchError, *, instance: str | None = None) -> Problem:
    """Return the problem that tells of an error."""
    kind = next(kind for kind in KINDS if isinstance(error, kind.error))
    return Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=str(error),
        instance=instance,
        next_step=kind.next_step,
    )


def error_of(problem: Problem) -> GroundwatchError:
    """Return the error that a problem tells of; one of an unknown type is told apart by its status."""
    found = next((kind.error for kind in KINDS if kind.type == problem.type), None)
    if found is None:
        found = _BY_STATUS.get(problem.status, UsageError if 400 <= problem.status < 500 else ServiceUnreachable)
    return found(problem.detail or problem.title)


def error_of_event(title: str, detail: str) -> GroundwatchError:
    """Return the error that an error event of a stream tells of."""
    found = next((kind.error for kind in KINDS if kind.title == title), ServiceUnreachable)
    return found(detail)
