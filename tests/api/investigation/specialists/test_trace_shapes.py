"""The shape of requests is told as context: with rows, of a place, and of no candidate."""

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import candidates_of, is_notable
from api.investigation.findings import NOWHERE
from api.investigation.observations import SourceClass
from api.investigation.specialists.trace_shapes import tell_shapes
from api.investigation.specialists.writing import Notebook
from tests.api.investigation.incidents_at_hand import WINDOW, incident
from tests.api.investigation.tracing.spanning import Line, shifted, table, visits


def notes(healthy: list[Line], now: list[Line]) -> Notebook:
    book = Notebook("traces", SourceClass.TRACE, "traces", WINDOW)
    tell_shapes(book, table(healthy), table(now))
    return book


def test_the_same_shape_is_not_worth_a_sentence() -> None:
    assert notes(visits(30), shifted(visits(30))).findings == []


def test_each_change_is_told_with_rows_and_blames_nobody() -> None:
    lost = [line for line in shifted(visits(30)) if line[3] != "cart" or line[0] < 1_005]

    book = notes(visits(30), lost)

    claims = {one.subject: one.claim for one in book.findings}
    assert claims["call cart > cart"] == (
        "call cart of shop has a span of cart below it in 17 % of cases, 100 % in healthy time"
    )
    known = {one.id for one in book.observations if one.rows.rows}
    assert all(set(one.observations) <= known for one in book.findings)
    assert {one.component for one in book.findings} == {NOWHERE}
    assert not any(map(is_notable, book.findings))
    assert candidates_of(incident(), book.findings, CallGraph([])) == ()


def test_who_holds_requests_up_more_than_before_is_told() -> None:
    book = notes(visits(30), shifted(visits(30, work=200_000)))

    (found,) = [one for one in book.findings if one.subject == "critical path"]
    assert found.peer == "cart"
