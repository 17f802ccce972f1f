"""The specialist for dependencies: stated calls, each with its row, and the called that nothing is seen of."""

from api.investigation.specialists.dependencies import DependenciesSpecialist
from api.investigation.telemetry import Edge
from tests.api.investigation.recordings_at_hand import brief, looked, series


def test_each_stated_call_has_an_observation() -> None:
    report = looked(DependenciesSpecialist(), brief(edges=[Edge("a", "b"), Edge("a", "b"), Edge("b", "b")]))

    assert [call.edge for call in report.calls] == [Edge("a", "b")]
    assert report.gaps == ()


def test_who_is_called_and_not_seen_is_a_gap() -> None:
    report = looked(DependenciesSpecialist(), brief(series("a", "cpu", 1.0, 1.0), edges=[Edge("a", "bank")]))

    assert [gap.component for gap in report.gaps] == ["bank"]
