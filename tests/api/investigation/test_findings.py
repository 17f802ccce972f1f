"""A finding without an observation can't be made, and every fault kind has words."""

import pytest

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding
from api.investigation.observations import SourceClass


def test_a_finding_rests_on_an_observation() -> None:
    with pytest.raises(ValueError, match="'f1' rests on no observation"):
        Finding("f1", "metrics", SourceClass.METRIC, "cart", "cpu", Direction.UP, "CPU rose", "3 MADs", (), 3.0)


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_is_told_in_words(kind: FaultKind) -> None:
    assert kind.meaning
