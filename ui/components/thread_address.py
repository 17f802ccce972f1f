"""Which conversation, turn or stored answer the address of the Ask page names."""

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class ThreadAddress:
    """What an address names; `turn` is the id of an answer in the conversation, `answer` that of one by itself."""

    conversation: str = ""
    turn: str = ""
    answer: str = ""


def thread_in_address() -> ThreadAddress:
    """Return what the address names, empty where it names nothing."""
    named = {name: st.query_params.get(name, "").strip() for name in ("conversation", "turn", "answer")}
    return ThreadAddress(**named)


def turn_parameters(conversation_id: str, answer_id: str = "") -> dict[str, str]:
    """Return the parameters that name a conversation, and one turn of it."""
    found = {"conversation": conversation_id[:_LONGEST_ID]}
    return found | {"turn": answer_id} if answer_id else found


def turn_address(conversation_id: str, answer_id: str = "") -> str:
    """Return the address of a conversation, or of one turn of it, from anywhere on the Ask page."""
    return f"?{urlencode(turn_parameters(conversation_id, answer_id))}"


def full_address(parameters: dict[str, str]) -> str:
    """Return the whole address with other parameters, to be sent to somebody; empty where it is not known."""
    here = st.context.url
    return f"{here.partition('?')[0]}?{urlencode(parameters)}" if here else ""
