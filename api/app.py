"""The HTTP application: routes, guards and upkeep put together."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from api.errors import GroundwatchError
from api.investigating.advising import Advice
from api.investigating.connected import ConnectedSources
from api.investigating.desk import Investigations
from api.investigating.drafting import Drafts
from api.local import LocalAssistant
from api.mcp.http_door import PATH as MCP_PATH
from api.mcp.http_door import McpDoor
from api.mcp.server import mcp_server
from api.metrics import Metrics
from api.notifying.desk import Notifications
from api.responding.casework import Casework
from api.responding.chat_door import ChatDoor
from api.responding.incidents import Incidents
from api.retrieval.search import Searcher
from api.routes.answers import answer_routes
from api.routes.chat import chat_routes
from api.routes.chat_errors import ChatErrors, is_chat_path
from api.routes.conversations import conversation_routes
from api.routes.documents import document_routes
from api.routes.evaluations import evaluation_routes
from api.routes.feedback import feedback_routes
from api.routes.guards import BodyLimit, Failures, Keys, LocalHost, Observed
from api.routes.health import health_routes
from api.routes.incident_events import incident_event_routes
from api.routes.incidents import incident_routes
from api.routes.investigation_acts import act_routes
from api.routes.investigation_events import event_routes
from api.routes.investigation_guidance import guidance_routes
from api.routes.investigations import investigation_routes
from api.routes.knowledge import knowledge_routes
from api.routes.notifications import notification_routes
from api.routes.otlp import otlp_routes
from api.routes.postmortems import postmortem_routes
from api.routes.problems import install_problem_handlers
from api.routes.reference import reference_routes
from api.routes.search import search_routes
from api.routes.sources import source_routes
from api.routes.structure import structure_routes
from api.routes.syncs import upkeep_routes
from api.routes.webhook_door import WebhookDoor, tokens_of
from api.routes.webhooks import Senders, webhook_routes
from api.routes.workers import Workers
from api.running import new_instance
from api.schemas.feedback import Problem
from api.schemas.health import Health
from api.serving import ServedKnowledge
from api.settings import ApiSettings, check_exposure
from api.telemetry.otlp.store import OtlpStore
from api.upkeep import Upkeep
from api.version import installed_version

_log = logging.getLogger(__name__)

_TAGS = [
    {"name": "ask", "description": "Answers with citations."},
    {"name": "chat", "description": "The same answers for clients that speak OpenAI's protocol."},
    {"name": "conversations", "description": "What was asked before, and the answers that were given."},
    {"name": "search", "description": "Passages of the documents."},
    {"name": "documents", "description": "What the knowledge base holds."},
    {"name": "structure", "description": "Services and alerts, each fact with the place that states it."},
    {"name": "upkeep", "description": "Runs, and what is wrong with the documents."},
    {"name": "investigations", "description": "What caused an incident, from its telemetry, each claim with its rows."},
    {"name": "telemetry", "description": "Telemetry that is sent here by OTLP, for investigations of its time."},
    {"name": "incidents", "description": "Alerts of other systems, and which of them are one incident."},
    {"name": "notifications", "description": "Messages to other systems, and what came of each."},
    {"name": "feedback", "description": "What readers think of answers."},
    {"name": "evaluations", "description": "How well answers did on labelled questions."},
    {"name": "health", "description": "For those who watch over the API."},
]
_ABOUT = (
    "Groundwatch answers questions of on-call engineers from their own runbooks, architecture documents and "
    "postmortems. Every statement of an answer carries the span of a document that it rests on. Errors are "
    "problem documents (RFC 9457)."
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """Who may ask: without `keys` only this machine, by its own name; `tokens` are those of senders of alerts."""

    keys: Sequence[str] = ()
    local_only: bool = True
    tokens: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """What the application serves, and how it goes about it; `warm_up` runs in a thread once it has started."""

    assistant: LocalAssistant
    knowledge: ServedKnowledge
    investigations: Investigations
    sources: ConnectedSources = field(default_factory=lambda: ConnectedSources(()))
    incidents: Incidents | None = None
    senders: Senders = field(default_factory=Senders)
    otlp: OtlpStore | None = None
    notifications: Notifications | None = None
    threads: int = 8
    refresh_seconds: float = 1.0
    instance: str = field(default_factory=new_instance)
    warm_up: Callable[[], None] = lambda: None


def create_app(service: Service, exposure: Exposure) -> FastAPI:
    """Return the application; it warms up when it is started and closes the assistant when it ends."""
    workers, metrics = Workers(service.threads), Metrics()
    upkeep = Upkeep(service.knowledge, every=service.refresh_seconds)
    version = installed_version()
    door = _opened_to_conversations(service, workers, metrics)
    app = FastAPI(
        title="Groundwatch",
        version=version,
        description=_ABOUT,
        openapi_tags=_TAGS,
        docs_url=None,  # those pages load scripts from a CDN; ours needs nothing
        redoc_url=None,
        lifespan=_lifespan(service, upkeep, door),
    )
    # The guard checks keys; these name the two ways to present one in the description.
    documented = [
        Security(HTTPBearer(auto_error=False, description="One of GROUNDWATCH_API_KEYS, where they are set.")),
        Security(APIKeyHeader(name="X-API-Key", auto_error=False)),
    ]
    for router in (
        answer_routes(service.assistant, workers, metrics),
        chat_routes(service.assistant, workers, metrics),
        search_routes(service.assistant, workers),
        document_routes(service.assistant, workers),
        knowledge_routes(service.assistant, workers),
        structure_routes(service.assistant, workers),
        upkeep_routes(service.assistant, workers),
        feedback_routes(service.assistant, workers),
        conversation_routes(service.assistant, workers),
        evaluation_routes(service.assistant, workers),
        *_about_investigations(service, workers),
        *_about_incidents(service, workers),
    ):
        app.include_router(router, dependencies=documented)
    health = Health(version=version, instance=service.instance)
    app.include_router(health_routes(service.knowledge, service.assistant, upkeep, workers, metrics, health=health))
    app.add_route(MCP_PATH, door, include_in_schema=False)  # type: ignore[arg-type]  # an ASGI application is one too
    _describe_problems(app)
    app.include_router(reference_routes(app.openapi))
    install_problem_handlers(app)
    _install_guards(app, metrics, exposure, signed=bool(service.senders.pagerduty_secrets))
    return app


def _opened_to_conversations(service: Service, workers: Workers, metrics: Metrics) -> McpDoor:
    """Let conversations begin and read investigations, and return the door of agents, who may too."""
    casework = Casework(service.investigations, service.incidents)
    service.assistant.connect_investigations(ChatDoor(casework, _named_services(service.knowledge)))
    return McpDoor(
        mcp_server(
            lambda: service.assistant,
            workers,
            cases=lambda: casework,
            on_answer=lambda one: metrics.count_answer(one.outcome.value),
        )
    )


def _about_investigations(service: Service, workers: Workers) -> Sequence[APIRouter]:
    """Return the routes to investigations and what is made of them, and to where their telemetry comes from."""
    desk = service.investigations
    otlp = () if service.otlp is None else (otlp_routes(service.otlp, workers),)
    told = () if service.notifications is None else (notification_routes(service.notifications, workers),)
    return (
        investigation_routes(desk, workers),
        event_routes(desk, workers),
        act_routes(desk, workers),
        postmortem_routes(Drafts(desk), workers),
        guidance_routes(Advice(desk, _searching(service.knowledge)), workers),
        source_routes(service.sources, workers),
        *otlp,
        *told,
    )


def _about_incidents(service: Service, workers: Workers) -> Sequence[APIRouter]:
    """Return the routes to incidents and for alerts, where incidents are kept."""
    if service.incidents is None:
        return ()
    return (
        incident_event_routes(service.incidents, workers),
        incident_routes(service.incidents, workers),
        webhook_routes(service.incidents, workers, service.senders),
    )


def _named_services(knowledge: ServedKnowledge) -> Callable[[], Mapping[str, Sequence[str]]]:
    """Return what gives the services that documents name, each with its other names."""

    def named() -> Mapping[str, Sequence[str]]:
        with knowledge.reading() as serving:
            return {one.name: one.aliases for one in serving.catalogues.structure().services}

    return named


def _searching(knowledge: ServedKnowledge) -> Callable[[], AbstractContextManager[Searcher]]:
    """Return what leases a searcher over what may be read here."""

    @contextmanager
    def searching() -> Iterator[Searcher]:
        with knowledge.reading() as serving:
            yield serving.searcher

    return searching


def create_app_from_settings(settings: ApiSettings, *, instance: str | None = None) -> FastAPI:
    """Return the application that the settings describe; raises UsageError where it would be open to others."""
    from api.bootstrap import open_local, warm_up
    from api.incident_bootstrap import (
        open_incidents,
        open_investigations,
        open_notifications,
        open_otlp,
        open_senders,
        open_sources,
    )

    check_exposure(settings)
    local = open_local(settings)
    otlp = open_otlp(settings)
    sources = open_sources(settings, otlp)
    keys, tokens = settings.accepted_keys, tokens_of(settings.webhook_tokens.get_secret_value())
    investigations = open_investigations(settings, local.knowledge, sources, local.assistant)
    return create_app(
        Service(
            assistant=local.assistant,
            knowledge=local.knowledge,
            investigations=investigations,
            sources=sources,
            incidents=open_incidents(settings, local.knowledge, investigations),
            senders=open_senders(settings),
            otlp=otlp,
            notifications=open_notifications(settings),
            threads=settings.worker_threads,
            refresh_seconds=settings.refresh_seconds,
            instance=instance or new_instance(),
            warm_up=warm_up,
        ),
        Exposure(keys, settings.listens_on_loopback and not keys, tokens),
    )


def _install_guards(app: FastAPI, metrics: Metrics, exposure: Exposure, *, signed: bool) -> None:
    """Add the guards, the innermost first."""
    app.add_middleware(BodyLimit)
    app.add_middleware(WebhookDoor, keys=exposure.keys, tokens=exposure.tokens, signed=signed)
    if exposure.keys:
        app.add_middleware(Keys, keys=exposure.keys)
    if exposure.local_only:
        app.add_middleware(LocalHost)
    app.add_middleware(Failures)
    app.add_middleware(ChatErrors)
    app.add_middleware(Observed, metrics=metrics)


def _lifespan(service: Service, upkeep: Upkeep, door: McpDoor) -> Any:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(service.investigations.open)
        if service.otlp is not None:
            await asyncio.to_thread(_open_store, service.otlp)
        if service.incidents is not None:
            service.incidents.open()
        if service.notifications is not None:
            await asyncio.to_thread(service.notifications.open)
        tasks = [asyncio.create_task(upkeep.run()), asyncio.create_task(_warmed_up(service))]
        try:
            async with door.opened():
                yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            if service.notifications is not None:
                await asyncio.to_thread(service.notifications.close)
            if service.incidents is not None:
                await asyncio.to_thread(service.incidents.close)
            await asyncio.to_thread(service.investigations.close)
            if service.otlp is not None:
                await asyncio.to_thread(service.otlp.close)
            await asyncio.to_thread(service.assistant.close)

    return lifespan


def _open_store(store: OtlpStore) -> None:
    """Go on with what an earlier process took; where that can't be had now, the API serves all the same."""
    try:
        store.open()
    except GroundwatchError as error:
        _log.warning("%s", error)


async def _warmed_up(service: Service) -> None:
    try:
        await asyncio.to_thread(service.warm_up)
    except GroundwatchError as error:
        _log.warning("the language model is not ready: %s", error)


def _describe_problems(app: FastAPI) -> None:
    """Put the schema of problems into the description, which the problem responses refer to."""
    describe = app.openapi

    def with_problems() -> dict[str, Any]:
        described = describe()
        described["components"]["schemas"].setdefault("Problem", Problem.model_json_schema())
        for path, operations in described["paths"].items():
            if is_chat_path(path):  # a wrong request of these gets a 400 in OpenAI's form
                for operation in operations.values():
                    operation["responses"].pop("422", None)
        return described

    app.openapi = with_problems  # type: ignore[method-assign]  # FastAPI's documented way to extend it
