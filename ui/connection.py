"""The connection to the API, opened once for all readers of this app."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from api.assistant import Assistant

DEFAULT_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """Where the API answers, and the key to present there."""

    url: str
    api_key: str | None = field(repr=False)


def api_address() -> ApiAddress:
    """Return the address from `GROUNDWATCH_URL` and `GROUNDWATCH_API_KEY`."""
    url = os.environ.get("GROUNDWATCH_URL") or DEFAULT_URL
    return ApiAddress(url, os.environ.get("GROUNDWATCH_API_KEY") or None)


def assistant() -> "Assistant":
    """Return the assistant of this session: the running API, unless the session brought its own."""
    if "assistant" in st.session_state:
        own: Assistant = st.session_state["assistant"]
        return own
    address = api_address()
    return _client(address.url, address.api_key)


@st.cache_resource(show_spinner=False)
def _client(url: str, api_key: str | None) -> "Assistant":
    from api.client import ApiClient

    return ApiClient(url, api_key)
