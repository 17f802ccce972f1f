"""Mermaid diagrams state components and dependencies, each with the line that says so."""

import pytest

from ingest.knowledge.diagrams.reading import read_diagram
from tests.ingest.knowledge.diagrams.drawn import arrows, names, roles, stating_lines


def _read(text: str) -> list[str]:
    return arrows(read_diagram("mermaid", text))


def test_a_flowchart_gives_boxes_by_label_and_arrows_between_them() -> None:
    text = (
        "flowchart LR\n  web[Web shop] -->|HTTPS| api(Orders API)\n  api -- reads and writes --> db[(Orders<br/>DB)]\n"
    )

    diagram = read_diagram("mermaid", text)

    assert roles(diagram) == {"Web shop": "component", "Orders API": "component", "Orders DB": "database"}
    assert arrows(diagram) == ["Web shop -> Orders API: HTTPS", "Orders API -> Orders DB: reads and writes"]
    assert diagram.problems == ()


def test_each_fact_cites_the_line_that_states_it() -> None:
    text = "graph TD\n  web --> api\n  api --> store\n"

    assert stating_lines("mermaid", text) == ["web --> api", "api --> store"]


def test_spans_count_in_the_document_that_the_diagram_stands_in() -> None:
    from ingest.knowledge.spans import LineIndex

    body = "graph TD\n  web --> api\n"
    document = f"# Shop\n\n```mermaid\n{body}```\n"

    found = read_diagram("mermaid", body, offset=document.index(body), lines=LineIndex.of(document))

    span = found.dependencies[0].span
    assert document[span.start : span.end] == "web --> api"
    assert (span.line_start, span.line_end) == (5, 5)


def test_chains_and_groups_of_boxes_give_every_arrow() -> None:
    assert _read("graph LR\nweb --> api --> db1\nweb & app ==> auth & cache1\n") == [
        "web -> api",
        "api -> db1",
        "web -> auth",
        "web -> cache1",
        "app -> auth",
        "app -> cache1",
    ]


def test_an_arrow_at_the_end_of_a_line_points_to_the_next_one_and_cites_both() -> None:
    text = "graph TB\nedge1 -->\nproxy -->\nweb\n"

    assert _read(text) == ["edge1 -> proxy", "proxy -> web"]
    assert stating_lines("mermaid", text) == ["edge1 -->\nproxy -->", "proxy -->\nweb"]


def test_lines_without_an_arrowhead_are_counted_and_not_guessed() -> None:
    diagram = read_diagram("mermaid", "graph LR\nweb --- api\nweb ~~~ db1\napi <--> db1\n")

    assert arrows(diagram) == ["api -> db1", "db1 -> api"]
    assert diagram.problems == ("1 lines without an arrowhead: they do not say which end uses the other",)


def test_labels_lose_markup_entities_icons_and_quotes() -> None:
    text = (
        "graph LR\n"
        'AA["`#quot;otlp#quot; **Exporter**`"] --> BB["fa:fa-database Cache<br>&#40Valkey&#41 :rocket: 🚀"]\n'
        "CC(&quot;Ledger&quot; v2)\n"
    )

    assert names(read_diagram("mermaid", text)) == ['"otlp" Exporter', "Cache (Valkey)", '"Ledger" v2']


def test_a_cylinder_with_the_name_of_a_cache_is_a_cache() -> None:
    assert roles(read_diagram("mermaid", 'graph LR\naa[(Redis cache)]\nbb@{ shape: cyl, label: "Orders" }\n')) == {
        "Redis cache": "cache",
        "Orders": "database",
    }


def test_a_frame_is_a_component_only_where_an_arrow_ends_at_it() -> None:
    text = 'graph LR\nsubgraph vpc["Restore VPC"]\n  web --> db1\nend\nsubgraph Others\n  api\nend\nvpc -.peer.-> api\n'

    assert names(read_diagram("mermaid", text)) == ["Restore VPC", "web", "db1", "api"]
    assert _read(text) == ["web -> db1", "Restore VPC -> api: peer"]


def test_semicolons_front_matter_comments_and_styles_are_no_boxes() -> None:
    text = (
        "---\ntitle: Pipeline\n---\n%%{init: {'theme': 'base'}}%%\n%% a comment --> here\n"
        'graph TD; web-->api; api-->"ledger";\nstyle web fill:#fff\nclassDef x fill:#fff,stroke:#000;\nclick web "x"\n'
    )

    diagram = read_diagram("mermaid", text)

    assert arrows(diagram) == ["web -> api"]
    assert len(diagram.problems) == 1  # the quoted word is no id


