"""The composition root: which adapters the settings mean, put together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.settings import ApiSettings

if TYPE_CHECKING:
    from api.assistant import Assistant
    from api.local import LocalAssistant
    from api.serving import Generations, ServedKnowledge
    from ingest.knowledge.embedding import Embedder

_ANY_DIMENSION = 1  # only a writer needs the dimension of the vectors, and finding it out loads the model


@dataclass(frozen=True, slots=True)
class Local:
    """An assistant over an index opened in this process, with the knowledge that it serves."""

    assistant: "LocalAssistant"
    knowledge: "ServedKnowledge"


def open_store(settings: ApiSettings) -> "Generations":
    """Return where generations are read from: the Qdrant server that is set, else the embedded index."""
    if settings.qdrant_url:
        from ingest.knowledge.server_store import QdrantServerStore

        key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
        return QdrantServerStore.connect(
            settings.qdrant_url, key, prefix=settings.qdrant_prefix, dimension=_ANY_DIMENSION
        )
    from ingest.knowledge.edge_store import EdgeStore

    return EdgeStore(settings.knowledge_dir, _ANY_DIMENSION)


def open_embedder(settings: ApiSettings) -> "Embedder":
    """Return the embedding model that is set; it is loaded on first use."""
    from ingest.knowledge.sentence_embedder import SentenceEmbedder

    return SentenceEmbedder(settings.embedding_model)


def open_local(settings: ApiSettings) -> Local:
    """Return an assistant that opens the index in this process on first use."""
    from api.library import Library
    from api.local import LocalAssistant
    from api.serving import ServedKnowledge
    from api.storage.database import Database
    from api.storage.feedback import FeedbackTable
    from api.storage.retrievals import RetrievalTable
    from api.sync_runs import CommandLauncher, SyncRuns

    knowledge = ServedKnowledge(
        open_store(settings),
        open_embedder(settings),
        check_every=settings.refresh_seconds,
        labels=settings.held_labels,
    )
    place = settings.qdrant_url or str(settings.knowledge_dir)
    library = Library(knowledge, settings.manifest_file, place)
    database = Database(settings.feedback_url)
    launch = CommandLauncher(settings.data_dir / "sync.log")
    runs = SyncRuns(settings.manifest_file, launch, settings.held_labels)
    assistant = LocalAssistant(knowledge, library, FeedbackTable(database), runs, RetrievalTable(database))
    return Local(assistant, knowledge)


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
