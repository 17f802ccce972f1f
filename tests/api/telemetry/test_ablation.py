"""Telemetry of one component hidden where a recording holds nothing but alerts."""

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Happening
from api.investigation.windows import Window
from api.telemetry.ablation import WithoutModality
from api.telemetry.recording import Recording

WINDOW = Window(0, 60_000_000)
ALERTS = Recording(
    (Coverage(SourceClass.EVENT, "alerts", WINDOW, None),),
    every_happening=(
        Happening(SourceClass.METRIC, "alert", 0, "cart", "cpu up"),
        Happening(SourceClass.TRACE, "alert", 0, "front", "slow"),
    ),
)


def test_a_component_that_is_hidden_is_told_for_each_class_that_alerts_come_in() -> None:
    hidden = WithoutModality(ALERTS, frozenset(), frozenset({"cart"}))

    told = [(one.source, one.component) for one in hidden.coverage() if one.missing]
    assert told == [(SourceClass.METRIC, "cart"), (SourceClass.TRACE, "cart")]
    assert [one.component for one in hidden.happenings(WINDOW)] == ["front"]


def test_a_class_that_is_hidden_as_a_whole_is_not_told_once_more_for_the_component() -> None:
    hidden = WithoutModality(ALERTS, frozenset({SourceClass.METRIC}), frozenset({"cart"}))

    told = {(one.source, one.component) for one in hidden.coverage() if one.missing}
    assert told == {(SourceClass.METRIC, None), (SourceClass.TRACE, "cart")}
