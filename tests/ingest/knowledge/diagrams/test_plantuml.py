"""PlantUML diagrams state components and dependencies; notes and includes state nothing."""

from ingest.knowledge.diagrams.reading import read_diagram
from tests.ingest.knowledge.diagrams.drawn import arrows, names, roles, stating_lines


def test_components_give_their_labels_and_roles() -> None:
    text = (
        "@startuml\n' a comment --> here\n[Order Service] as orders\ncomponent checkout [\n  Checkout\n  service\n]\n"
        'database "Orders DB" as odb\nqueue Kafka\nactor Ops\n() "REST" as rest\n@enduml\n'
    )

    assert roles(read_diagram("plantuml", text)) == {
        "Order Service": "component",
        "Checkout service": "component",
        "Orders DB": "database",
        "Kafka": "queue",
        "Ops": "person",
        "REST": "component",
    }


def test_arrows_of_every_style_point_from_user_to_used() -> None:
    text = (
        "[web]\nweb -down-> orders : SQL\nweb ..> queue1\nstore <-- orders : reads\nweb -[#blue,dashed]-> stripe\n"
        'orders --( api1\nweb <.> cache1\norders "1" --> "n" worker\n'
    )

    assert arrows(read_diagram("plantuml", text)) == [
        "web -> orders: SQL",
        "web -> queue1",
        "orders -> store: reads",
        "web -> stripe",
        "orders -> api1",
        "web -> cache1",
        "cache1 -> web",
        "orders -> worker",
    ]
    assert stating_lines("plantuml", text)[2] == "store <-- orders : reads"


def test_a_frame_is_a_component_only_where_an_arrow_ends_at_it() -> None:
    text = 'cloud "Internet" as NET {\n}\npackage "Backend" {\n  [api]\n}\nNET --> api\napi -- NET\n'

    diagram = read_diagram("plantuml", text)

    assert names(diagram) == ["Internet", "api"]
    assert arrows(diagram) == ["Internet -> api"]
    assert len(diagram.problems) == 1


def test_notes_legends_styles_and_includes_state_nothing() -> None:
    text = (
        "@startuml\n!include https://example.org/x.puml\nskinparam component {\n  BackgroundColor red\n}\n[web]\n"
        "note left of web\n  api1 --> db1\nend note\nnote right of web : api2 --> db2\nlegend\n api3 --> b\nendlegend\n"
        "web --> api\n@enduml\n"
    )

    diagram = read_diagram("plantuml", text)

    assert names(diagram) == ["web", "api"]
    assert diagram.problems == ("includes other files, which were not read",)


def test_c4_macros_are_read() -> None:
    text = (
        '@startuml\nPerson(ops, "On-call")\nContainer(api, "API", "Go", "Takes orders")\nContainerQueue(jobs, "Jobs")\n'
        'Rel_D(ops, api, "watches")\nRel_Back(api, jobs, "wakes")\n@enduml\n'
    )

    diagram = read_diagram("plantuml", text)

    assert roles(diagram) == {"On-call": "person", "API": "service", "Jobs": "queue"}
    assert arrows(diagram) == ["On-call -> API: watches", "Jobs -> API: wakes"]


def test_a_sequence_gives_calls_and_not_their_replies() -> None:
    text = (
        '@startuml\nactor Customer as c\nparticipant "Web (v2)" as w #lightblue\ndatabase Orders\nc -> w : buys\n'
        "w -[#red]> Orders : insert\nOrders --> w : row\nw --> c\nw -> w : waits\nw <- Cron : ticks\n"
        "note right of w\n  w -> nothing\nend note\n@enduml\n"
    )

    diagram = read_diagram("plantuml", text)

    assert roles(diagram)["Orders"] == "database"
    assert arrows(diagram) == ["Customer -> Web (v2): buys", "Web (v2) -> Orders: insert", "Cron -> Web (v2): ticks"]


def test_states_and_activities_are_no_components() -> None:
    state = read_diagram("plantuml", "@startuml\n[*] --> Running\nRunning --> [*]\n@enduml\n")
    activity = read_diagram("plantuml", "@startuml\nstart\n:drain the node;\nstop\n@enduml\n")
    other = read_diagram("plantuml", "@startmindmap\n* one\n@endmindmap\n")

    assert (state.components, activity.components, other.components) == ((), (), ())
    assert [diagram.problems[0].split(",")[0] for diagram in (state, activity, other)] == [
        "is a state diagram",
        "is a activity diagram",
        "is a mindmap diagram",
    ]


def test_classes_are_components_without_dependencies() -> None:
    diagram = read_diagram(
        "plantuml", "@startuml\nclass Order {\n +pay()\n}\nclass GiftOrder\nOrder <|-- GiftOrder\n@enduml\n"
    )

    assert (names(diagram), arrows(diagram)) == (["Order", "GiftOrder"], [])
