"""Amounts in code, and which side has less."""

import pytest

from api.investigation.suspects.quantities import amounts, lowered


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        ("timeout = 5 * time.Second", "timeout = 300 * time.Millisecond", True),
        ("MaxAttempts: 8, BaseDelay: 5ms", "MaxAttempts: 2", True),
        ("memory: 512Mi", "memory: 2Gi", False),
        ("entries: 50000", "entries: 60000", None),
        ("name = a", "name = b", None),
        ("retry(3, base=2)", "retry(3)", True),
        ("http.Error(w, 500)", "http.Error(w, 200)", None),
        ("pool = 50", "pool = 0", True),
    ],
)
def test_the_first_amount_that_differs_much_tells(before: str, after: str, less: bool | None) -> None:
    assert lowered(before, after) is less


def test_units_make_amounts_comparable_and_identifiers_are_no_amounts() -> None:
    assert amounts("wait 2m then 120s") == (120.0, 120.0)
    assert amounts("AES_128_GCM_SHA256 #2563eb v1.34.2") == ()
    assert amounts("9" * 5_000)
