"""Chains follow observed calls and end with the symptom as it was measured; the affected are those it can reach."""

from dataclasses import replace

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate, candidates_of
from api.investigation.chains import blast_radius, chain_of
from api.investigation.findings import Finding
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from tests.api.investigation.incidents_at_hand import call, finding, incident

GRAPH = CallGraph([call("shop", "cart"), call("cart", "db"), call("shop", "search")])


def known(*findings: Finding, graph: CallGraph = GRAPH) -> dict[str, Candidate]:
    return {one.component: one for one in candidates_of(incident(), findings, graph)}


def test_the_last_hop_cites_the_symptom_that_was_measured() -> None:
    chain = chain_of("db", "shop", GRAPH, known(finding("db"), finding("cart")), {"shop": ("o-symptom",)})

    assert [(hop.effect, hop.anomalies) for hop in chain] == [
        ("cart", ("o-metrics-cart-cpu",)),
        ("shop", ("o-symptom",)),
    ]


def test_a_symptom_that_does_not_show_leaves_its_hop_without_anomalies() -> None:
    chain = chain_of("db", "shop", GRAPH, known(finding("db"), finding("cart")))

    assert [hop.anomalies for hop in chain] == [("o-metrics-cart-cpu",), ()]


def test_without_a_named_symptom_it_ends_at_the_farthest_troubled_caller_over_troubled_ones() -> None:
    assert [hop.effect for hop in chain_of("db", None, GRAPH, known(finding("db"), finding("cart")))] == ["cart"]
    assert chain_of("db", None, GRAPH, known(finding("db"), finding("shop"))) == ()


def test_those_who_name_it_as_failing_are_affected() -> None:
    named = replace(finding("mail", signal=Signal.ERROR_LOGS, source=SourceClass.LOG), peer="db")
    graph = CallGraph([call("shop", "cart"), call("mail", "queue")])

    assert blast_radius("db", graph, known(finding("db"), named, graph=graph)) == ("mail",)


def test_one_that_no_call_places_is_affected_where_it_suffers_and_began_later() -> None:
    later = finding("topic", signal=Signal.LATENCY, onset=400_000_000)
    busy = finding("batch", signal=Signal.CPU, onset=400_000_000)
    earlier = finding("lake", signal=Signal.LATENCY, onset=1_000_000)

    found = blast_radius("db", GRAPH, known(finding("db", onset=300_000_000), later, busy, earlier))

    assert found == ("topic",)


def test_a_callee_in_trouble_is_not_affected_by_its_caller() -> None:
    assert blast_radius("shop", GRAPH, known(finding("shop"), finding("search"))) == ()
