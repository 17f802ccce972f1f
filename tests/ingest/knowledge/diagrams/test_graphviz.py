"""Graphviz graphs state nodes by label and edges, up to the first thing that is no DOT."""

from ingest.knowledge.diagrams.reading import read_diagram
from tests.ingest.knowledge.diagrams.drawn import arrows, names, roles, stating_lines


def test_nodes_give_their_labels_and_edges_theirs() -> None:
    text = (
        'digraph "Shop" {\n  rankdir=LR; node [shape=box];\n  web [label=<<b>Web</b><br/>shop>];\n'
        '  api [shape=record, label="{<p>API|/v1|/v2}"];\n  db [shape=cylinder label="Orders\\nDB"]\n'
        '  web:e -> api:p:w [label="HTTP"];\n  api -> db\n}\n'
    )

    diagram = read_diagram("graphviz", text)

    assert roles(diagram) == {"Web shop": "component", "API": "component", "Orders DB": "database"}
    assert arrows(diagram) == ["Web shop -> API: HTTP", "API -> Orders DB"]
    assert stating_lines("graphviz", text)[0] == 'web:e -> api:p:w [label="HTTP"]'


def test_edges_from_and_to_groups_join_every_node() -> None:
    text = "digraph {\n subgraph cluster_a { label=Front; web; app }\n {web app} -> api -> {db1 db2};\n}\n"

    diagram = read_diagram("graphviz", text)

    assert names(diagram) == ["web", "app", "api", "db1", "db2"]
    assert arrows(diagram) == ["web -> api", "app -> api", "api -> db1", "api -> db2"]


def test_the_direction_attribute_counts_and_undirected_lines_do_not() -> None:
    text = "digraph {\n aa -> bb [dir=back]\n cc -> dd [dir=both]\n ee -> ff [dir=none]\n gg -> hh [style=invis]\n}\n"

    diagram = read_diagram("graphviz", text)

    assert arrows(diagram) == ["bb -> aa", "cc -> dd", "dd -> cc"]
    assert len(diagram.problems) == 1
    assert arrows(read_diagram("graphviz", "graph { web -- db }")) == []


def test_comments_quotes_and_joined_strings_are_read_as_graphviz_does() -> None:
    text = '// x -> y\n/* a -> b\n*/\n# c -> d\nstrict digraph {\n "web \\"two\\"" -> "a" + "pi" [label="x;y"]\n}\n'

    assert arrows(read_diagram("graphviz", text)) == ['web "two" -> api: x;y']


def test_what_stands_before_a_syntax_error_is_kept_and_the_error_named() -> None:
    diagram = read_diagram("graphviz", "digraph {\n web -> api\n api -> ;\n api -> db\n}\n")

    assert arrows(diagram) == ["web -> api"]
    assert diagram.problems == ("is no valid DOT from line 3 on; what follows was not read",)
