"""Tests of the services view: the list, its search, and one service with its statements."""

from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant
from tests.ui.reading import markup_of, text_of


def test_services_are_listed_with_role_and_neighbours(open_knowledge: Opener) -> None:
    page = open_knowledge(view="services")

    assert "orders Takes orders. service postgres , payments checkout 2" in text_of(page)
    assert 'href="knowledge?view=services&amp;service=postgres"' in markup_of(page)


def test_a_search_goes_into_the_address(open_knowledge: Opener) -> None:
    page = open_knowledge(view="services")

    page.text_input(key="services text").input("postg").run()

    assert page.query_params["text"] == "postg"
    assert "Takes orders." not in text_of(page)


def test_without_a_match_the_page_says_so(open_knowledge: Opener) -> None:
    assert "No service matches" in text_of(open_knowledge(view="services", text="xyzzy"))


def test_without_services_the_page_says_how_to_state_them(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.known_services = []

    assert "No document names a service yet" in text_of(open_knowledge(view="services"))


def test_a_service_shows_each_statement_with_its_place(open_knowledge: Opener) -> None:
    page = open_knowledge(service="orders")

    text, markup = text_of(page), markup_of(page)
    for words in ("Also called order-service", "Its owner is team-platform.", "stated in: diagram", "Runbooks 2"):
        assert words in text
    assert "Postmortems 0 None names this service." in text
    assert "document=document-stores&amp;line=5-5&amp;chars=" in markup


def test_a_service_is_drawn_with_its_neighbours(open_knowledge: Opener) -> None:
    page = open_knowledge(service="orders")

    drawing = page.get("graphviz_chart")[0].proto.spec
    assert '"orders" -> "postgres" [label="reads"];' in drawing
    assert '"checkout" -> "orders"' in drawing
    assert '"pay\\"ments\\\\"' in drawing


def test_an_unknown_service_names_what_is_near(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge(service="ordres"))

    assert "All services" in text
    assert "near it: orders" in text
