"""The catalogues of services and alerts, merged from the facts of all documents."""

from ingest.knowledge.alert_catalogue import AlertEntry, alert_catalogue
from ingest.knowledge.document_links import LinkResolver
from ingest.knowledge.documents import DocumentFacts, DocumentKind
from ingest.knowledge.extracts import (
    AlertMention,
    AlertRule,
    Component,
    ComponentRole,
    Dependency,
    DocumentExtract,
    Extract,
)
from ingest.knowledge.services import Service, fold_component, service_catalogue
from ingest.knowledge.spans import Span
from tests.ingest.extraction.material import facts_of

_HERE = Span(0, 4, 1, 1)
_THERE = Span(9, 14, 2, 2)


def _catalogue(*stated: tuple[DocumentFacts, Extract]) -> dict[str, Service]:
    extracts = [DocumentExtract(facts.id, extract) for facts, extract in stated]
    return {each.name: each for each in service_catalogue([facts for facts, _ in stated], extracts)}


def test_spellings_of_one_service_are_merged() -> None:
    assert len({fold_component(name) for name in ("Cart API", "cart-api", "cart_api", "`Cart-API` service")}) == 1


def test_a_service_keeps_every_place_that_states_it() -> None:
    design = facts_of("design.md", kind=DocumentKind.ARCHITECTURE)
    notes = facts_of("notes.md", kind=DocumentKind.REFERENCE, services=("cart-api",))

    catalogue = _catalogue(
        (design, Extract(components=(Component("Cart API", _HERE, ComponentRole.SERVICE, "diagram", "carts"),))),
        (notes, Extract(components=(Component("cart_api", _THERE),))),
    )

    (cart,) = catalogue.values()
    assert (cart.name, cart.aliases, cart.role, cart.description) == (
        "cart-api",
        ("Cart API", "cart_api"),
        ComponentRole.SERVICE,
        "carts",
    )
    assert {(place.document_id, place.stated_in) for place in cart.stated} == {
        (design.id, "diagram"),
        (notes.id, "text"),
    }
    assert cart.architecture == (design.id,)


def test_a_dependency_is_seen_from_both_ends_with_its_places() -> None:
    design = facts_of("design.md", kind=DocumentKind.ARCHITECTURE)
    edges = (Dependency("checkout", "Cart API", _HERE, "calls"), Dependency("checkout", "cart-api", _THERE, "HTTP"))

    catalogue = _catalogue((design, Extract(dependencies=edges)))

    (uses,) = catalogue["checkout"].depends_on
    (used,) = catalogue[uses.name].used_by
    assert used.name == "checkout"
    assert uses.labels == ("calls", "HTTP")
    assert [place.span for place in uses.stated] == [_HERE, _THERE]


def test_documents_of_a_service_are_listed_by_kind() -> None:
    pages = [facts_of(f"{kind.value}.md", kind=kind, services=("checkout",)) for kind in DocumentKind]

    checkout = _catalogue(*((page, Extract()) for page in pages))["checkout"]

    ids = {page.kind: (page.id,) for page in pages}
    assert checkout.role is ComponentRole.SERVICE
    assert (checkout.runbooks, checkout.architecture, checkout.postmortems, checkout.alerts) == (
        ids[DocumentKind.RUNBOOK],
        ids[DocumentKind.ARCHITECTURE],
        ids[DocumentKind.POSTMORTEM],
        ids[DocumentKind.ALERT],
    )


def test_the_order_of_documents_does_not_change_the_catalogue() -> None:
    pages = [facts_of(f"{number}.md", services=(name,)) for number, name in enumerate(("b", "A", "c", "B service"))]
    extracts = [DocumentExtract(page.id, Extract(components=(Component(page.services[0], _HERE),))) for page in pages]

    forward = service_catalogue(pages, extracts)

    assert forward == service_catalogue(pages[::-1], extracts[::-1])
    assert [service.name for service in forward] == ["A", "B service", "c"]


def _alerts(*stated: tuple[DocumentFacts, Extract]) -> dict[str, AlertEntry]:
    facts = [each for each, _ in stated]
    extracts = [DocumentExtract(each.id, extract) for each, extract in stated]
    return {each.name: each for each in alert_catalogue(facts, extracts, LinkResolver(facts))}


_RULES = facts_of("rules.yaml#CartDown", kind=DocumentKind.ALERT, source="rules")


def test_the_runbook_link_of_a_rule_wins_over_headings() -> None:
    linked, headed = facts_of("runbooks/cart-outage.md"), facts_of("runbooks/CartDown.md")
    rule = AlertRule("CartDown", _HERE, "up == 0", runbook_url="runbooks/cart-outage.md#fix")
    mention = AlertMention("CartDown", _HERE, heading=True)

    entry = _alerts((_RULES, Extract(rules=(rule,))), (linked, Extract()), (headed, Extract(alerts=(mention,))))[
        "CartDown"
    ]

    assert [(each.document_id, each.found_by, each.anchor) for each in entry.runbooks] == [
        (linked.id, "runbook_url", "fix")
    ]


def test_a_heading_gives_the_runbook_where_the_link_leads_nowhere() -> None:
    page = facts_of("runbooks/page.md")
    rule = AlertRule("CartDown", _HERE, "up == 0", runbook_url="https://elsewhere.example.org/x")
    mention = AlertMention("cartDown", _THERE, heading=True)

    entry = _alerts((_RULES, Extract(rules=(rule,))), (page, Extract(alerts=(mention,))))["CartDown"]

    assert [(each.document_id, each.found_by, each.span) for each in entry.runbooks] == [(page.id, "heading", _THERE)]
    assert entry.unresolved == ("https://elsewhere.example.org/x",)


def test_a_mere_mention_is_no_runbook() -> None:
    page = facts_of("runbooks/page.md")
    mention = AlertMention("CartDown", _HERE, heading=False)

    entry = _alerts((page, Extract(alerts=(mention,))))["CartDown"]

    assert not entry.has_runbook
    assert entry.mentions