def test_a_label_may_run_over_lines() -> None:
    assert _read('graph TD\nAA["Orders\n  service"] --> BB[Ledger]\n') == ["Orders service -> Ledger"]


def test_a_flow_of_steps_and_decisions_is_no_picture_of_a_system() -> None:
    text = "flowchart TD\nAA[Pod waits] --> BB{Memory left?}\nBB -->|no| CC[Scale up]\nBB -->|yes| DD[Check taints]\n"

    diagram = read_diagram("mermaid", text)

    assert (diagram.components, diagram.dependencies) == ((), ())
    assert "steps and decisions" in diagram.problems[0]


def test_single_letters_are_placeholders() -> None:
    assert read_diagram("mermaid", "graph TD;\n  A-->B;\n  B-->C;\n").components == ()


def test_a_sequence_gives_calls_and_not_their_replies() -> None:
    text = (
        "sequenceDiagram\nautonumber\nactor U as Customer\nparticipant W as Web shop\n"
        "U->>+W: buys\nW->>Plugin endpoint: POST {url}<br/>with token\nPlugin endpoint-->>W: ok\nW->>-U: receipt\n"
        "Note over U,W: nothing -> here\nloop retry\nW-)Mailer: async\nend\nW->>W: waits\n"
    )

    diagram = read_diagram("mermaid", text)

    assert roles(diagram)["Customer"] == "person"
    assert arrows(diagram) == [
        "Customer -> Web shop: buys",
        "Web shop -> Plugin endpoint: POST {url} with token",
        "Web shop -> Mailer: async",
    ]
    assert diagram.problems == ()


def test_c4_gives_roles_descriptions_and_relations() -> None:
    text = (
        'C4Container\ntitle Shop\nPerson(c, "Customer", "Buys")\nSystem_Boundary(b, "Shop") {\n'
        '  Container(web, "Web, the shop", "Go", "Shows goods")\n  ContainerDb(db, "Orders", "PostgreSQL")\n}\n'
        'System_Ext(pay, "Payments")\nRel(c, web, "Uses (often)", "HTTPS")\nBiRel(web, db, "rows")\nRel(web, pay, "")\n'
    )

    diagram = read_diagram("mermaid", text)

    assert roles(diagram) == {
        "Customer": "person",
        "Web, the shop": "service",
        "Orders": "database",
        "Payments": "external",
    }
    assert diagram.components[1].description == "Shows goods"
    assert arrows(diagram)[0] == "Customer -> Web, the shop: Uses (often)"
    assert len(arrows(diagram)) == 4


def test_classes_and_entities_are_components_without_dependencies() -> None:
    classes = read_diagram("mermaid", "classDiagram\nclass Order~T~ {\n  +pay() void\n}\nOrder <|-- GiftOrder : is\n")
    entities = read_diagram("mermaid", "erDiagram\nCUSTOMER ||--o{ ORDER : places\nORDER {\n  int id\n}\n")

    assert (names(classes), arrows(classes)) == (["Order", "GiftOrder"], [])
    assert (names(entities), arrows(entities)) == (["CUSTOMER", "ORDER"], [])


def test_an_architecture_diagram_gives_services_and_directed_edges() -> None:
    text = (
        "architecture-beta\ngroup api(cloud)[API]\nservice db(database)[Orders] in api\n"
        "service web(server)[Web] in api\nweb:R --> L:db\ndb:T -- B:web\n"
    )

    diagram = read_diagram("mermaid", text)

    assert roles(diagram) == {"Orders": "database", "Web": "component"}
    assert arrows(diagram) == ["Web -> Orders"]


@pytest.mark.parametrize("kind", ["pie", "gantt", "stateDiagram-v2", "gitGraph", "mindmap"])
def test_kinds_that_draw_no_components_say_so(kind: str) -> None:
    diagram = read_diagram("mermaid", f"{kind}\n  something --> else\n")

    assert diagram.components == ()
    assert diagram.problems == (f"is a {kind!r} diagram, which draws no components",)


def test_a_line_that_is_not_understood_is_skipped_and_counted() -> None:
    diagram = read_diagram("mermaid", "graph TD\nweb --> api\nweb --> [\n???? !!\napi --> db1\n")

    assert arrows(diagram) == ["web -> api", "api -> db1"]
    assert diagram.problems == ("2 lines of the diagram were not understood (line 3, 4)",)


def test_a_diagram_in_a_block_quote_is_read() -> None:
    assert _read("> graph TD\n> web --> api\n") == ["web -> api"]
