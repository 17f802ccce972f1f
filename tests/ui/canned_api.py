"""A real HTTP server on loopback that speaks the API's wire format with the answers of the fake."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header, Response
from fastapi.responses import StreamingResponse

from api.errors import NotFound
from api.schemas.answers import AskRequest
from api.schemas.conversations import Conversation, ConversationPage, StoredAnswer
from api.schemas.feedback import FeedbackRequest, FeedbackStored, Problem
from api.schemas.investigation_runs import InvestigationDetail, InvestigationPage, InvestigationSummary, RunState
from api.schemas.investigations import ObservationDetail
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage
from api.schemas.upkeep import KnowledgeHealth, RetryRequest, RetryStored, RunDetail, RunPage, SyncRequest, SyncStarted
from tests.ui.canned_investigations import FakeInvestigations
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

    _add_conversations(app, fake)
    _add_upkeep(app, fake)
    _add_structure(app, fake)
    _add_investigations(app, fake.investigating)
    return app


def _add_conversations(app: FastAPI, fake: FakeAssistant) -> None:
    @app.get("/v1/conversations")
    def _page(offset: int = 0, limit: int = 20) -> ConversationPage:
        return fake.conversations(offset=offset, limit=limit)

    @app.get("/v1/conversations/{conversation_id}")
    def _conversation(conversation_id: str, offset: int = 0, limit: int = 50) -> Conversation:
        return fake.conversation(conversation_id, offset=offset, limit=limit)

    @app.delete("/v1/conversations/{conversation_id}", status_code=204)
    def _delete(conversation_id: str) -> None:
        fake.delete_conversation(conversation_id)

    @app.get("/v1/answers/{answer_id}")
    def _answer(answer_id: str) -> StoredAnswer:
        return fake.stored_answer(answer_id)


def _add_upkeep(app: FastAPI, fake: FakeAssistant) -> None:
    @app.get("/v1/runs")
    def _runs(source: str | None = None, limit: int = 20) -> RunPage:
        return fake.runs(source=source, limit=limit)

    @app.get("/v1/runs/{run_id}")
    def _run(run_id: int, offset: int = 0, limit: int = 100) -> RunDetail:
        return fake.run(run_id, offset=offset, limit=limit)

    @app.post("/v1/syncs")
    def _start(request: SyncRequest) -> SyncStarted:
        return fake.start_sync(request)

    @app.post("/v1/syncs/cancel")
    def _cancel() -> SyncStarted:
        return fake.cancel_sync()

    @app.post("/v1/documents/retry")
    def _retry(request: RetryRequest) -> RetryStored:
        return fake.retry(request)


def _add_structure(app: FastAPI, fake: FakeAssistant) -> None:
    @app.get("/v1/services")
    def _services(q: str = "", offset: int = 0, limit: int = 50) -> ServicePage:
        return fake.services(query=q, offset=offset, limit=limit)

    @app.get("/v1/services/{name}")
    def _service(name: str) -> ServiceDetail:
        return fake.service(name)

    @app.get("/v1/alerts")
    def _alerts(q: str = "", without_runbook: bool = False, offset: int = 0, limit: int = 50) -> AlertPage:
        return fake.alerts(query=q, without_runbook=without_runbook, offset=offset, limit=limit)

    @app.get("/v1/knowledge/health")
    def _health() -> KnowledgeHealth:
        return fake.health()


def _add_investigations(app: FastAPI, fake: FakeInvestigations) -> None:
    @app.get("/v1/investigations")
    def _page(state: RunState | None = None, offset: int = 0, limit: int = 20) -> InvestigationPage:
        return fake.investigations(state=state, offset=offset, limit=limit)

    @app.get("/v1/investigations/{name}")
    def _one(name: str) -> InvestigationDetail:
        return fake.investigation(name)

    @app.get("/v1/investigations/{name}/observations/{rows}")
    def _rows(name: str, rows: str) -> ObservationDetail:
        return fake.observation(name, rows)

    @app.get("/v1/investigations/{name}/events")
    def _events(name: str, last_event_id: Annotated[int, Header()] = 0) -> StreamingResponse:
        events = fake.investigation_events(name, after=last_event_id)
        told = (f"event: {event.event}\ndata: {event.model_dump_json()}\n\n" for event in events)
        return StreamingResponse(told, media_type="text/event-stream")

    @app.post("/v1/investigations/{name}/cancel")
    def _cancel(name: str) -> InvestigationSummary:
        return fake.cancel_investigation(name)
