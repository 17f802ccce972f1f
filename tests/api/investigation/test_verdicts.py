"""Objections lower a verdict, and nothing raises it."""

import pytest

from api.investigation.verdicts import Objection, VerdictState, lowered

CONFIRMED, LIKELY, INCONCLUSIVE = VerdictState.CONFIRMED, VerdictState.LIKELY, VerdictState.INCONCLUSIVE


def objecting(*ceilings: VerdictState) -> tuple[Objection, ...]:
    return tuple(Objection("rule", ceiling, "because") for ceiling in ceilings)


@pytest.mark.parametrize(
    ("state", "ceilings", "left"),
    [
        (CONFIRMED, (), CONFIRMED),
        (CONFIRMED, (LIKELY,), LIKELY),
        (CONFIRMED, (LIKELY, INCONCLUSIVE), INCONCLUSIVE),
        (INCONCLUSIVE, (LIKELY,), INCONCLUSIVE),
        (LIKELY, (CONFIRMED,), LIKELY),
    ],
)
def test_the_lowest_ceiling_counts(state: VerdictState, ceilings: tuple[VerdictState, ...], left: VerdictState) -> None:
    assert lowered(state, objecting(*ceilings)) is left


def test_where_nothing_is_wrong_there_is_nothing_to_lower() -> None:
    assert lowered(VerdictState.NOTHING_WRONG, objecting(INCONCLUSIVE)) is VerdictState.NOTHING_WRONG
