"""The door to diagrams: languages are told apart, and no diagram, however hostile, fails or takes long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.knowledge.diagrams.graph import MAX_EDGES
from ingest.knowledge.diagrams.outline import Page, write_outline
from ingest.knowledge.diagrams.reading import MAX_CHARACTERS, language_of, read_diagram
from tests.ingest.knowledge.diagrams.drawn import arrows, names

_LANGUAGES = ("mermaid", "plantuml", "graphviz", "structurizr", "drawio", "svg")


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("mermaid", "", "mermaid"),
        ("{mermaid}", "", "mermaid"),
        ("{.mermaid}", "", "mermaid"),
        ('puml title="x"', "", "plantuml"),
        (".dot", "", "graphviz"),
        ("dsl", 'workspace "Shop" {', "structurizr"),
        ("dsl", "job('x') { }", None),
        ("bash", "graph TD\nweb --> api", None),
        ("", "graph TD\nweb --> api", "mermaid"),
        ("", "@startuml\n", "plantuml"),
        ("", "digraph G {", "graphviz"),
        ("", "the graph of it", None),
        ("", "", None),
    ],
)
def test_the_language_is_told_by_name_and_without_one_by_the_first_line(
    name: str, text: str, language: str | None
) -> None:
    assert language_of(name, text) == language


def test_an_outline_is_read_back_as_it_was_written() -> None:
    page = Page(
        "Over view",
        (("component", "Web"), ("database", "Orders: main"), ("frame", "Backend"), ("text", "a note")),
        (("Web", "Orders: main", "reads: rows"), ("Backend", "Web", "")),
    )
    text = write_outline((page, Page("Second", (("queue", "Jobs -> here"),))))

    diagram = read_diagram("drawio", text)

    assert names(diagram) == ["Web", "Orders: main", "Backend", "Jobs → here"]
    assert arrows(diagram) == ["Web -> Orders: main: reads: rows", "Backend -> Web"]


@pytest.mark.parametrize("language", _LANGUAGES)
@given(text=st.text(alphabet='ab[](){}<>|"-=.:;,&@#%\n \\/*', max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_without_an_error_and_every_span_lies_in_it(language: str, text: str) -> None:
    for head in ("", "graph TD\n", "sequenceDiagram\n", "[x]\n", "digraph {", "workspace {\nmodel {\n"):
        whole = head + text

        diagram = read_diagram(language, whole)

        spans = [component.span for component in diagram.components] + [edge.span for edge in diagram.dependencies]
        for span in spans:
            assert 0 <= span.start < span.end <= len(whole)
            assert whole[span.start : span.end].strip()


@pytest.mark.parametrize("seed", ["A[", '"', "-->", "a & ", "a-->b\n", "{", "<br", "a;", "note\n", "&#", "a -- ", "(("])
@pytest.mark.parametrize(
    ("language", "head"),
    [("mermaid", "graph TD\n"), ("plantuml", "[x]\n"), ("graphviz", "digraph {"), ("structurizr", "model {\n")],
)
def test_a_hostile_diagram_is_read_in_little_time(language: str, head: str, seed: str) -> None:
    text = head + seed * (200_000 // len(seed))
    start = time.process_time()

    read_diagram(language, text)

    assert time.process_time() - start < 4


def test_a_line_that_asks_for_millions_of_arrows_is_cut_and_said() -> None:
    boxes = " & ".join(f"b{number}" for number in range(200))

    diagram = read_diagram("mermaid", f"graph TD\n{boxes} --> {boxes}\n")

    assert len(diagram.dependencies) <= MAX_EDGES
    assert any("arrows" in problem for problem in diagram.problems)


def test_a_diagram_beyond_the_size_limit_is_refused_with_its_size() -> None:
    diagram = read_diagram("mermaid", "graph TD\n" + " " * MAX_CHARACTERS)

    assert diagram.problems[0].startswith("has 2,000,009 characters")
