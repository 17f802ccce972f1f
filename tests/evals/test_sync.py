"""The sync measure accounts for every file, and undoes what an earlier run edited."""

from contextlib import closing
from pathlib import Path

import pytest

from evals.accounting import account_for
from evals.corpus import open_workshop
from evals.declared_corpus import DeclaredCorpus, declare_corpus
from evals.sync import RecordingEmbedder, Unchanged, hash_files, walk
from ingest.errors import UsageError
from tests.evals.material import HashingEmbedder, write_corpus


@pytest.fixture
def declared(tmp_path: Path) -> DeclaredCorpus:
    """Return a declared corpus of two folders with files of every fate."""
    corpus = write_corpus(tmp_path / "corpus")
    (corpus / "shop" / "LICENSE").write_text("Anyone may.")
    (corpus / "shop" / "logo.png").write_bytes(b"\x89PNG")
    (corpus / "disk" / "broken.pdf").write_bytes(b"%PDF-1.4 and then nothing")
    (corpus / "disk" / "empty.md").write_text("---\ntitle: Empty\n---\n")
    (tmp_path / "data").mkdir()
    return declare_corpus(corpus, tmp_path / "data")


def test_every_file_is_indexed_failed_or_left_out_with_a_reason(declared: DeclaredCorpus) -> None:
    with closing(open_workshop(declared.settings.data_dir, HashingEmbedder())) as workshop:
        declared.sync(workshop)

        found = account_for(declared, workshop)

    assert (found.files, found.indexed, found.unexplained) == (8, 4, ())
    assert [group.example for group in found.failed] == ["disk/broken.pdf"]
    assert [group.example for group in found.left_out] == ["disk/empty.md"]
    assert sorted(group.reason for group in found.by_name) == ["ends in .png", "is called LICENSE"]


def test_a_listed_file_that_the_manifest_does_not_know_is_unexplained(declared: DeclaredCorpus) -> None:
    with closing(open_workshop(declared.settings.data_dir, HashingEmbedder())) as workshop:
        declared.sync(workshop)
        (declared.root / "shop" / "new.md").write_text("# New\n\nText.\n")

        assert account_for(declared, workshop).unexplained == ("shop/new.md",)


def test_declaring_again_undoes_edits_and_keeps_times(declared: DeclaredCorpus, tmp_path: Path) -> None:
    file = declared.root / "shop" / "CartDown.md"
    before = file.stat().st_mtime_ns
    file.write_text("edited")

    again = declare_corpus(tmp_path / "corpus", tmp_path / "data", ["shop"])

    assert file.stat().st_mtime_ns == before
    assert again.folders == ("shop",)
    assert not (declared.root / "disk").exists()


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        declare_corpus(write_corpus(tmp_path / "corpus"), tmp_path, ["nowhere"])


def test_hashing_depends_on_every_byte_and_walking_counts_files(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        file.write_text("text")
    before = hash_files(files)

    files[1].write_text("tex")

    assert hash_files(files) != before
    assert walk(tmp_path) == 2


def test_the_ratio_is_a_sync_over_hashing() -> None:
    assert Unchanged(5, sync=3.0, hashing=2.0, walking=0.1, command=None).ratio == 1.5


def test_the_recording_embedder_remembers_what_it_embeds() -> None:
    recording = RecordingEmbedder(HashingEmbedder())

    recording.embed_passages(["one", "two"])

    assert recording.texts == ["one", "two"]
