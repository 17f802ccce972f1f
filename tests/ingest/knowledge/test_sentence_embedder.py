"""The real embedder: the packaged model is the one it says it is, and what is wrong is told."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import ModelUnavailable
from ingest.knowledge.sentence_embedder import PACKAGED_DIGEST, SentenceEmbedder


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    return SentenceEmbedder()


def test_name_dimension_and_tokens_are_known_without_loading_the_weights() -> None:
    fresh = SentenceEmbedder()

    assert fresh.model == f"all-MiniLM-L6-v2@{PACKAGED_DIGEST[:12]}"
    assert fresh.dimension == 384
    assert fresh.count_tokens(["disk full", "", "kube_pod_status"]) == [2, 0, 6]
    assert "_transformer" not in vars(fresh)


def test_long_texts_are_counted_to_their_end(embedder: SentenceEmbedder) -> None:
    assert embedder.count_tokens(["word " * 1000]) == [1000]


@pytest.mark.model
def test_the_stated_dimension_is_that_of_the_vectors(embedder: SentenceEmbedder) -> None:
    vectors = embedder.embed_passages(["The disk is full.", "Restart the pod."])

    assert vectors.shape == (2, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)


@pytest.mark.model
def test_nearer_in_meaning_is_nearer_in_space(embedder: SentenceEmbedder) -> None:
    near, far = embedder.embed_passages(["No space is left on the device.", "The team met on Tuesday."])
    query = embedder.embed_query("disk full")

    assert query @ near > query @ far + 0.1


@pytest.mark.model
def test_no_texts_give_no_vectors(embedder: SentenceEmbedder) -> None:
    assert embedder.embed_passages([]).shape == (0, 384)


def test_a_model_that_is_not_there_is_told_with_the_setting(tmp_path: Path) -> None:
    missing = SentenceEmbedder(str(tmp_path / "no-model"))

    with pytest.raises(ModelUnavailable, match=r"no-model'.*GROUNDWATCH_EMBEDDING_MODEL"):
        missing.embed_query("x")


@pytest.mark.parametrize(
    "config",
    [
        "not json",
        "{}",
        '{"word_embedding_dimension": 8, "pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}',
    ],
)
def test_a_folder_that_does_not_state_its_dimension_plainly_has_to_be_loaded(tmp_path: Path, config: str) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(config)
    (tmp_path / "modules.json").write_text("[]")

    with pytest.raises(ModelUnavailable):
        _ = SentenceEmbedder(str(tmp_path)).dimension


@pytest.mark.model
def test_an_embedder_travels_without_its_model_and_shares_the_one_where_it_arrives(embedder: SentenceEmbedder) -> None:
    embedder.embed_query("load the weights")

    packed = pickle.dumps((embedder, embedder.count_tokens))
    (first, _), (second, count) = pickle.loads(packed), pickle.loads(packed)

    assert len(packed) < 1000
    assert first is second
    assert count(["disk full"]) == [2]
    assert "_transformer" not in vars(first)
