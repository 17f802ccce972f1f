"""Tests of the drawing of calls around a cause."""

from tests.ui.canned_investigations import HOSTILE, result, verdict
from ui.components.causal_drawing import MOST_SERVICES, causal_drawing, way_of


def calls(*pairs: tuple[str, str]) -> list[dict[str, object]]:
    return [{"edge": {"caller": caller, "callee": callee}, "observation": "o-calls"} for caller, callee in pairs]


def test_the_way_from_cause_to_symptom_stands_out_in_words_and_lines() -> None:
    drawing = causal_drawing(result())

    assert drawing is not None
    assert way_of(result()) == ["cart", "front"]
    assert 'label="cart\\ncause" class="gw-cause"' in drawing
    assert 'label="front\\nsymptom" class="gw-symptom"' in drawing
    assert 'n1 -> n0 [class="gw-way"' in drawing


def test_without_calls_nothing_is_drawn() -> None:
    assert causal_drawing(result(calls=[])) is None


def test_a_verdict_without_cause_draws_no_way() -> None:
    bare = result(verdict=verdict(cause=None, state="inconclusive"))

    assert "gw-way" not in (causal_drawing(bare) or "")


def test_many_services_are_cut_to_those_near_the_cause() -> None:
    crowd = calls(("front", "cart"), *(("cart", f"store-{number}") for number in range(60)), ("far", "away"))

    drawing = causal_drawing(result(calls=crowd)) or ""

    assert 10 < drawing.count("label=") <= MOST_SERVICES
    assert "away" not in drawing


def test_names_are_quoted_and_names_that_begin_alike_stay_two() -> None:
    long = "x" * 60
    drawing = causal_drawing(result(calls=calls(("cart", HOSTILE + '"'), ("cart", long + "a"), ("cart", long + "b"))))

    assert drawing is not None
    assert "<img src=x onerror" in drawing
    assert drawing.count(f'label="{"x" * 38} …"') == 2
