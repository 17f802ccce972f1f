"""What the tests of the app share: an assistant of their own and pages run without a browser."""

from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.fakes import FakeAssistant

Opener = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _nothing_is_kept_between_tests() -> Iterator[None]:
    """Forget what the app keeps for all its readers."""
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def fake() -> FakeAssistant:
    """Return an assistant that knows a few documents."""
    return FakeAssistant()


def ask_script() -> None:
    """Run the Ask page by itself."""
    from ui.screens import ask

    ask.show()


def knowledge_script() -> None:
    """Run the Knowledge page by itself."""
    from ui.screens import knowledge

    knowledge.show()


@pytest.fixture
def open_ask(fake: FakeAssistant) -> Opener:
    """Open the Ask page at an address given by its parameters."""
    return lambda **address: _opened(ask_script, fake, address)


@pytest.fixture
def open_knowledge(fake: FakeAssistant) -> Opener:
    """Open the Knowledge page at an address given by its parameters."""
    return lambda **address: _opened(knowledge_script, fake, address)


def _opened(script: Callable[[], None], fake: FakeAssistant, address: dict[str, str | list[str]]) -> AppTest:
    page = AppTest.from_function(script, default_timeout=20)
    page.session_state["assistant"] = fake
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page
