"""A whole API for tests: real index, real database, real HTTP on loopback; only the model is a stand-in."""

import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.app import Exposure, Service, create_app
from api.bootstrap import Local
from api.evaluations import EvaluationHistory
from api.investigating.bundle_places import BundlePlaces
from api.investigating.desk import Investigations
from api.kept_conversations import Conversations
from api.library import Library
from api.local import LocalAssistant, WriterOfAnswer
from api.serving import ServedKnowledge
from api.storage.conversations import ConversationTable
from api.storage.database import Database
from api.storage.feedback import FeedbackTable
from api.storage.retrievals import RetrievalTable
from api.sync_runs import CommandLauncher, SyncRuns
from ingest.building import Workshop
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.manifest import Manifest
from ingest.pipeline import ingest
from ingest.runs import Options, SourceNotes
from ingest.sources.folder import FolderSource
from ingest.terms import PathTerms
from tests.api.investigated import FakeInvestigator, FakeOpener
from tests.small_knowledge import WordEmbedder


class OtherEmbedder(WordEmbedder):
    """The same vectors under another name."""

    model = "other@2"


def write_knowledge(
    data_dir: Path, files: Mapping[str, str], *, access: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    """Ingest `files` as source "docs" into the data directory, as a process of its own would: it opens no reader.

    `access` names, by path, the groups that alone may read a document.
    """
    documents, knowledge = data_dir / "documents", data_dir / "knowledge"
    for path, text in files.items():
        file = documents / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    store = EdgeStore(knowledge, WordEmbedder.dimension, minimum_free=0)
    manifest = Manifest(knowledge / "manifest.sqlite")
    workshop = Workshop(store, manifest, EmbeddingCache(knowledge / "vectors.sqlite"), WordEmbedder())
    with closing(workshop):
        notes = SourceNotes(terms=lambda path: PathTerms(access=(access or {}).get(path, ())))
        ingest(workshop, [FolderSource([documents], name="docs")], Options(notes={"docs": notes}))


def open_world(
    data_dir: Path,
    *,
    embedder: WordEmbedder | None = None,
    check_every: float = 0.0,
    labels: frozenset[str] = frozenset(),
    writer: WriterOfAnswer = lambda: None,
) -> Local:
    """Open an assistant over a data directory that looks for a new generation at every request."""
    knowledge = ServedKnowledge(
        EdgeStore(data_dir / "knowledge", 1, patience=0.1),
        embedder or WordEmbedder(),
        check_every=check_every,
        labels=labels,
    )
    library = Library(knowledge, data_dir / "knowledge" / "manifest.sqlite", str(data_dir / "knowledge"))
    database = Database(f"sqlite:///{data_dir / 'feedback.sqlite'}")
    runs = SyncRuns(data_dir / "knowledge" / "manifest.sqlite", CommandLauncher(data_dir / "sync.log"), labels)
    assistant = LocalAssistant(
        knowledge,
        library,
        FeedbackTable(database),
        runs,
        RetrievalTable(database),
        Conversations(ConversationTable(database), knowledge),
        EvaluationHistory(data_dir / "evals" / "history"),
        writer,
    )
    return Local(assistant, knowledge)


def app_of(world: Local, *, keys: tuple[str, ...] = (), local_only: bool = True) -> FastAPI:
    """Return the application over a world, with investigations of its own."""
    folder = Path(tempfile.mkdtemp(prefix="investigations-", dir=tempfile.gettempdir()))
    places = BundlePlaces(folder, folder / "uploads")
    desk = Investigations(Database(f"sqlite:///{folder / 'i.sqlite'}"), places, FakeOpener(), FakeInvestigator())
    service = Service(world.assistant, world.knowledge, desk, threads=4, refresh_seconds=0.05, instance="tests")
    return create_app(service, Exposure(keys, local_only=local_only))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve the application on a free port of this machine; yield its URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
