"""The embedding cache: no text is embedded twice for a model, and what was returned is durable."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import KnowledgeError, StorageFailed
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import Vector
from tests.fakes import FakeEmbedder


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[EmbeddingCache]:
    opened = EmbeddingCache(tmp_path / "embeddings.sqlite")
    yield opened
    opened.close()


def test_a_text_is_embedded_once_also_within_a_batch(cache: EmbeddingCache) -> None:
    embedder = FakeEmbedder()

    cache.embed(embedder, ["a", "b", "a"])
    cache.embed(embedder, ["b", "c"])

    assert embedder.embedded == ["a", "b", "c"]
    assert (cache.embedded, cache.reused) == (3, 2)


def test_vectors_come_back_in_the_order_of_the_texts_exactly_as_embedded(cache: EmbeddingCache) -> None:
    embedder = FakeEmbedder()
    texts = [f"text {number}" for number in range(1200)]
    cache.embed(embedder, texts)

    found = cache.vectors(embedder, [*reversed(texts), texts[0]])

    expected = embedder.embed_passages([*reversed(texts), texts[0]])
    assert np.array_equal(np.stack(found), expected)


def test_vectors_that_are_gone_are_embedded_again(cache: EmbeddingCache, tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    cache.embed(embedder, ["a", "b"])
    with closing(sqlite3.connect(tmp_path / "embeddings.sqlite")) as connection, connection:
        connection.execute("DELETE FROM vectors")

    assert len(cache.vectors(embedder, ["a", "b"])) == 2
    assert embedder.embedded == ["a", "b", "a", "b"]


def test_each_model_has_vectors_of_its_own(cache: EmbeddingCache) -> None:
    small, large = FakeEmbedder("m@1"), FakeEmbedder("m@2", dimension=64)
    cache.embed(small, ["a"])

    cache.embed(large, ["a"])

    assert cache.vectors(small, ["a"])[0].shape == (32,)
    assert cache.vectors(large, ["a"])[0].shape == (64,)


def test_a_cache_that_is_opened_again_still_knows(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    first = EmbeddingCache(tmp_path / "embeddings.sqlite")
    first.embed(embedder, ["a"])
    first.close()

    again = EmbeddingCache(tmp_path / "embeddings.sqlite")
    again.embed(embedder, ["a", "b"])

    assert embedder.embedded[0] == "a"
    assert len(embedder.embedded) == 2
    again.close()


def test_a_broken_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "embeddings.sqlite").write_bytes(b"not a database at all" * 100)

    with pytest.raises(StorageFailed, match=r"embeddings\.sqlite.*check free space"):
        EmbeddingCache(tmp_path / "embeddings.sqlite")


def test_a_full_disk_keeps_the_batches_before_it(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("may not mount a small file system here")
    try:
        cache, embedder = EmbeddingCache(disk / "embeddings.sqlite"), FakeEmbedder(dimension=384)
        batches = [[f"text {batch} {number}" for number in range(64)] for batch in range(40)]
        done = fill(cache, embedder, batches)
        before = len(embedder.embedded)
        for batch in batches[:done]:
            cache.vectors(embedder, batch)
        cache.close()
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)

    assert 0 < done < len(batches)
    assert len(embedder.embedded) == before


def fill(cache: EmbeddingCache, embedder: FakeEmbedder, batches: list[list[str]]) -> int:
    """Embed batches until the disk is full, and return how many went in."""
    for done, batch in enumerate(batches):
        try:
            cache.embed(embedder, batch)
        except StorageFailed:
            return done
    return len(batches)


def test_vectors_made_elsewhere_are_kept_and_asked_for_no_more(cache: EmbeddingCache) -> None:
    embedder = FakeEmbedder()
    cache.embed(embedder, ["a"])
    missing = cache.missing(embedder.model, ["a", "c", "b", "c"])
    vectors = FakeEmbedder().embed_passages(missing)

    cache.keep(embedder.model, missing, vectors)

    assert missing == ["c", "b"]
    assert cache.embedded == 3
    assert cache.missing(embedder.model, ["a", "b", "c"]) == []
    assert np.array_equal(cache.vectors(embedder, ["c", "b"]), vectors)
    assert embedder.embedded == ["a"]


@pytest.mark.parametrize(
    "vectors",
    [np.zeros((1, 4), np.float32), np.zeros(2, np.float32), np.full((2, 4), np.nan, np.float32)],
    ids=["too few", "of no dimension", "no numbers"],
)
def test_vectors_that_cannot_be_right_are_refused(cache: EmbeddingCache, vectors: Vector) -> None:
    with pytest.raises(KnowledgeError, match="for 2 texts"):
        cache.keep("m@1", ["a", "b"], vectors)

    assert cache.missing("m@1", ["a", "b"]) == ["a", "b"]


def test_what_is_not_needed_any_more_goes_and_gives_its_room_back(cache: EmbeddingCache, tmp_path: Path) -> None:
    old, new = FakeEmbedder(dimension=4000), FakeEmbedder(model="new@2")
    cache.embed(old, [f"text {number}" for number in range(200)])
    cache.embed(new, ["a", "b"])
    before = size(tmp_path)

    gone = cache.prune(new.model, ["a", "c"])

    assert gone == 201
    assert (cache.missing(new.model, ["a", "b"]), cache.missing(old.model, ["text 1"])) == (["b"], ["text 1"])
    assert size(tmp_path) < before / 10


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.sqlite*"))
