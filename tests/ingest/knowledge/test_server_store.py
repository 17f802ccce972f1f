"""The server store beyond the contract: several prefixes, killed runs, servers that refuse or are away."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, cast

import pytest
from qdrant_client import QdrantClient

from ingest.errors import KnowledgeMissing, ModelMismatch, StorageFailed
from ingest.knowledge.index import SCHEMA_VERSION
from ingest.knowledge.passages import PassageFilter
from ingest.knowledge.server_catalog import ServerCatalog
from ingest.knowledge.server_index import ClusterShape, QdrantServer, ServerCollection
from ingest.knowledge.server_store import QdrantServerStore
from tests.ingest.knowledge.index_material import DIMENSION, add, build, dense, served, written


@pytest.fixture
def server() -> QdrantServer:
    return QdrantServer(QdrantClient(":memory:"), "memory")


@pytest.fixture
def store(server: QdrantServer) -> QdrantServerStore:
    return QdrantServerStore(server, prefix="main", dimension=DIMENSION)


def test_the_aliases_stand_for_the_current_generation(store: QdrantServerStore, server: QdrantServer) -> None:
    build(store, [written("a.md")])
    build(store, [written("b.md")])

    assert server.aliased("main-passages") == "main-passages-2"
    assert server.aliased("main-documents") == "main-documents-2"


def test_stores_of_two_prefixes_share_a_server(store: QdrantServerStore, server: QdrantServer) -> None:
    other = QdrantServerStore(server, prefix="main-passages", dimension=DIMENSION)
    for path in ("a.md", "b.md", "c.md"):
        build(store, [written(path)])
    build(other, [written("x.md")])

    assert [facts.path for facts in store.open().documents()] == ["a.md", "b.md", "c.md"]
    assert [facts.path for facts in other.open().documents()] == ["x.md"]


def test_only_the_newest_generations_are_kept(store: QdrantServerStore, server: QdrantServer) -> None:
    for path in ("a.md", "b.md", "c.md", "d.md"):
        build(store, [written(path)])

    assert server.numbers("main-passages") == [2, 3, 4]
    assert server.numbers("main-documents") == [2, 3, 4]


def test_what_a_killed_writer_left_is_replaced_by_the_next_run(store: QdrantServerStore) -> None:
    build(store, [written("a.md")])
    killed = store.begin()
    add(killed, *[written(f"half{number}.md") for number in range(600)])
    reader = served(store, [written("b.md")])

    hits = reader.search_dense(dense(1, 0), limit=1000, where=PassageFilter())

    assert [facts.path for facts in reader.documents()] == ["a.md", "b.md"]
    assert len(hits) == 2


def test_a_generation_without_description_is_not_served(store: QdrantServerStore) -> None:
    store.begin()

    with pytest.raises(KnowledgeMissing, match="not complete"):
        store.open(1)
    with pytest.raises(KnowledgeMissing, match="not complete"):
        store.promote(1)


def test_large_points_are_written_in_several_requests(store: QdrantServerStore) -> None:
    reader = served(store, [written(f"{number}.md", text="disk full " * 50_000) for number in range(12)])

    assert len(reader.documents()) == 12
    assert reader.describe().passages == 12


def test_an_index_of_another_format_says_what_to_run(store: QdrantServerStore, server: QdrantServer) -> None:
    build(store, [written("a.md")])
    description = store.open().describe()
    catalog = ServerCatalog(ServerCollection(server, "main-documents-1"))
    catalog.describe(replace(description, schema_version=SCHEMA_VERSION + 97))

    with pytest.raises(ModelMismatch, match=r"format 99.*--rebuild"):
        store.open()
    with pytest.raises(ModelMismatch, match=r"format 99.*--rebuild"):
        store.begin()
    store.begin(fresh=True).abort()


def test_a_server_that_is_away_is_named_with_the_next_step() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    store = QdrantServerStore.connect(f"http://127.0.0.1:{port}", None, prefix="main", dimension=DIMENSION)

    with pytest.raises(StorageFailed, match=rf"127\.0\.0\.1:{port}.*GROUNDWATCH_QDRANT_URL"):
        store.current()
    with pytest.raises(StorageFailed, match="check that it runs"):
        store.begin()


def test_a_server_that_refuses_the_key_is_named_with_the_next_step() -> None:
    with answering(401) as url, pytest.raises(StorageFailed, match="GROUNDWATCH_QDRANT_API_KEY"):
        QdrantServerStore.connect(url, None, prefix="main", dimension=DIMENSION).open()


def test_a_server_without_room_fails_the_run_and_says_so() -> None:
    with answering(507) as url, pytest.raises(StorageFailed, match="507"):
        QdrantServerStore.connect(url, None, prefix="main", dimension=DIMENSION).begin()


def test_a_collection_that_was_removed_meanwhile_is_missing(store: QdrantServerStore, server: QdrantServer) -> None:
    build(store, [written("a.md")])
    with answering(404) as url:
        away = QdrantServer.connect(url, None)

        with pytest.raises(KnowledgeMissing, match="groundwatch ingest"):
            ServerCollection(away, "main-passages-1").count()


@contextmanager
def answering(status: int) -> Iterator[str]:
    """Run an HTTP server that answers everything with `status`; yield its URL."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_collection_is_made_in_the_shape_that_a_cluster_is_set_to() -> None:
    asked: dict[str, object] = {}

    class Client:
        init_options: ClassVar[dict[str, str]] = {}

        def create_collection(self, name: str, **settings: object) -> None:
            asked.update(settings)

        def create_payload_index(self, *arguments: object, **settings: object) -> None:
            """Take it."""

    server = QdrantServer(cast(QdrantClient, Client()), "cluster", ClusterShape(6, 2, quantized=True))

    ServerCollection(server, "main-passages-1").create(4, [])

    assert (asked["shard_number"], asked["replication_factor"]) == (6, 2)
    assert asked["quantization_config"] is not None
