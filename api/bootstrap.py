"""The composition root: which adapters the settings mean, put together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.settings import ApiSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from api.answering.assessment import Assessment
    from api.assistant import Assistant
    from api.conversations.rewriting import FollowupWriter
    from api.investigating.connected import ConnectedSources
    from api.investigating.desk import Investigations
    from api.investigation.investigations import Investigator
    from api.llm.chat_model import ChatModel
    from api.local import LocalAssistant
    from api.responding.incidents import Incidents
    from api.responding.known_graph import Edges
    from api.retrieval.reranking import Reranker
    from api.retrieval.rewriting import Rewriter
    from api.retrieval.search import Hit
    from api.routes.webhooks import Senders
    from api.serving import ServedKnowledge
    from api.telemetry.otlp.store import OtlpStore
    from api.writing.writer import Writer
    from ingest.knowledge.index import IndexDescription, IndexStore
    from ingest.knowledge.query_adapter import AdaptedEmbedder

_ANY_DIMENSION = 1  # only a writer needs the dimension of the vectors, and finding it out loads the model


@dataclass(frozen=True, slots=True)
class Local:
    """An assistant over an index opened in this process, with the knowledge that it serves."""

    assistant: "LocalAssistant"
    knowledge: "ServedKnowledge"


def open_store(settings: ApiSettings) -> "IndexStore":
    """Return where generations are read from: the Qdrant server that is set, else the embedded index."""
    if settings.qdrant_url:
        from ingest.knowledge.server_store import QdrantServerStore

        key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
        return QdrantServerStore.connect(
            settings.qdrant_url, key, prefix=settings.qdrant_prefix, dimension=_ANY_DIMENSION
        )
    from ingest.knowledge.edge_store import EdgeStore

    return EdgeStore(settings.knowledge_dir, _ANY_DIMENSION)


def open_embedder(settings: ApiSettings) -> "AdaptedEmbedder":
    """Return the embedding model that is set, loaded on first use, with the adapter of questions that is in use."""
    from ingest.knowledge.adapter_store import AdapterStore
    from ingest.knowledge.query_adapter import AdaptedEmbedder
    from ingest.knowledge.sentence_embedder import SentenceEmbedder

    return AdaptedEmbedder(
        SentenceEmbedder(settings.embedding_model), AdapterStore(settings.knowledge_dir / "adapters")
    )


def open_assessment(settings: ApiSettings, adapter: "Callable[[], str]") -> "Callable[[IndexDescription], Assessment]":
    """Return how answers from a generation are judged, `adapter` telling which adapter of questions is in use.

    Raises UsageError where the site's calibration is broken.
    """
    from api.answering.assessment import assessment_for
    from api.answering.calibration import packaged_calibration, read_calibration
    from api.answering.ladder import Costs

    file = settings.own_calibration_file
    given = settings.calibration_file is not None or file.exists()
    calibration = read_calibration(file) if given else packaged_calibration()
    costs = Costs(
        settings.cost_wrong,
        settings.cost_wrong_with_caveat,
        settings.cost_wrong_partial,
        settings.cost_caveat,
        settings.cost_partial,
        settings.cost_missed,
    )
    return lambda described: assessment_for(calibration, costs, described.model, adapter)


def open_local(settings: ApiSettings) -> Local:
    """Return an assistant that opens the index in this process on first use."""
    from api.evaluations import EvaluationHistory
    from api.kept_conversations import Conversations
    from api.library import Library
    from api.local import LocalAssistant
    from api.serving import ServedKnowledge
    from api.storage.conversations import ConversationTable
    from api.storage.database import Database
    from api.storage.feedback import FeedbackTable
    from api.storage.retrievals import RetrievalTable
    from api.sync_runs import CommandLauncher, SyncRuns

    embedder = open_embedder(settings)
    model = open_llm(settings)
    knowledge = ServedKnowledge(
        open_store(settings),
        embedder,
        check_every=settings.refresh_seconds,
        labels=settings.held_labels,
        assess=open_assessment(settings, embedder.adapter_in_use),
        reranker=_reranker(settings),
        rewriter=_rewriter(settings, model),
    )
    place = settings.qdrant_url or str(settings.knowledge_dir)
    library = Library(knowledge, settings.manifest_file, place)
    database = Database(settings.feedback_url)
    launch = CommandLauncher(settings.data_dir / "sync.log")
    runs = SyncRuns(settings.manifest_file, launch, settings.held_labels)
    conversations = Conversations(
        ConversationTable(database),
        knowledge,
        keep_days=settings.conversation_days,
        reader=_followup_reader(model),
    )
    assistant = LocalAssistant(
        knowledge,
        library,
        FeedbackTable(database),
        runs,
        RetrievalTable(database),
        conversations,
        EvaluationHistory(settings.evaluations_dir),
        _writer_of(model),
    )
    return Local(assistant, knowledge)


def open_otlp(settings: ApiSettings) -> "OtlpStore | None":
    """Return the store of telemetry that is sent by OTLP, None where none is taken; it works once it is opened."""
    from api.telemetry.otlp.store import Keeping, OtlpStore

    if not settings.otlp:
        return None
    return OtlpStore(settings.otlp_dir, keeping=Keeping(settings.otlp_megabytes * 1_000_000, settings.otlp_hours))


def open_sources(settings: ApiSettings, otlp: "OtlpStore | None" = None) -> "ConnectedSources":
    """Return the systems that hold telemetry, and the changes that were told; asks none of them.

    `otlp` is the store that this process owns; without one, what another process keeps is only read. Raises UsageError
    that names what is wrong in the file of sources.
    """
    import os

    from api.investigating.connected import ConnectedSources
    from api.telemetry.live.opening import open_sources as read_sources
    from api.telemetry.live.told_changes import ChangeStore, ToldChangesSource
    from api.telemetry.otlp.source import OtlpSource

    named = read_sources(settings.telemetry_file, os.environ) if settings.telemetry_file else ()
    changes = ChangeStore(settings.changes_file)
    told = ToldChangesSource(changes, str(settings.changes_file))
    store = otlp or open_otlp(settings)
    sent = (OtlpSource(store),) if store is not None else ()
    return ConnectedSources((*named, *sent, told), changes)


def open_investigations(
    settings: ApiSettings, knowledge: "ServedKnowledge", connected: "ConnectedSources | None" = None
) -> "Investigations":
    """Return the desk for investigations, over connected sources where there are; it works once it is opened."""
    from api.investigating.archives import ArchiveLimits
    from api.investigating.bundle_places import BundlePlaces
    from api.investigating.desk import Investigations
    from api.investigating.live_cases import LiveCases
    from api.steering.steered import Models
    from api.storage.database import Database
    from api.telemetry.bundles import open_bundle
    from api.telemetry.live.cases import CaseOpener

    most = settings.upload_megabytes * 1_000_000
    places = BundlePlaces(
        settings.bundles_dir, settings.uploads_dir, limits=ArchiveLimits(total_bytes=10 * most), most_sent=most
    )
    sources = (connected or open_sources(settings)).sources
    return Investigations(
        Database(settings.feedback_url),
        places,
        CaseOpener(sources, open_bundle),
        _investigator(settings, knowledge),
        at_once=settings.investigations_at_once,
        live=LiveCases(sources, places),
        models=Models(fitted_here=settings.investigation_fitted_here),
    )


def open_incidents(
    settings: ApiSettings, knowledge: "ServedKnowledge", investigations: "Investigations"
) -> "Incidents":
    """Return the incidents that alerts open; they are looked after once it is opened."""
    from datetime import timedelta

    from api.incidents.alerts import Severity
    from api.incidents.incidents import Rules
    from api.responding.desk_starter import DeskStarter
    from api.responding.incidents import Incidents
    from api.storage.database import Database
    from api.storage.incident_inquests import StartLimits

    rules = Rules(
        same_service=timedelta(minutes=settings.incident_join_minutes),
        neighbours=timedelta(minutes=settings.incident_neighbour_minutes),
        hops=settings.incident_hops,
        reopen=timedelta(minutes=settings.incident_reopen_minutes),
        quiet=timedelta(minutes=settings.incident_quiet_minutes),
        investigate_from=Severity(settings.investigate_alerts_from),
    )
    incidents = Incidents(
        Database(settings.feedback_url),
        rules=rules,
        starter=DeskStarter(investigations) if settings.investigate_alerts else None,
        limits=StartLimits(settings.alert_investigations_at_once, settings.alert_investigations_per_hour),
        edges=_declared_edges(knowledge),
    )
    investigations.on_going_on(incidents.go_on)
    return incidents


def open_senders(settings: ApiSettings) -> "Senders":
    """Return what is set about senders of alerts; raises UsageError that names what is wrong in the mapping."""
    from api.incidents.payloads.mapping import read_mapping
    from api.routes.webhooks import Senders

    file = settings.webhook_mapping_file
    return Senders(settings.pagerduty_signing_secrets, read_mapping(file) if file else None)


def _declared_edges(knowledge: "ServedKnowledge") -> "Edges":
    """Return what gives the pairs of services that depend on each other by the documents, aliases too."""

    def edges() -> "Sequence[tuple[str, str]]":
        with knowledge.reading() as serving:
            services = serving.catalogues.structure().services
        return [
            (spelling, edge.name)
            for service in services
            for spelling in (service.name, *service.aliases)
            for edge in (*service.depends_on, *service.used_by)
        ]

    return edges


def _investigator(settings: ApiSettings, knowledge: "ServedKnowledge") -> "Investigator":
    """Return the inquiry, with an agent beside it where that is set; raises UsageError where no model is."""
    from api.investigating.parts import open_investigator, specialists

    if not settings.investigation_agent:
        return open_investigator(fitted_here=settings.investigation_fitted_here)
    model = open_llm(settings)
    if model is None:
        from ingest.errors import UsageError

        raise UsageError(
            "GROUNDWATCH_INVESTIGATION_AGENT is set, and no language model is; "
            "set GROUNDWATCH_LLM_PROVIDER, or unset it"
        )
    from api.agent.assisted import AssistedInvestigator
    from api.agent.metering import AgentLimits
    from api.agent.searched import SearchedKnowledge
    from api.llm.budget import Price
    from api.llm.settings import load_llm_settings

    def search(query: str) -> "Sequence[Hit]":
        with knowledge.reading() as serving:
            return serving.searcher.search(query, limit=4)

    llm = load_llm_settings()
    return AssistedInvestigator(
        open_investigator(fitted_here=settings.investigation_fitted_here),
        model,
        specialists=specialists(),
        knowledge=SearchedKnowledge(search),
        limits=AgentLimits(call_seconds=llm.timeout_seconds, answer_tokens=min(800, llm.max_tokens)),
        price=Price(llm.price_prompt, llm.price_completion),
    )


def open_llm(settings: ApiSettings) -> "ChatModel | None":
    """Return the language model that is set, or None; raises UsageError that names a wrong setting."""
    from api.llm.ledgers import FileLedger
    from api.llm.opening import open_chat_model
    from api.llm.settings import load_llm_settings

    return open_chat_model(load_llm_settings(), FileLedger(settings.data_dir / "llm_budget.json"))


def warm_up() -> None:
    """Load what the first investigation and a language model need, which takes seconds; raises errors of api.errors."""
    import pyarrow.dataset  # type: ignore[import-untyped]  # ships no hints
    import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: F401 - loaded for those who use it later

    from api.investigating.parts import specialists
    from api.telemetry.otlp.requests import OtlpSignal, message_of

    specialists()
    for signal in OtlpSignal:
        message_of(signal)
    warm_up_llm()


def warm_up_llm() -> None:
    """Load what the language model's provider needs, which takes seconds; raises errors of api.errors."""
    from api.llm.opening import load_libraries
    from api.llm.settings import load_llm_settings

    load_libraries(load_llm_settings())


