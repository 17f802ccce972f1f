"""Components and dependencies, from tables, lists, sentences, front matter and diagrams."""

from ingest.extraction.components import find_architecture
from ingest.knowledge.documents import Document, DocumentKind
from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.spans import LineIndex
from tests.ingest.extraction.material import document_of, shown


def _edges(document: Document) -> set[tuple[str, str]]:
    found = find_architecture(document, LineIndex.of(document.text)).dependencies
    return {(each.source, each.target) for each in found}


def _architecture(text: str, services: tuple[str, ...] = (), title: str = "") -> Document:
    return document_of(text, "architecture/page.md", kind=DocumentKind.ARCHITECTURE, services=services, title=title)


def test_a_table_of_services_states_components_and_what_they_talk_to() -> None:
    document = _architecture(
        "# Shop\n\n| Service | Does | Talks to |\n|---|---|---|\n| checkout | places orders | cart-api, `redis` |\n"
    )

    found = find_architecture(document, LineIndex.of(document.text))

    assert _edges(document) == {("checkout", "cart-api"), ("checkout", "redis")}
    checkout = next(each for each in found.components if each.name == "checkout")
    assert (checkout.role, checkout.stated_in, checkout.description) == (
        ComponentRole.SERVICE,
        "table",
        "places orders",
    )
    assert "places orders" in shown(document, checkout.span)


def test_a_list_under_dependencies_belongs_to_the_service_of_the_document() -> None:
    text = (
        "# How we pay\n\n## Dependencies\n\n- `ledger-api`: books\n- PostgreSQL – stores charges\n- A healthy network\n"
    )

    assert _edges(_architecture(text, services=("payments",))) == {
        ("payments", "ledger-api"),
        ("payments", "PostgreSQL"),
    }


def test_used_by_turns_the_arrow_round() -> None:
    text = "# cart-api\n\n## Used by\n\n- checkout-web\n"

    assert _edges(_architecture(text)) == {("checkout-web", "cart-api")}


def test_a_sentence_with_a_verb_of_use_states_a_dependency() -> None:
    text = "# Flow\n\nThe `cart-api` reads carts from `redis-cart`. order-worker is called by checkout-web.\n"
    document = _architecture(text)

    assert _edges(document) == {("cart-api", "redis-cart"), ("checkout-web", "order-worker")}


def test_plain_words_negations_and_examples_state_nothing() -> None:
    text = (
        "# Flow\n\nThe user calls support. cart-api does not call checkout-web. "
        "For example, cart-api calls foo-bar. Real-time depends on read-only data.\n"
    )

    assert _edges(_architecture(text)) == set()


def test_a_diagram_in_the_text_is_read_and_cited_by_its_line() -> None:
    document = _architecture("# Flow\n\n```mermaid\ngraph LR\n  web[Storefront] --> cart[Cart API]\n```\n")

    (edge,) = find_architecture(document, LineIndex.of(document.text)).dependencies

    assert (edge.source, edge.target) == ("Storefront", "Cart API")
    assert "-->" in shown(document, edge.span)


def test_services_of_the_front_matter_are_cited_there() -> None:
    document = document_of("---\nservices: [checkout]\n---\n\n# Page\n\nText.\n", services=("checkout", "unsaid"))

    (component,) = find_architecture(document, LineIndex.of(document.text)).components

    assert (component.name, component.stated_in) == ("checkout", "front matter")
    assert shown(document, component.span) == "checkout"
