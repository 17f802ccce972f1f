"""Tests of the Knowledge page: its views, their addresses, and its states."""

import pytest

from api.errors import ServiceUnreachable
from ingest.knowledge.manifest import DocumentState
from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant, empty_status
from tests.ui.material import DISK
from tests.ui.reading import markup_of, text_of
from ui.components.views import View


def test_the_first_view_shows_figures_and_sources(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge())

    for words in ("Documents 4", "Passages 12", "Failed 1", "Generation 7", "all-MiniLM-L6-v2", "4.2 s"):
        assert words in text


def test_every_view_has_an_address_and_the_one_shown_is_marked(open_knowledge: Opener) -> None:
    markup = markup_of(open_knowledge(view="alerts"))

    for view in View:
        assert f'href="knowledge?view={view}"' in markup
    assert 'href="knowledge?view=alerts" aria-current="page"' in markup


def test_an_unknown_view_is_the_first(open_knowledge: Opener) -> None:
    assert 'view=sources" aria-current="page"' in markup_of(open_knowledge(view="nonsense"))


def test_an_address_that_only_filters_means_the_documents(open_knowledge: Opener) -> None:
    assert 'view=documents" aria-current="page"' in markup_of(open_knowledge(kind="runbook"))


def test_documents_are_links_into_the_app(open_knowledge: Opener) -> None:
    assert 'href="knowledge?document=document-disk"' in markup_of(open_knowledge(view="documents"))


def test_the_address_narrows_the_list(open_knowledge: Opener) -> None:
    page = open_knowledge(view="documents", kind="architecture")

    assert "data-stores.md" in text_of(page)
    assert "orders-disk-full.md" not in text_of(page)
    assert page.selectbox(key="listing kind").value == "architecture"


def test_a_chosen_filter_goes_into_the_address_and_starts_at_the_first_page(open_knowledge: Opener) -> None:
    page = open_knowledge(view="documents", page="1")

    page.text_input(key="listing text").input("clean-up").run()

    assert page.query_params["view"] == "documents"
    assert page.query_params["text"] == "clean-up"
    assert "orders-clean-up.md" in text_of(page)
    assert "data-stores.md" not in text_of(page)


@pytest.mark.parametrize("state", ["ignored", "tombstoned", "parsed"])
def test_every_state_of_a_document_can_be_listed(open_knowledge: Opener, fake: FakeAssistant, state: str) -> None:
    facts = {"state": DocumentState(state), "reason": "it is a lock file"}
    fake.listed = [DISK.summary().model_copy(update=facts)]

    page = open_knowledge(view="documents", state=state)

    assert page.selectbox(key="listing state").value == state
    assert "It is a lock file." in text_of(page)


def test_a_list_without_matches_says_what_to_do(open_knowledge: Opener) -> None:
    assert "No document matches. Clear a filter" in text_of(open_knowledge(text="xyzzy"))


def test_many_documents_come_in_pages(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.listed = [DISK.summary().model_copy(update={"id": f"d{n}", "title": f"Runbook {n}"}) for n in range(120)]

    page = open_knowledge(view="documents", page="2")

    assert "51 to 100 of 120 Previous Next" in text_of(page)
    assert "Runbook 50" in text_of(page)
    assert "view=documents&amp;page=3" in markup_of(page)


def test_a_page_number_that_is_none_is_the_first(open_knowledge: Opener) -> None:
    assert "1 to 5 of 5" in text_of(open_knowledge(view="documents", page="²"))


def test_before_the_first_ingest_the_page_says_how_to_ingest(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.state = empty_status()

    assert "No documents yet" in text_of(open_knowledge())


def test_sources_that_are_declared_and_not_read_yet_can_be_synced(open_knowledge: Opener, fake: FakeAssistant) -> None:
    declared = fake.state.sources[0].model_copy(update={"last_run": None, "indexed": 0, "failed": 0, "problems": []})
    fake.state = empty_status().model_copy(update={"sources": [declared]})
    fake.kept_runs = []

    page = open_knowledge()

    assert "No sync ran yet" in text_of(page)
    assert not page.button(key="sync all").disabled


@pytest.mark.parametrize("view", list(View))
def test_without_an_api_each_view_offers_to_try_again(open_knowledge: Opener, fake: FakeAssistant, view: View) -> None:
    fake.error = ServiceUnreachable("no answer")

    page = open_knowledge(view=view.value)

    assert "The API does not answer" in text_of(page)
    assert [button.label for button in page.button] == ["Try again"]
