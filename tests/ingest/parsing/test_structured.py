"""YAML and JSON files that describe a system or an incident are documents; all others are refused quickly."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.parsing.structured import parse_structured

_COMPOSE = """services:
  web:
    image: nginx
    depends_on: [api]
    environment:
      DB_HOST: db
  api:
    build: .
    depends_on:
      db: {condition: service_healthy}
    environment:
    - REDIS_URL=redis://:secret@cache:6379/0
  db: {image: "postgres:16"}
  cache:
    image: redis
"""


def test_a_compose_file_gives_services_and_what_they_need() -> None:
    (parsed,) = parse_structured("docker-compose.yml", _COMPOSE)

    assert {c.name: c.role.value for c in parsed.extract.components} == {
        "web": "service",
        "api": "service",
        "db": "database",
        "cache": "cache",
    }
    assert [(d.source, d.target, d.label) for d in parsed.extract.dependencies] == [
        ("web", "api", "depends on"),
        ("web", "db", "DB_HOST"),
        ("api", "db", "depends on"),
        ("api", "cache", "REDIS_URL"),
    ]
    assert [section.heading_path for section in parsed.sections] == [("web",), ("api",), ("db",), ("cache",)]


def test_a_postmortem_record_is_a_document_with_a_section_for_each_key() -> None:
    text = (
        "title: Shop was down\ndate: 2024-01-02\nimpact: nobody could pay\nroot_cause: |\n  The disk was full.\n"
        "timeline:\n- time: '10:00'\n  event: alert\n- 11:00 fixed\naction_items:\n- action: add alert\n  owner: sam\n"
    )

    (parsed,) = parse_structured("2024/shop.yaml", text)

    assert (parsed.title, parsed.metadata["kind"]) == ("Shop was down", "postmortem")
    assert ("Root cause",) in [section.heading_path for section in parsed.sections]
    assert [(f.part.value, f.text, f.at, f.owner) for f in parsed.extract.postmortem] == [
        ("impact", "nobody could pay", "", ""),
        ("root_cause", "The disk was full.", "", ""),
        ("timeline", "alert", "10:00", ""),
        ("timeline", "11:00 fixed", "", ""),
        ("action_item", "add alert", "", "sam"),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("values.yaml", "image: x\nreplicas: 3\n"),
        ("crd.yaml", "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: x}\n"),
        ("package.json", '{"name": "x", "dependencies": {}}'),
        ("note.yaml", "summary: a word\n"),
        ("list.yaml", "- summary: a\n- impact: b\n"),
        ("services.yaml", "services:\n  enabled: true\n"),
    ],
)
def test_any_other_file_is_no_document(path: str, text: str) -> None:
    with pytest.raises(NotADocument, match="neither a rule file"):
        parse_structured(path, text)


def test_a_large_irrelevant_file_is_refused_without_being_read() -> None:
    text = "".join(f"- id: {number}\n  value: 'x {number}'\n" for number in range(150_000))
    start = time.process_time()

    with pytest.raises(NotADocument):
        parse_structured("data.yaml", text)

    assert time.process_time() - start < 2


@pytest.mark.parametrize("hostile", ["[", "- ", "{a: ", "? ", '{"a":', "{{", '"'])
def test_hostile_nesting_is_refused_with_a_reason(hostile: str) -> None:
    start = time.process_time()

    with pytest.raises(DocumentUnreadable):
        parse_structured("x.yaml", "alert: " + hostile * 200_000)

    assert time.process_time() - start < 4


@given(st.text(alphabet="ab-:[]{}\"'|>&*!%#\n \t,é", max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused_with_a_reason_and_spans_lie_in_it(text: str) -> None:
    whole = f"- alert: Down\n  expr: up\n{text}"
    try:
        parts = parse_structured("x.yaml", whole)
    except DocumentUnreadable:
        return

    for part in parts:
        span = part.sections[0].span
        assert 0 <= span.start < span.end <= len(whole)
        assert part.title is not None
        assert part.title in whole[span.start : span.end]
