"""Tests of placeholders: which count as such, and how they are filled."""

import pytest

from ui.components.placeholders import filled, placeholders_in


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("kubectl -n $NAMESPACE logs $POD", ["$NAMESPACE", "$POD"]),
        ("psql ${DATABASE} <host name>", ["$DATABASE", "<host name>"]),
        ("POD=$(kubectl get pod); echo $POD", []),
        ("for HOST in a b; do ssh $HOST; done", []),
        ("awk '{print $NF, $1}' < input > output", []),
        ("echo $HOME $lower", []),
        ("sort <in.txt >out.txt", []),
        ("DROP SLOT '$SLOT_NAME' -- $SLOT_NAME", ["$SLOT_NAME"]),
    ],
)
def test_placeholders_are_what_a_person_must_fill_in(command: str, names: list[str]) -> None:
    assert placeholders_in([command]) == names


def test_a_value_goes_into_every_place_in_either_form() -> None:
    assert filled("a $POD ${POD} $PODS <pod>", {"$POD": "p-0", "<pod>": "q"}) == "a p-0 p-0 $PODS q"


def test_a_value_that_looks_like_a_placeholder_is_not_filled_again() -> None:
    assert filled("<pod> $POD", {"<pod>": "$POD", "$POD": "x"}) == "$POD x"


def test_what_has_no_value_stays() -> None:
    assert filled("a $POD", {"$POD": ""}) == "a $POD"
