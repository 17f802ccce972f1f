"""The composition root: which adapters the settings mean, put together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.settings import ApiSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from api.answering.assessment import Assessment
    from api.assistant import Assistant
    from api.conversations.rewriting import FollowupWriter
    from api.llm.chat_model import ChatModel
    from api.local import LocalAssistant
    from api.retrieval.reranking import Reranker
    from api.retrieval.rewriting import Rewriter
    from api.serving import ServedKnowledge
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
