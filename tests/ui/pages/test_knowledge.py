"""Tests of the Knowledge page: overview, list, failures, one document, states."""

from api.errors import ServiceUnreachable
from ingest.knowledge.documents import DocumentKind
from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant, empty_status
from tests.ui.material import DISK
from tests.ui.reading import markup_of, text_of
from ui.components.correction import KINDS


def test_the_overview_shows_counts_and_sources(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge())

    for words in ("Documents 4", "Passages 12", "Failed 1", "Generation 7", "all-MiniLM-L6-v2", "4.2 s"):
        assert words in text


def test_a_failure_shows_its_reason_and_what_to_do(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge())

    assert "handbook/postmortems/scan.pdf no text in 4 pages" in text
    assert "run groundwatch ingest again" in text
    assert "tried 2 times" in text


def test_documents_are_links_into_the_app(open_knowledge: Opener) -> None:
    assert 'href="knowledge?document=document-disk"' in markup_of(open_knowledge())


def test_the_address_narrows_the_list(open_knowledge: Opener) -> None:
    page = open_knowledge(kind="architecture")

    assert "data-stores.md" in text_of(page)
    assert "orders-disk-full.md" not in text_of(page)
    assert page.selectbox(key="listing kind").value == "architecture"


def test_a_chosen_filter_goes_into_the_address_and_starts_at_the_first_page(open_knowledge: Opener) -> None:
    page = open_knowledge(page="1")

    page.text_input(key="listing text").input("clean-up").run()

    assert page.query_params["text"] == "clean-up"
    assert "orders-clean-up.md" in text_of(page)
    assert "data-stores.md" not in text_of(page)


def test_a_list_without_matches_says_what_to_do(open_knowledge: Opener) -> None:
    assert "No document matches. Clear a filter" in text_of(open_knowledge(text="xyzzy"))


def test_many_documents_come_in_pages(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.listed = [DISK.summary().model_copy(update={"id": f"d{n}", "title": f"Runbook {n}"}) for n in range(120)]

    page = open_knowledge(page="2")

    assert "51 to 100 of 120 Previous Next" in text_of(page)
    assert "Runbook 50" in text_of(page)
    assert "knowledge?page=3" in markup_of(page)


def test_a_page_number_that_is_none_is_the_first(open_knowledge: Opener) -> None:
    assert "1 to 5 of 5" in text_of(open_knowledge(page="²"))


def test_a_document_shows_its_facts_and_why_it_is_of_its_kind(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge(document="document-disk"))

    assert "runbook: folder runbooks" in text
    assert "groundwatch ingest PATH --source handbook --kind KIND" in text


def test_a_wrong_kind_can_be_put_right(open_knowledge: Opener, fake: FakeAssistant) -> None:
    page = open_knowledge(document="document-disk")

    page.selectbox[0].set_value("reference")
    next(button for button in page.button if button.label == "Store correction").click().run()

    assert [correction.model_dump(exclude_unset=True) for correction in fake.corrections] == [{"kind": "reference"}]
    assert "Correction stored. The next ingest of 'handbook' applies it." in text_of(page)


def test_a_correction_that_changes_nothing_is_not_sent(open_knowledge: Opener, fake: FakeAssistant) -> None:
    page = open_knowledge(document="document-disk")

    next(button for button in page.button if button.label == "Store correction").click().run()

    assert fake.corrections == []
    assert "Nothing was changed" in text_of(page)


def test_every_kind_can_be_chosen() -> None:
    assert set(KINDS) == {kind.value for kind in DocumentKind}


def test_a_linked_span_is_marked_to_the_character(open_knowledge: Opener) -> None:
    quote = "Remove server logs"
    start = DISK.text.index(quote)

    page = open_knowledge(document="document-disk", line="26", chars=f"{start}-{start + len(quote)}")

    assert f"<mark>{quote}</mark>" in markup_of(page)


def test_linked_lines_are_marked_whole(open_knowledge: Opener) -> None:
    markup = markup_of(open_knowledge(document="document-disk", line="37-38"))

    assert markup.count("<mark>") == 2
    assert "Deletes the disk of the primary. |</mark>" in markup


def test_a_link_to_lines_that_are_gone_says_so(open_knowledge: Opener) -> None:
    page = open_knowledge(document="document-stores", line="900")

    assert "not in this revision" in text_of(page)


def test_a_long_document_comes_in_windows(open_knowledge: Opener, fake: FakeAssistant) -> None:
    detail = fake.details["document-stores"]
    text = "\n".join(f"row {n}" for n in range(1, 5001))
    fake.details["document-stores"] = detail.model_copy(update={"text": text, "sections": []})

    shown = text_of(open_knowledge(document="document-stores", line="2500"))

    assert "Lines 2,001 to 3,000 of 5,000 Earlier lines Later lines" in shown
    assert "row 2500" in shown
    assert "row 999" not in shown


def test_an_unknown_document_says_so_and_leads_back(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge(document="nope"))

    assert "All documents" in text
    assert "Not found No document 'nope'" in text


def test_a_hostile_document_is_shown_as_text(open_knowledge: Opener) -> None:
    page = open_knowledge(document="document-defaced")

    assert "<script>window" not in markup_of(page)
    assert "<img" not in markup_of(page)
    assert 'onerror="window.hacked = true"' in text_of(page)


def test_a_superseded_document_is_loud(open_knowledge: Opener) -> None:
    assert "Superseded" in text_of(open_knowledge(document="document-old"))


def test_before_the_first_ingest_the_page_says_how_to_ingest(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.state = empty_status()

    assert "No documents yet" in text_of(open_knowledge())


def test_without_an_api_the_page_offers_to_try_again(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.error = ServiceUnreachable("no answer")

    page = open_knowledge()

    assert "The API does not answer" in text_of(page)
    assert [button.label for button in page.button] == ["Try again"]
