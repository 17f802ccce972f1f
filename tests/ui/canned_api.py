"""A real HTTP server on loopback that speaks the API's wire format with the answers of the fake."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from api.errors import NotFound
from api.schemas.answers import AskRequest
from api.schemas.feedback import FeedbackRequest, FeedbackStored, Problem
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from tests.ui.fakes import FakeAssistant


@contextmanager
def canned_api(fake: FakeAssistant, port: int) -> Iterator[str]:
    """Serve `fake` on `port` while the context is open; yield its URL."""
    config = uvicorn.Config(_application(fake), host="127.0.0.1", port=port, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the canned API did not start"
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _application(fake: FakeAssistant) -> FastAPI:
    app = FastAPI()

    @app.exception_handler(NotFound)
    async def _not_found(_request: object, error: NotFound) -> Response:
        problem = Problem(title="Not found", status=404, detail=str(error))
        return Response(problem.model_dump_json(), status_code=404, media_type="application/problem+json")

    @app.get("/healthz")
    def _health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/v1/knowledge")
    def _status() -> KnowledgeStatus:
        return fake.status()

    @app.get("/v1/documents")
    def _documents(
        source: str | None = None,
        state: str | None = None,
        kind: str | None = None,
        q: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> DocumentPage:
        return fake.documents(source=source, state=state, kind=kind, query=q, offset=offset, limit=limit)

    @app.get("/v1/documents/{document_id}")
    def _document(document_id: str) -> DocumentDetail:
        return fake.document(document_id)

    @app.post("/v1/ask")
    def _ask(request: AskRequest) -> StreamingResponse:
        events = (f"event: {event.event}\ndata: {event.model_dump_json()}\n\n" for event in fake.ask_events(request))
        return StreamingResponse(events, media_type="text/event-stream")

    @app.post("/v1/feedback")
    def _feedback(request: FeedbackRequest) -> FeedbackStored:
        return fake.send_feedback(request)

    return app
