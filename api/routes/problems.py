"""Every error as a problem document (RFC 9457), in the responses and in the OpenAPI description."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.errors import GroundwatchError, UsageError
from api.schemas.feedback import Problem
from api.schemas.problems import MEDIA_TYPE, problem_of

_EXAMPLES = {
    400: ("/problems/malformed", "Malformed JSON", "the body is not JSON: Expecting value at character 1"),
    401: ("/problems/not-allowed", "Key missing or wrong", "send one of the keys in GROUNDWATCH_API_KEYS"),
    404: ("/problems/not-found", "Not found", "no document has the id 'x'; list them with GET /v1/documents"),
    413: ("/problems/too-large", "Body too large", "the body is larger than 1,000,000 bytes"),
    422: ("/problems/usage", "Wrong value", "body.limit: input should be less than or equal to 100"),
    500: (
        "/problems/unforeseen",
        "Internal error",
        "something failed that was not foreseen; the log has it under id x",
    ),
    503: ("/problems/knowledge-missing", "Nothing ingested", "nothing was ingested yet: run groundwatch ingest PATH"),
}


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as a response."""
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Answer the errors of ours, of validation and of routing with problems."""
    app.add_exception_handler(GroundwatchError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    # JSON may spell half a surrogate pair ("\ud800"), which is no text: it fails where it is first encoded.
    app.add_exception_handler(UnicodeEncodeError, _on_half_a_character)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of the problems that a route answers with; any may fail with 500."""
    return {status: _described(status) for status in sorted({*statuses, 500})}


def _described(status: int) -> dict[str, Any]:
    kind, title, detail = _EXAMPLES[status]
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": {"type": kind, "title": title, "status": status, "detail": detail},
    }
    return {"description": title, "content": {MEDIA_TYPE: content}}


async def _on_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, GroundwatchError)
    problem = problem_of(error, instance=request.url.path)
    return problem_response(problem, {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    complaints = error.errors()
    malformed = any(one["type"] == "json_invalid" for one in complaints)
    problem = Problem(
        type="/problems/malformed" if malformed else "/problems/usage",
        title="Malformed JSON" if malformed else "Wrong value",
        status=400 if malformed else 422,
        detail="; ".join(_complaint(one) for one in complaints[:5]),
        instance=request.url.path,
        next_step="Correct what the detail names; the fields are in GET /openapi.json.",
    )
    return problem_response(problem)


async def _on_half_a_character(request: Request, error: Exception) -> Response:
    assert isinstance(error, UnicodeEncodeError)
    found = error.object[error.start : error.start + 1]
    problem = UsageError(f"a text of the body holds {found!r}, half of a surrogate pair; send valid Unicode")
    return problem_response(problem_of(problem, instance=request.url.path))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    said = str(error.detail)
    detail = f"{request.method} {request.url.path}: {title.lower()}" if said == title else said
    problem = Problem(
        title=title,
        status=error.status_code,
        detail=detail,
        instance=request.url.path,
        next_step="The routes are listed in GET /openapi.json.",
    )
    return problem_response(problem, error.headers)


def _complaint(error: Mapping[str, Any]) -> str:
    where = _place(error["loc"])
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "not JSON")
        return f"the body is not JSON: {reason} at character {error['loc'][-1]}"
    message = str(error["msg"])
    given = "" if error["type"] == "missing" or not _short(error["input"]) else f" (not {error['input']!r})"
    return f"{where}: {message[:1].lower()}{message[1:]}{given}"


def _place(parts: Sequence[object]) -> str:
    path = ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in parts)
    return path.replace(".[", "[")


def _short(value: object) -> bool:
    return isinstance(value, str | int | float | bool) and len(repr(value)) <= 80
