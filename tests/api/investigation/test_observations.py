"""An observation is known by its query and its rows."""

from api.investigation.observations import Observation, Query, Rows, SourceClass, observe
from api.investigation.windows import Window

QUERY = Query(SourceClass.METRIC, "prometheus-a", "cpu{pod='cart-1'}", Window(0, 60))


def seen(*values: float, query: Query = QUERY) -> Observation:
    rows = Rows(("time", "value"), tuple(enumerate(values)), total=len(values))
    return observe(query, "cart", "CPU of cart", rows)


def test_the_same_rows_of_the_same_query_have_the_same_id() -> None:
    assert seen(1.0, 2.0).id == seen(1.0, 2.0).id


def test_another_value_window_or_instance_has_another_id() -> None:
    other_window = Query(SourceClass.METRIC, "prometheus-a", QUERY.text, Window(0, 61))
    other_instance = Query(SourceClass.METRIC, "prometheus-b", QUERY.text, Window(0, 60))

    assert len({one.id for one in (seen(1.0), seen(1.5), seen(1.0, query=other_window))}) == 3
    assert seen(1.0, query=other_instance).id != seen(1.0).id


def test_what_was_cut_is_counted() -> None:
    rows = Rows(("time",), ((1,), (2,)), total=500, cut="only the first 2 rows are kept")

    assert (rows.kept, rows.total) == (2, 500)
    assert seen(1.0).source is SourceClass.METRIC