def _reranker(settings: ApiSettings) -> "Reranker | None":
    if settings.reranker is None:
        return None
    from api.retrieval.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(settings.reranker)


def _rewriter(settings: ApiSettings, model: "ChatModel | None") -> "Rewriter | None":
    """Return what gives vague questions other words; raises UsageError where that is set and no model is."""
    if not settings.rewrite_questions:
        return None
    if model is None:
        from ingest.errors import UsageError

        raise UsageError(
            "GROUNDWATCH_REWRITE_QUESTIONS is set, and no language model is; set GROUNDWATCH_LLM_PROVIDER, or unset it"
        )
    from api.llm.chat_model import ChatRequest, Message, Role, complete
    from api.retrieval.rewriting import ModelRewriter

    asked = model

    def ask(rules: str, data: str, schema: "Mapping[str, Any]") -> str:
        messages = (Message(Role.SYSTEM, rules), Message(Role.USER, data))
        return complete(asked, ChatRequest(messages, schema, max_tokens=200, seconds=8.0)).text

    return ModelRewriter(ask, model.name)


def _followup_reader(model: "ChatModel | None") -> "FollowupWriter | None":
    from api.conversations.rewriting import FollowupWriter

    return FollowupWriter(model) if model else None


def _writer_of(model: "ChatModel | None") -> "Callable[[], Writer | None]":
    """Return what gives each answer a writer with the budget of one answer."""
    from api.llm.budget import OneAnswer, Price
    from api.llm.settings import load_llm_settings
    from api.writing.writer import Writer, WritingLimits

    llm = load_llm_settings()
    limits = WritingLimits(answer_tokens=llm.max_tokens, seconds=llm.timeout_seconds)
    price = Price(llm.price_prompt, llm.price_completion)

    def writer() -> Writer | None:
        if model is None:
            return None
        one = OneAnswer(model, max_tokens=llm.max_tokens, seconds=llm.timeout_seconds)
        return Writer(one, limits, price.of)

    return writer


def open_assistant(settings: ApiSettings) -> "Assistant":
    """Return the running API where there is one, else an assistant that opens the index itself."""
    url = running_url(settings)
    if url is None:
        return open_local(settings).assistant
    from api.client import ApiClient

    return ApiClient(url, settings.presented_key, timeout=settings.request_timeout)


def running_url(settings: ApiSettings) -> str | None:
    """Return the URL of the API to use: the one that is set, else one that serves the data directory."""
    from api.running import find_running

    if settings.url:
        return settings.url
    running = find_running(settings.running_file)
    return running.url if running else None
