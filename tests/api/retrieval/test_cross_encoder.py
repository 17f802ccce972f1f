"""The reranker over a cross-encoder: a tiny one with random weights is read, and what is none is refused."""

import json
from pathlib import Path

import pytest

from api.retrieval.cross_encoder import CrossEncoderReranker
from ingest.errors import ModelUnavailable

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "etcd", "disk", "is", "full")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a cross-encoder of one small layer."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast  # type: ignore[attr-defined]  # lazy

    folder = tmp_path_factory.mktemp("tiny")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    config = BertConfig(  # type: ignore[call-arg]  # its hints leave num_labels out
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        num_labels=1, max_position_embeddings=64,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return folder


def test_each_text_gets_a_score_and_the_same_one_again(tiny: Path) -> None:
    reranker = CrossEncoderReranker(str(tiny))
    reranker.load()

    first = reranker.scores("disk is full", ["etcd disk", "etcd " * 500])

    assert len(first) == 2
    assert reranker.scores("disk is full", ["etcd disk", "etcd " * 500]) == pytest.approx(first)
    assert reranker.scores("disk is full", []) == []


def test_a_folder_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no such folder.*GROUNDWATCH_RERANKER"):
        CrossEncoderReranker(str(tmp_path / "nothing"))


def test_a_folder_without_a_model_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no such type"}))

    with pytest.raises(ModelUnavailable, match="cannot load reranker"):
        CrossEncoderReranker(str(tmp_path)).load()


def test_a_model_that_could_not_be_loaded_is_not_tried_again(tmp_path: Path, tiny: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "no such type"}))
    reranker = CrossEncoderReranker(str(folder))
    with pytest.raises(ModelUnavailable, match="cannot load reranker"):
        reranker.load()
    for file in tiny.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())

    with pytest.raises(ModelUnavailable, match=r"cannot load reranker.*start again"):
        reranker.scores("disk is full", ["etcd disk"])
    assert len(CrossEncoderReranker(str(folder)).scores("disk is full", ["etcd disk"])) == 1
