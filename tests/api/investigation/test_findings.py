"""A finding without an observation can't be made, and every fault kind has words."""

import pytest

from api.investigation.faults import FaultKind
from api.investigation.findings import Direction, Finding
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal


def test_a_finding_rests_on_an_observation() -> None:
    with pytest.raises(ValueError, match="'f1' rests on no observation"):
        Finding(
            id="f1",
            specialist="metrics",
            source=SourceClass.METRIC,
            component="cart",
            signal=Signal.CPU,
            subject="cpu",
            direction=Direction.UP,
            claim="CPU rose",
            reason="3 MADs",
            observations=(),
            score=3.0,
        )


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_is_told_in_words(kind: FaultKind) -> None:
    assert kind.meaning
