"""Chains of recorded incidents are graded by structure, and the affected by how far they agree."""

import pytest

from evals.investigation_chain_grades import ChainGrade, grouped_grades, jaccard


def grade(*, right: bool = True, needed: bool = True, cited: bool = True, observed: int = 2) -> ChainGrade:
    return ChainGrade(
        set="s",
        name="c",
        right=right,
        needed=needed,
        hops=2,
        observed=observed,
        ends=True,
        cited=cited,
        radius=("a", "b"),
        given=("a",),
        labelled=("a",),
        moved=None,
        above=("a",),
    )


def test_agreement_is_the_share_of_those_in_either_that_are_in_both() -> None:
    assert jaccard(("a", "b"), ("b", "c")) == pytest.approx(1 / 3)
    assert jaccard((), ()) == 1.0
    assert jaccard(("a",), ()) == 0.0


def test_only_right_answers_that_need_a_chain_are_asked_for_one() -> None:
    found = grouped_grades("all", [grade(), grade(cited=False), grade(needed=False), grade(right=False, observed=1)])

    assert (found.n, found.right, found.needed, found.hops) == (4, 3, 2, 8)
    assert found.cited is not None
    assert found.cited.value == 0.5
    assert found.observed is not None
    assert found.observed.value == pytest.approx(7 / 8)
    assert found.labelled_right_n == 3
    assert found.labelled_given is not None
    assert found.labelled_given.value == 1.0


def test_a_group_with_nothing_to_share_says_so() -> None:
    found = grouped_grades("none", [grade(right=False)])

    assert (found.cited, found.chained, found.moved) == (None, None, None)
