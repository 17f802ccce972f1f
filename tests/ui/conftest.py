"""What the tests of the app share: an assistant of their own and pages run without a browser."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.fakes import FakeAssistant

Opener = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def _installed_components_are_looked_for_once() -> Iterator[None]:
    """Streamlit reads the metadata of every installed package for each page that a test opens, which takes a second."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


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
