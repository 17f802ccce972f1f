"""Masking: what varies is replaced, the same way each time, and hostile lines cost no more than long ones."""

import time

import pytest

from api.investigation.loglines.masking import LONGEST, coarse, mask, parameters


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("took 12ms for 4 rows", "took <duration> for <number> rows"),
        ("from 10.0.0.1:8080 at 2024-01-02T03:04:05Z", "from <ip> at <time>"),
        ("order 0b7d1f3e-1111-2222-3333-444455556666 done", "order <uuid> done"),
        ("read /var/lib/data of 5MiB", "read <path> of <size>"),
        ("user 'alice' not found", "user <quoted> not found"),
    ],
)
def test_what_varies_is_replaced_by_its_kind(line: str, masked: str) -> None:
    assert mask(line) == masked


def test_parameters_are_what_was_replaced_in_order() -> None:
    found = [(one.kind, one.value) for one in parameters("took 12ms for 4 rows")]

    assert found == [("duration", "12ms"), ("number", "4")]


@pytest.mark.parametrize("line", ["a-" * 50_000, "'" * 50_000, "/a" * 50_000, "1," * 50_000, "f" * 50_000, "é\ud800\0"])
def test_hostile_lines_are_masked_in_bounded_time(line: str) -> None:
    coarse(["what loads the library"])
    began = time.perf_counter()
    masked, found = mask(line), coarse([line])

    assert time.perf_counter() - began < 1.0
    assert len(masked) <= 10 * LONGEST
    assert len(found) == 1
