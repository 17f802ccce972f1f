"""A vague question in other words: what a language model would search for beside it."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from api.errors import LanguageModelError
from api.retrieval.query import Query
from api.retrieval.words import content_words, stem

_MOST = 3
_WIDTH = 300  # characters of one rewrite
_LONGEST = 60  # words of a question; longer ones say enough by themselves
_KEPT = 512
_SEPARATOR = "-" * 20
_SCHEMA = {
    "type": "object",
    "properties": {"searches": {"type": "array", "items": {"type": "string"}, "maxItems": _MOST}},
    "required": ["searches"],
    "additionalProperties": False,
}

_log = logging.getLogger(__name__)

Ask = Callable[[str, str, Mapping[str, Any]], str]
"""Gives rules, data and the schema of the answer to a language model, and returns what it wrote.

Raises LanguageModelError. Budgets and masking are its own affair.
"""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Other wordings of a question; `note` says what failed, and is empty where there simply are none."""

    texts: tuple[str, ...] = ()
    note: str = ""


class Rewriter(Protocol):
    """Gives a question other words."""

    def rewritten(self, query: Query) -> Rewritten:
        """Return other wordings; it never fails, and says what went wrong in the note."""


class ModelRewriter:
    """Let a language model reword questions that name nothing; safe to use from several threads.

    What it writes is searched for and nothing else: it is never shown, cited or followed. The same question is asked
    of it once while it is remembered; a failure is not remembered.
    """

    def __init__(self, ask: Ask, model: str) -> None:
        self._ask, self._model = ask, model
        self._known: OrderedDict[str, Rewritten] = OrderedDict()
        self._lock = threading.Lock()

    def rewritten(self, query: Query) -> Rewritten:
        """Return other wordings of a question that is short and names nothing."""
        if query.identifiers or query.phrases or not query.words or len(query.text.split()) > _LONGEST:
            return Rewritten()
        with self._lock:
            known = self._known.get(query.text)
        if known is not None:
            return known
        try:
            reply = _Reply.model_validate_json(_json_of(self._ask(_rules(), _data(query.text), _SCHEMA)))
        except LanguageModelError as error:
            return _none(f"the question was searched as it was asked: {error}")
        except ValidationError:
            return _none(
                f"the question was searched as it was asked: {self._model} did not answer in the form asked for"
            )
        found = Rewritten(_usable(reply.searches, query))
        with self._lock:
            self._known[query.text] = found
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found


class _Reply(BaseModel):
    """What the model answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    searches: list[str]


def _none(note: str) -> Rewritten:
    _log.warning("no rewrites: %s", note)
    return Rewritten(note=note)


def _rules() -> str:
    return files("api.retrieval").joinpath("rewrite_prompt.md").read_text("utf-8")


def _data(question: str) -> str:
    return f"{_SEPARATOR}\n{question}\n{_SEPARATOR}"


def _json_of(text: str) -> str:
    """Return the JSON object in a completion that may wrap it in a fence or words."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _usable(searches: Sequence[str], query: Query) -> tuple[str, ...]:
    """Return the first few wordings that are short, have words, and add one to those of the question."""
    own = {stem(word) for word in query.words}
    found: dict[str, None] = {}
    for text in searches:
        words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
        stems = {stem(word) for word in content_words(words)}
        if 0 < len(words) <= _WIDTH and stems - own:
            found.setdefault(words)
    return tuple(found)[:_MOST]
