"""The last answer of a session, kept so that filling in a placeholder asks nothing again."""

from dataclasses import dataclass

import streamlit as st

from api.schemas.answers import Answer, AskRequest
from api.schemas.search import SearchHit

_KEY = "result"


@dataclass(frozen=True, slots=True)
class Result:
    """An answer with the request that led to it and the passages that it was drawn from."""

    request: AskRequest
    hits: tuple[SearchHit, ...]
    answer: Answer


def keep_result(result: Result | None) -> None:
    """Keep `result` for this session in place of the one before; None lets go of it."""
    st.session_state[_KEY] = result


def kept_result(request: AskRequest) -> Result | None:
    """Return what is kept for exactly this request."""
    result: Result | None = st.session_state.get(_KEY)
    return result if result is not None and result.request == request else None
