"""Structurizr workspaces state the elements of their model and its relations, not their views."""

from ingest.knowledge.diagrams.reading import read_diagram
from tests.ingest.knowledge.diagrams.drawn import arrows, roles, stating_lines

_WORKSPACE = """workspace "Shop" "Sells things" {
  !identifiers hierarchical
  model {
    customer = person "Customer" "Buys"
    shop = softwareSystem "Shop" {
      web = container "Web shop" "Shows goods" "Go"
      db = container "Orders" "Keeps orders" "PostgreSQL" "Database"
      web -> db "reads" "SQL"
      api = container "API" {
        signin = component "Sign-in" "Checks passwords"
        -> db "writes"
      }
    }
    mail = softwareSystem "Mail" "Sends" "External"
    group "Outside" {
      customer -> shop.web "uses"
    }
    shop.api.signin -> mail "sends with"
    nobody -> mail "?"
    deploymentEnvironment "Live" {
      deploymentNode "AWS" {
        containerInstance shop.web
      }
    }
  }
  views {
    dynamic shop {
      customer -> mail "is drawn only"
    }
  }
}
"""


def test_elements_give_names_roles_and_descriptions() -> None:
    diagram = read_diagram("structurizr", _WORKSPACE)

    assert roles(diagram) == {
        "Customer": "person",
        "Shop": "service",
        "Web shop": "service",
        "Orders": "database",
        "API": "service",
        "Sign-in": "component",
        "Mail": "external",
    }
    assert diagram.components[2].description == "Shows goods"


def test_relations_resolve_nested_names_and_the_element_around_them() -> None:
    diagram = read_diagram("structurizr", _WORKSPACE)

    assert arrows(diagram) == [
        "Web shop -> Orders: reads",
        "API -> Orders: writes",
        "Customer -> Web shop: uses",
        "Sign-in -> Mail: sends with",
    ]
    assert stating_lines("structurizr", _WORKSPACE)[1] == '-> db "writes"'


def test_a_relation_of_an_unknown_element_is_counted() -> None:
    assert read_diagram("structurizr", _WORKSPACE).problems == ("1 lines of the diagram were not understood (line 19)",)
