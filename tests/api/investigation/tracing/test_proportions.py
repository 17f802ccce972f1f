"""A share that fell is told in standard errors, with few counts in mind."""

from api.investigation.tracing.proportions import fall


def test_the_same_share_has_not_fallen() -> None:
    assert abs(fall(5, 10, 5, 10)) < 1e-9


def test_more_counts_make_the_same_fall_clearer() -> None:
    assert fall(2, 2, 0, 2) < 3 < fall(20, 20, 0, 20)


def test_a_share_that_rose_is_negative() -> None:
    assert fall(0, 10, 10, 10) < 0


def test_the_same_share_of_fewer_has_not_fallen() -> None:
    assert fall(40, 40, 5, 5) == 0.0
    assert fall(0, 5, 0, 40) == 0.0
