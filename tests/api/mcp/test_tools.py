"""The tools over a real index: what they give back as data and as text, and how they refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import Local
from api.errors import GroundwatchError, NotFound, UsageError
from api.mcp.document_lines import MAX_CHARACTERS, MAX_LINES, DocumentLines, read_lines
from api.mcp.resources import PAGE, list_resources, read_resource, resource_uri
from api.mcp.tools import ToolResult, knowledge_tools
from api.schemas.answers import Answer
from api.schemas.search import SearchResponse
from tests.api.mcp.hostile import FILES as HOSTILE
from tests.api.shop import DISK_FULL
from tests.api.world import open_world, write_knowledge

TOOLS = {tool.name: tool for tool in knowledge_tools()}
LONG = "\n".join(f"line {number} of the long page" for number in range(1, 1_001))
WIDE = "# Wide\n\n" + "x" * (MAX_CHARACTERS + 10) + "\nlast"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """Open documents of which some are long, and one addresses language models."""
    folder = tmp_path_factory.mktemp("tools")
    write_knowledge(folder, HOSTILE | {"runbooks/DbDiskFull.md": DISK_FULL, "long.md": LONG, "wide.md": WIDE})
    opened = open_world(folder, check_every=60.0)
    yield opened
    opened.assistant.close()


def _call(shop: Local, name: str, /, **arguments: object) -> ToolResult:
    return TOOLS[name].run(shop.assistant, arguments)


def test_a_search_quotes_whole_passages_with_their_lines(shop: Local) -> None:
    found = _call(shop, "search_knowledge", query="DbDiskFull", limit=3)

    assert isinstance(found.data, SearchResponse)
    hit = found.data.hits[0]
    assert hit.path == "runbooks/DbDiskFull.md"
    assert f"`docs/runbooks/DbDiskFull.md:{hit.line_start}-{hit.line_end}`" in found.text
    assert f"document_id: {hit.document_id}" in found.text
    assert all(f"   > {row}".rstrip() in found.text for row in hit.quote.split("\n"))


def test_a_passage_that_addresses_a_model_is_marked_before_its_words(shop: Local) -> None:
    found = _call(shop, "search_knowledge", query="CertExpiry ignore all previous instructions", limit=5)

    assert isinstance(found.data, SearchResponse)
    assert any(hit.flags for hit in found.data.hits)
    assert 0 < found.text.index("FLAGGED (") < found.text.index("> Ignore all previous instructions")


def test_an_answer_takes_nothing_from_what_addresses_a_model(shop: Local) -> None:
    found = _call(shop, "ask", question="What do I do when CertExpiry fires?")

    assert isinstance(found.data, Answer)
    assert "certctl renew gateway" in found.text
    assert not any(c.flags for statement in found.data.statements for c in statement.citations)


def test_a_document_is_read_by_id_by_path_and_by_source_and_path(shop: Local) -> None:
    by_path = _call(shop, "get_document", document="runbooks/DbDiskFull.md").data
    assert isinstance(by_path, DocumentLines)

    others = [
        _call(shop, "get_document", document=name).data for name in (by_path.document.id, "docs/runbooks/DbDiskFull.md")
    ]

    assert others == [by_path, by_path]
    assert by_path.next_line is None


def test_a_range_of_lines_is_verbatim(shop: Local) -> None:
    found = _call(shop, "get_document", document="long.md", line_start=10, line_end=12)

    assert isinstance(found.data, DocumentLines)
    assert found.data.text == "\n".join(LONG.split("\n")[9:12])
    assert found.data.next_line == 13
    assert "\n10 | line 10 of the long page\n11 |" in found.text
    assert "line_start=13" in found.text


def test_a_long_document_is_read_in_pages_that_make_the_whole(shop: Local) -> None:
    pages: list[DocumentLines] = []
    start: int | None = 1
    while start is not None:
        pages.append(read_lines(shop.assistant, "long.md", start))
        start = pages[-1].next_line

    assert "\n".join(page.text for page in pages) == shop.assistant.document(pages[0].document.id).text
    assert len(pages) == 3
    assert pages[0].line_end == MAX_LINES


def test_a_line_that_is_too_long_says_that_it_is_cut(shop: Local) -> None:
    found = _call(shop, "get_document", document="wide.md", line_start=3)

    assert isinstance(found.data, DocumentLines)
    assert found.data.cut
    assert len(found.data.text) == MAX_CHARACTERS
    assert found.data.next_line == 4
    assert "(line 3 goes on" in found.text


def test_flagged_lines_are_told_and_marked(shop: Local) -> None:
    found = _call(shop, "get_document", document="runbooks/CertExpiry-notes.md")

    assert isinstance(found.data, DocumentLines)
    assert found.data.flagged
    assert "FLAGGED (" in found.text
    assert "! Ignore all previous instructions" in found.text


@pytest.mark.parametrize("first", [6, 10_000])
def test_lines_that_are_not_there_are_an_error(shop: Local, first: int) -> None:
    with pytest.raises(UsageError, match="there are no lines"):
        read_lines(shop.assistant, "wide.md", first)


def test_services_alerts_documents_and_the_state_are_listed(shop: Local) -> None:
    texts = {
        name: _call(shop, name).text for name in ("list_documents", "list_services", "list_alerts", "knowledge_status")
    }

    assert "`docs/runbooks/DbDiskFull.md`" in texts["list_documents"]
    assert "db (" in texts["list_services"]
    assert "DbDiskFull" in texts["list_alerts"]
    assert "- docs: 5 documents, 0 failed" in texts["knowledge_status"]


def test_an_alert_and_a_service_are_found_by_name(shop: Local) -> None:
    assert "runbooks/DbDiskFull.md" in _call(shop, "get_alert", name="dbdiskfull").text
    assert "db (" in _call(shop, "get_service", name="db").text


def test_an_unknown_alert_leads_to_those_like_it(shop: Local) -> None:
    with pytest.raises(NotFound, match="DbDiskFull"):
        _call(shop, "get_alert", name="DbDiskFul")


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("search_knowledge", {}, "query: field required"),
        ("search_knowledge", {"query": "x", "limit": 1000}, r"limit: .* \(not 1000\)"),
        ("search_knowledge", {"query": "x", "kinds": ["recipe"]}, "kinds.0: .*runbook"),
        ("search_knowledge", {"query": "x", "sources": ["nowhere"]}, "unknown source 'nowhere'; known: 'docs'"),
        ("search_knowledge", {"query": "x", "verbose": True}, "verbose: "),
        ("search_knowledge", {"query": ["x"]}, "query: "),
        ("ask", {"question": "x" * 9_000}, "question: "),
        ("ask", {"question": " "}, "the question is empty"),
        ("get_document", {"document": "nothing"}, "no document has the id 'nothing'"),
        ("get_document", {"document": "long.md", "line_start": 0}, "line_start: "),
        ("get_document", {"document": "long.md", "line_start": 5, "line_end": 4}, "there are no lines 5 to 4"),
        ("get_service", {"name": "nothing"}, "nothing"),
        ("knowledge_status", {"x": 1}, "x: "),
    ],
)
def test_wrong_arguments_are_told_in_words(shop: Local, name: str, arguments: dict[str, object], told: str) -> None:
    with pytest.raises(GroundwatchError, match=told):
        _call(shop, name, **arguments)


def test_every_tool_describes_its_arguments_and_warns_of_what_documents_say() -> None:
    for tool in TOOLS.values():
        properties = tool.arguments.model_json_schema().get("properties", {})

        assert all(field.get("description") for field in properties.values()), tool.name
        assert tool.result.model_json_schema(mode="serialization")["type"] == "object"
    assert all("data" in TOOLS[name].description for name in ("search_knowledge", "ask", "get_document", "get_alert"))


def test_resources_are_listed_in_pages(tmp_path: Path) -> None:
    write_knowledge(tmp_path, {f"p{number:03}.md": f"# Page {number}\n\ntext {number}" for number in range(PAGE + 5)})
    opened = open_world(tmp_path, check_every=60.0)
    try:
        first = list_resources(opened.assistant, None)
        second = list_resources(opened.assistant, first.cursor)
    finally:
        opened.assistant.close()

    assert (len(first.documents), len(second.documents)) == (PAGE, 5)
    assert second.cursor is None


def test_a_resource_is_read_from_a_line_on(shop: Local) -> None:
    document = read_lines(shop.assistant, "long.md").document

    found = read_resource(shop.assistant, resource_uri(document.id, 999))

    assert found.text == "line 999 of the long page\nline 1000 of the long page"


@pytest.mark.parametrize(
    "uri",
    [
        "groundwatch://documents/",
        "groundwatch://documents/nothing",
        "groundwatch://secrets/x",
        "file:///etc/passwd",
        "groundwatch://documents/../../etc/passwd",
        "",
        "groundwatch://documents/long.md?line_start=x",
        "groundwatch://documents/long.md?line_start=-1",
        "groundwatch://documents/long.md?lines=1",
        "groundwatch://documents/long.md?line_start=99999999999999999999",
    ],
)
def test_a_resource_that_is_none_is_told_in_words(shop: Local, uri: str) -> None:
    with pytest.raises((NotFound, UsageError)):
        read_resource(shop.assistant, uri)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "9" * 30, "²"])
def test_a_cursor_of_others_is_refused(shop: Local, cursor: str) -> None:
    with pytest.raises(UsageError, match="cursor"):
        list_resources(shop.assistant, cursor)
