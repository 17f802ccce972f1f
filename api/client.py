"""The assistant that asks a running API over HTTP."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from api.errors import ServiceUnreachable, UsageError
from api.incident_client import IncidentCalls
from api.notification_client import NotificationCalls
from api.schemas.answers import Answer, AskEvent, AskRequest, ErrorEvent
from api.schemas.comparisons import Comparison
from api.schemas.conversations import (
    Conversation,
    ConversationPage,
    ExportedConversation,
    ExportFormat,
    StoredAnswer,
)
from api.schemas.corrections import CorrectionStored, DocumentCorrection
from api.schemas.evaluations import EvaluationPage, EvaluationReport
from api.schemas.feedback import FeedbackRequest, FeedbackStored, Problem
from api.schemas.investigation_guidance import InvestigationGuidance
from api.schemas.investigation_runs import (
    EndEvent,
    InvestigationDetail,
    InvestigationEvent,
    InvestigationPage,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
    StepEvent,
)
from api.schemas.investigations import ObservationDetail
from api.schemas.knowledge import DocumentDetail, DocumentPage, KnowledgeStatus
from api.schemas.problems import error_of, error_of_event
from api.schemas.search import SearchRequest, SearchResponse
from api.schemas.structure import AlertPage, ServiceDetail, ServicePage
from api.schemas.upkeep import KnowledgeHealth, RetryRequest, RetryStored, RunDetail, RunPage, SyncRequest, SyncStarted
from api.steering_client import SteeringCalls

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx

_CONNECT_SECONDS = 5.0
_FILE_NAME = re.compile(r'filename="([^"]+)"')

Model = TypeVar("Model", bound=BaseModel)


class ApiClient(IncidentCalls, NotificationCalls, SteeringCalls):
    """An `Assistant` behind a URL; problems come back as the errors that they tell of."""

    def __init__(self, url: str, api_key: str | None = None, *, timeout: float = 60.0) -> None:
        import httpx

        self.url = url.rstrip("/")
        if not re.fullmatch(r"https?://[^\s/]\S*", self.url):
            raise UsageError(f"{url!r} is not the URL of an API; set GROUNDWATCH_URL to http://HOST:PORT")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        try:
            self._http = httpx.Client(
                base_url=self.url,
                headers=headers,
                timeout=httpx.Timeout(timeout, connect=_CONNECT_SECONDS),
                trust_env=not _is_local(self.url),  # no proxy stands between this machine and itself
                verify=_tls(),
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError(f"cannot ask the API at {url!r}: {error}; correct GROUNDWATCH_URL or the key") from error

    def search(self, request: SearchRequest) -> SearchResponse:
        """Return passages, best first."""
        return self._post("/v1/search", request, SearchResponse)

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question, or abstain."""
        return self._post("/v1/ask", request, Answer)

    def ask_events(self, request: AskRequest) -> Iterator[AskEvent]:
        """Answer a question as a stream; an error that the stream ends with is raised."""
        headers = {"Accept": "text/event-stream", "Content-Type": "application/json"}
        with (
            self._errors(),
            self._http.stream("POST", "/v1/ask", content=request.model_dump_json(), headers=headers) as response,
        ):
            if response.is_error:
                response.read()
            self._check(response)
            for data in _event_data(_lines(response.iter_bytes())):
                event = _EVENT.validate_json(data)
                if isinstance(event, ErrorEvent):
                    raise error_of_event(event.title, event.detail)
                yield event

    def status(self) -> KnowledgeStatus:
        """Return what is being served; before the first ingest too."""
        return self._get("/v1/knowledge", {}, KnowledgeStatus)

    def documents(
        self, *, source: str | None, state: str | None, kind: str | None, query: str, offset: int, limit: int
    ) -> DocumentPage:
        """Return documents whose title or path holds `query`; failed ones too."""
        wanted = {"source": source, "state": state, "kind": kind, "q": query or None}
        parameters = {name: value for name, value in wanted.items() if value is not None}
        return self._get("/v1/documents", {**parameters, "offset": offset, "limit": limit}, DocumentPage)

    def document(self, document_id: str) -> DocumentDetail:
        """Return one document with its text; raises NotFound."""
        return self._get(_document_path(document_id), {}, DocumentDetail)

    def correct(self, document_id: str, correction: DocumentCorrection) -> CorrectionStored:
        """Tell the right kind or services of a document; the next ingest applies them."""
        return self._send("PATCH", _document_path(document_id), correction, CorrectionStored)

    def runs(self, *, source: str | None, limit: int) -> RunPage:
        """Return the newest runs, of all sources or of those that read one."""
        parameters: dict[str, str | int] = {"limit": limit}
        return self._get("/v1/runs", parameters | ({"source": source} if source else {}), RunPage)

    def run(self, run_id: int, *, offset: int, limit: int) -> RunDetail:
        """Return one run with a part of its diff; raises NotFound."""
        return self._get(f"/v1/runs/{run_id}", {"offset": offset, "limit": limit}, RunDetail)

    def start_sync(self, request: SyncRequest) -> SyncStarted:
        """Start a run, unless one is at work."""
        return self._post("/v1/syncs", request, SyncStarted)

    def cancel_sync(self) -> SyncStarted:
        """Ask the run at work to stop before it promotes."""
        return self._post("/v1/syncs/cancel", SyncRequest(), SyncStarted)

    def retry(self, request: RetryRequest) -> RetryStored:
        """Let the next run read failed documents again."""
        return self._post("/v1/documents/retry", request, RetryStored)

    def services(self, *, query: str, offset: int, limit: int) -> ServicePage:
        """Return services whose name or alias holds `query`, by name."""
        return self._get("/v1/services", {"query": query, "offset": offset, "limit": limit}, ServicePage)

    def service(self, name: str) -> ServiceDetail:
        """Return one service by its name or an alias; raises NotFound, with near matches."""
        return self._get(f"/v1/services/{quote(name, safe='')}", {}, ServiceDetail)

    def alerts(self, *, query: str, without_runbook: bool, offset: int, limit: int) -> AlertPage:
        """Return alerts whose name holds `query`, by name; only those without a runbook where asked for."""
        wanted: dict[str, str | int] = {"query": query, "offset": offset, "limit": limit}
        return self._get("/v1/alerts", wanted | ({"without_runbook": "true"} if without_runbook else {}), AlertPage)

    def health(self) -> KnowledgeHealth:
        """Return what is wrong with the documents."""
        return self._get("/v1/knowledge/health", {}, KnowledgeHealth)

    def conversations(self, *, offset: int, limit: int) -> ConversationPage:
        """Return conversations, the one that was added to last first."""
        return self._get("/v1/conversations", {"offset": offset, "limit": limit}, ConversationPage)

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        """Return a conversation with some of its turns, oldest first; raises NotFound."""
        path = f"/v1/conversations/{quote(conversation_id, safe='')}"
        return self._get(path, {"offset": offset, "limit": limit}, Conversation)

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation with its answers; raises NotFound."""
        with self._errors():
            self._check(self._http.delete(f"/v1/conversations/{quote(conversation_id, safe='')}"))

    def export_conversation(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        """Return a whole conversation as a file; raises NotFound."""
        with self._errors():
            path = f"/v1/conversations/{quote(conversation_id, safe='')}/export"
            response = self._http.get(path, params={"format": format})
            self._check(response)
            named = _FILE_NAME.search(response.headers.get("Content-Disposition", ""))
            return ExportedConversation(
                file_name=named.group(1) if named else f"conversation-{conversation_id}",
                media_type=response.headers.get("Content-Type", "").partition(";")[0],
                text=response.text,
            )

    def stored_answer(self, answer_id: str) -> StoredAnswer:
        """Return one stored answer as far as it may still be shown; raises NotFound."""
        return self._get(f"/v1/answers/{quote(answer_id, safe='')}", {}, StoredAnswer)

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        """Return the newest runs of the evaluations."""
        return self._get("/v1/evaluations", {"offset": offset, "limit": limit}, EvaluationPage)

    def evaluation(self, run_id: str) -> EvaluationReport:
        """Return one run of the evaluations; raises NotFound."""
        return self._get(f"/v1/evaluations/{quote(run_id, safe='')}", {}, EvaluationReport)

    def evaluation_comparison(self, run_id: str) -> Comparison:
        """Return one run beside earlier ones; raises NotFound."""
        return self._get(f"/v1/evaluations/{quote(run_id, safe='')}/comparison", {}, Comparison)

    def send_feedback(self, request: FeedbackRequest) -> FeedbackStored:
        """Store what a reader thinks of an answer."""
        return self._post("/v1/feedback", request, FeedbackStored)

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        """Ask for the investigation of a bundle that lies where the API finds it."""
        return self._post("/v1/investigations", request, InvestigationSummary)

    def upload_investigation(self, archive: bytes, *, media_type: str, title: str = "") -> InvestigationSummary:
        """Send a bundle as an archive and ask for its investigation."""
        parameters = {"title": title} if title else {}
        headers = {"Content-Type": media_type}
        with self._errors():
            response = self._http.post("/v1/investigations/upload", content=archive, params=parameters, headers=headers)
            self._check(response)
            return InvestigationSummary.model_validate_json(response.content)

    def investigations(self, *, state: RunState | None, offset: int, limit: int) -> InvestigationPage:
        """Return investigations, newest first."""
        wanted: dict[str, str | int] = {"offset": offset, "limit": limit}
        return self._get("/v1/investigations", wanted | ({"state": state.value} if state else {}), InvestigationPage)

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it, once it is done; raises NotFound."""
        return self._get(_investigation_path(investigation_id), {}, InvestigationDetail)

    def investigation_events(self, investigation_id: str, *, after: int = 0) -> Iterator[StepEvent | EndEvent]:
        """Follow an investigation until it ends; an error that the stream ends with is raised."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(after)} if after else {})
        path = f"{_investigation_path(investigation_id)}/events"
        with self._errors(), self._http.stream("GET", path, headers=headers) as response:
            if response.is_error:
                response.read()
            self._check(response)
            for data in _event_data(_lines(response.iter_bytes())):
                event = _INVESTIGATION_EVENT.validate_json(data)
                if isinstance(event, ErrorEvent):
                    raise error_of_event(event.title, event.detail)
                yield event

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""
        path = f"{_investigation_path(investigation_id)}/observations/{quote(observation_id, safe='')}"
        return self._get(path, {}, ObservationDetail)

    def investigation_report(self, investigation_id: str, *, guidance: bool = False) -> str:
        """Return the report as Markdown, with what documents advise where asked for.

        Raises NotFound, and UsageError where it is not done.
        """
        parameters = {"guidance": "true"} if guidance else {}
        with self._errors():
            response = self._http.get(f"{_investigation_path(investigation_id)}/report.md", params=parameters)
            self._check(response)
            return response.text

    def postmortem_markdown(self, investigation_id: str) -> str:
        """Return the draft of a postmortem as Markdown; raises NotFound, and UsageError where it isn't done."""
        with self._errors():
            response = self._http.get(f"{_investigation_path(investigation_id)}/postmortem.md")
            self._check(response)
            return response.text

    def investigation_guidance(self, investigation_id: str) -> InvestigationGuidance:
        """Return what documents advise; raises NotFound, KnowledgeMissing, and UsageError where it is not done."""
        return self._get(f"{_investigation_path(investigation_id)}/guidance", {}, InvestigationGuidance)

    def investigation_bundle(self, investigation_id: str) -> bytes:
        """Return one that is done with its telemetry as a .tar.gz; raises as the report does."""
        with self._errors():
            response = self._http.get(f"{_investigation_path(investigation_id)}/bundle")
            self._check(response)
            return response.content

    def cancel_investigation(self, investigation_id: str) -> InvestigationSummary:
        """Call one off unless it has ended; raises NotFound."""
        with self._errors():
            response = self._http.post(f"{_investigation_path(investigation_id)}/cancel")
            self._check(response)
            return InvestigationSummary.model_validate_json(response.content)

    def delete_investigation(self, investigation_id: str) -> None:
        """Delete one with all that was kept of it; raises NotFound."""
        with self._errors():
            self._check(self._http.delete(_investigation_path(investigation_id)))

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _get(self, path: str, parameters: Mapping[str, str | int], returns: type[Model]) -> Model:
        with self._errors():
            response = self._http.get(path, params=dict(parameters))
            self._check(response)
            return returns.model_validate_json(response.content)

    def _post(self, path: str, body: BaseModel, returns: type[Model]) -> Model:
        return self._send("POST", path, body, returns)

    def _send(self, method: str, path: str, body: BaseModel, returns: type[Model]) -> Model:
        headers = {"Content-Type": "application/json"}
        content = body.model_dump_json(exclude_unset=True)
        with self._errors():
            response = self._http.request(method, path, content=content, headers=headers)
            self._check(response)
            return returns.model_validate_json(response.content)

    def _check(self, response: "httpx.Response") -> None:
        if response.is_success:
            return
        try:
            problem = Problem.model_validate_json(response.content)
        except ValidationError as error:
            raise ServiceUnreachable(
                f"{self.url} answers {response.status_code} and is no Groundwatch API; check GROUNDWATCH_URL"
            ) from error
        raise error_of(problem)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.ConnectError as error:
            raise ServiceUnreachable(
                f"no API answers at {self.url!r} ({error}); start it with groundwatch serve, or correct or unset "
                "GROUNDWATCH_URL"
            ) from error
        except httpx.TimeoutException as error:
            raise ServiceUnreachable(
                f"the API at {self.url!r} did not answer in time; see its log, or restart it with groundwatch serve"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceUnreachable(
                f"the connection to the API at {self.url!r} broke ({error}); try again, or restart it with "
                "groundwatch serve"
            ) from error
        except ValidationError as error:
            raise ServiceUnreachable(
                f"the API at {self.url!r} answers in another form than expected ({error.error_count()} fields); "
                "run the same version of Groundwatch on both sides"
            ) from error


_EVENT: TypeAdapter[AskEvent] = TypeAdapter(AskEvent)
_INVESTIGATION_EVENT: TypeAdapter[InvestigationEvent] = TypeAdapter(InvestigationEvent)


def _event_data(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the data of each event (WHATWG HTML, 9.2.6); comments and other fields are not needed."""
    data: list[bytes] = []
    for line in lines:
        if not line and data:
            yield b"\n".join(data)
            data.clear()
        elif line.startswith(b"data:"):
            data.append(line.removeprefix(b"data:").removeprefix(b" "))


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield whole lines; only line feeds end one, since JSON may hold Unicode's other separators."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")


def _investigation_path(investigation_id: str) -> str:
    return f"/v1/investigations/{quote(investigation_id, safe='')}"


def _document_path(document_id: str) -> str:
    return f"/v1/documents/{quote(document_id, safe='')}"


@cache
def _tls() -> "SSLContext":
    """Load the certificates of authorities once a process: it takes longer than most requests."""
    import httpx

    return httpx.create_ssl_context()


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
