"""A follow-up worded by a language model; code checks its words, and the deterministic reading stands in doubt."""

import re
from collections.abc import Sequence
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, ValidationError

from api.conversations.signs import LONG
from api.conversations.thread import EarlierTurn, Reading, recent
from api.errors import LanguageModelError
from api.llm.chat_model import ChatModel, ChatRequest, Message, Role, complete
from api.retrieval.words import content_words, stems
from ingest.knowledge.identifiers import find_identifiers, fold_identifier, spelled_out

_SHOWN_TURNS = 4
_SHOWN_CHARACTERS = 600  # of one question; an alert with its expression says what it is by then
_MAX_WORDS = 90
_NEW_WORDS = 2  # content words that the model may add, such as "happen" in "why does X happen"
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[A-Za-z0-9]+")
_SEPARATOR = "-" * 20
_SCHEMA = {
    "type": "object",
    "properties": {"stands_alone": {"type": "boolean"}, "question": {"type": "string"}},
    "required": ["stands_alone", "question"],
    "additionalProperties": False,
}


class _Reply(BaseModel):
    """What the model answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stands_alone: bool
    question: str


class FollowupWriter:
    """Let a language model word follow-ups; `seconds` and `max_tokens` bound each call."""

    def __init__(self, model: ChatModel, *, seconds: float = 8.0, max_tokens: int = 200) -> None:
        self._model, self._seconds, self._max_tokens = model, seconds, max_tokens

    def read(self, turns: Sequence[EarlierTurn], question: str, plain: Reading) -> Reading:
        """Return how the model reads a question, or `plain`, the deterministic reading, with why it stands.

        Nothing is asked where there is nothing to resolve: without earlier turns, for a long text, and for a
        question that brings a name of its own and leans on nothing.
        """
        if not turns or len(question.split()) > LONG or (not plain.asked_as and find_identifiers(question)):
            return plain
        try:
            reply = _Reply.model_validate_json(_json_of(complete(self._model, self._request(turns, question)).text))
        except LanguageModelError as error:
            return _kept(plain, str(error))
        except ValidationError:
            return _kept(plain, f"{self._model.name} did not answer in the form that was asked for")
        worded = " ".join(reply.question.split())
        if reply.stands_alone or fold_identifier(worded) == fold_identifier(question):
            return plain if not plain.asked_as else _kept(plain, f"{self._model.name} takes it to stand alone")
        if complaint := _complaint(worded, turns, question):
            return _kept(plain, f"the wording of {self._model.name} was not used: {complaint}")
        reason = f"{self._model.name} worded it from the conversation; every name and number in it was said before"
        return Reading(question, worded, reason, _cited_in(worded, turns), self._model.name)

    def _request(self, turns: Sequence[EarlierTurn], question: str) -> ChatRequest:
        rules = files("api.conversations").joinpath("followup_prompt.md").read_text("utf-8")
        said = "\n".join(_shown(turn) for turn in turns[-_SHOWN_TURNS:])
        data = f"{_SEPARATOR}\nConversation:\n{said}\n{_SEPARATOR}\nNext question: {question}\n{_SEPARATOR}"
        messages = (Message(Role.SYSTEM, rules), Message(Role.USER, data))
        return ChatRequest(messages, _SCHEMA, max_tokens=self._max_tokens, seconds=self._seconds)


def _shown(turn: EarlierTurn) -> str:
    cited = "; ".join(one.title for one in turn.cited[:3])
    steps = "".join(f"\n  step {step.number}: {step.text[:120]}" for step in turn.steps[:12])
    return f"- asked: {turn.understood[:_SHOWN_CHARACTERS]}\n  answered from: {cited or 'no document'}{steps}"


def _json_of(text: str) -> str:
    """Return the JSON object in a completion that may wrap it in a fence or words."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _complaint(worded: str, turns: Sequence[EarlierTurn], question: str) -> str:
    """Return what speaks against the model's words, empty where nothing does."""
    if not worded or len(worded.split()) > _MAX_WORDS:
        return "it is empty or too long"
    if any(fold_identifier(name.text) not in fold_identifier(worded) for name in find_identifiers(question)):
        return "it lost a name of the question"
    said = "\n".join([question, *(_said(turn) for turn in recent(turns))])
    names, numbers = _names(said), set(_NUMBER.findall(said))
    strange = [name.text for name in find_identifiers(worded) if name.key not in names]
    strange += [number for number in _NUMBER.findall(worded) if number not in numbers]
    if strange:
        return f"nobody said {', '.join(map(repr, dict.fromkeys(strange)))}"
    known = stems(said)
    added = [word for word in content_words(worded) if not stems(word) <= known]
    if len(added) > _NEW_WORDS:
        return f"it adds {', '.join(map(repr, added[:4]))}"
    lost = [word for word in content_words(question) if not stems(word) & stems(worded)]
    return f"it lost {', '.join(map(repr, lost[:4]))}" if len(lost) * 2 > len(content_words(question)) else ""


def _names(said: str) -> set[str]:
    """Return the keys of everything that can be a name in what was said: names, words, runs of words."""
    words = _WORD.findall(said)
    return {*(name.key for name in find_identifiers(said)), *map(fold_identifier, words), *spelled_out(words)}


def _said(turn: EarlierTurn) -> str:
    cited, steps = [one.title for one in turn.cited], [f"{step.number} {step.text}" for step in turn.steps]
    return "\n".join([turn.question, turn.asked_as, *cited, *steps])


def _cited_in(worded: str, turns: Sequence[EarlierTurn]) -> tuple[str, ...]:
    """Return the documents whose titles or steps were shown to the model and may have lent it words."""
    shown = turns[-_SHOWN_TURNS:]
    asked = stems("\n".join(turn.understood for turn in shown))
    lent = stems(worded) - asked
    lenders = [(one.id, one.title) for turn in shown for one in turn.cited]
    lenders += [(step.document_id, step.text) for turn in shown for step in turn.steps]
    return tuple(dict.fromkeys(key for key, text in lenders if key and lent & stems(text)))


def _kept(plain: Reading, why: str) -> Reading:
    return Reading(plain.question, plain.asked_as, f"{plain.reason} ({why})", plain.documents)
