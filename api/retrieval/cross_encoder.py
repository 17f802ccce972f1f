"""The reranker over a sentence-transformers cross-encoder: a folder with the model, or a name."""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH = 16
_CHARACTERS = 2_000  # of a question: an alert's payload is longer than any model reads
_NEXT = "set GROUNDWATCH_RERANKER to a folder with a cross-encoder, or unset it"


class CrossEncoderReranker:
    """Score passages with a cross-encoder; safe to use from several threads, one of which it serves at a time.

    Nothing is loaded before `load` or the first use. A folder that is not there is refused at once, and a model that
    could not be loaded is not tried again: looking for a name without a network takes most of a minute.
    """

    def __init__(self, model: str) -> None:
        """Raise ModelUnavailable where `model` can only be a folder and there is none."""
        self._name = model
        self._lock = threading.Lock()  # a fast tokenizer is not to be used by two threads at once
        self._failure = ""
        if _is_path(model) and not Path(model).is_dir():
            raise ModelUnavailable(f"cannot load reranker {model!r} (there is no such folder); {_NEXT}")

    @property
    def name(self) -> str:
        """The folder or name that was given."""
        return self._name

    def load(self) -> None:
        """Load the model, which takes seconds; raises ModelUnavailable."""
        with self._lock:
            self._loaded()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the model's own score of each text, as it was trained to give it; raises ModelUnavailable."""
        if not texts:
            return []
        with self._lock:
            model = self._loaded()
            try:
                given = model.predict(
                    [(question[:_CHARACTERS], text) for text in texts], batch_size=_BATCH, show_progress_bar=False
                )
            except (RuntimeError, ValueError, IndexError) as error:
                raise ModelUnavailable(
                    f"reranker {self._name!r} failed on {len(texts)} passages ({_first_line(error)}); {_NEXT}"
                ) from error
        return [float(score) for score in given]

    def _loaded(self) -> "CrossEncoder":
        if self._failure:
            raise ModelUnavailable(self._failure)
        try:
            return self._model
        except ModelUnavailable as error:
            self._failure = f"{error}, and start again"
            raise ModelUnavailable(self._failure) from error

    @cached_property
    def _model(self) -> "CrossEncoder":
        try:
            from sentence_transformers import CrossEncoder
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise ModelUnavailable("sentence-transformers is not installed: pip install 'groundwatch[api]'") from error
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # no hints there
        try:
            model: CrossEncoder = CrossEncoder(self._name, device="cpu")
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelUnavailable(f"cannot load reranker {self._name!r} ({_first_line(error)}); {_NEXT}") from error
        if model.num_labels != 1:
            raise ModelUnavailable(
                f"reranker {self._name!r} sorts into {model.num_labels} classes and gives no single score; {_NEXT}"
            )
        return model


def _is_path(model: str) -> bool:
    """Tell whether a model can only be a folder: a hub's name has one slash at most and starts with a word."""
    return model.startswith((".", "/", "~")) or model.count("/") > 1 or "\\" in model


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
