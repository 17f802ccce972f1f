"""An API description is one architecture document, a section for each operation."""

import json

from ingest.parsing.structured import parse_structured

_API = """openapi: 3.0.1
info:
  title: Orders API
  description: Takes orders
servers:
- url: https://orders.example
paths:
  /orders:
    get:
      summary: list
    post:
      summary: make
  /orders/{id}:
    parameters: []
    delete:
      summary: drop
components:
  schemas:
    Order: {type: object}
"""


def test_the_service_is_a_component_stated_by_the_title_line() -> None:
    (parsed,) = parse_structured("api.yaml", _API)

    component = parsed.extract.components[0]
    assert (component.name, component.role.value, component.stated_in) == ("Orders API", "service", "openapi")
    assert component.description == "Takes orders"
    assert _API[component.span.start : component.span.end] == "title: Orders API"
    assert parsed.metadata == {"kind": "architecture", "services": ["Orders API"]}


def test_every_operation_is_a_section() -> None:
    (parsed,) = parse_structured("api.yaml", _API)

    texts = {section.heading_path: _API[section.span.start : section.span.end] for section in parsed.sections}
    assert list(texts) == [
        ("Orders API", "info"),
        ("Orders API", "servers"),
        ("GET /orders",),
        ("POST /orders",),
        ("DELETE /orders/{id}",),
        ("components", "schemas", "Order"),
    ]
    assert texts["GET /orders",] == "/orders:\n    get:\n      summary: list"
    assert texts["POST /orders",] == "post:\n      summary: make"


def test_swagger_in_json_on_one_line_is_read_too() -> None:
    text = json.dumps({"swagger": "2.0", "info": {"title": "Pay"}, "paths": {"/pay": {"post": {"summary": "pays"}}}})

    (parsed,) = parse_structured("swagger.json", text)

    assert parsed.title == "Pay"
    assert [section.heading_path for section in parsed.sections] == [("Pay", "info"), ("POST /pay",)]
    last = parsed.sections[-1].span
    assert text[last.start : last.end] == '"/pay": {"post": {"summary": "pays"}'
