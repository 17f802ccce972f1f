"""The answers of a session, kept so that filling in a placeholder, or the way back, asks nothing again."""

from dataclasses import dataclass

import streamlit as st

from api.schemas.answers import Answer, AskRequest
from api.schemas.conversations import StaleDocument, Turn
from api.schemas.search import SearchHit

_KEY = "results"
_KEPT = 20


@dataclass(frozen=True, slots=True)
class Result:
    """An answer with the request that led to it and the passages that it was drawn from, as far as they are known.

    `stale` names what has changed in its documents since it was given.
    """

    request: AskRequest
    hits: tuple[SearchHit, ...]
    answer: Answer
    stale: tuple[StaleDocument, ...] = ()


def keep_result(result: Result) -> None:
    """Keep `result` for this session; the oldest ones are let go of."""
    kept = [one for one in _results() if one.request != result.request]
    st.session_state[_KEY] = [*kept, result][-_KEPT:]


def forget_result(request: AskRequest) -> None:
    """Let go of what is kept for exactly this request, so that it is asked again."""
    st.session_state[_KEY] = [one for one in _results() if one.request != request]


def kept_result(request: AskRequest) -> Result | None:
    """Return what is kept for exactly this request."""
    return next((one for one in _results() if one.request == request), None)


def result_of(turn: Turn) -> Result:
    """Return a stored turn as a result; with its passages where it was asked in this session."""
    request = AskRequest(
        question=turn.question,
        filters=turn.filters,
        conversation_id=turn.answer.conversation_id,
        investigations="auto",
    )
    hits = next((one.hits for one in _results() if one.answer.id == turn.answer.id), ())
    return Result(request, hits, turn.answer, tuple(turn.stale))


def _results() -> list[Result]:
    found: list[Result] = st.session_state.get(_KEY, [])
    return found
