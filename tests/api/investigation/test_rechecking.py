"""Holding advice against what was seen."""

import ast
from dataclasses import replace
from pathlib import Path

from api.investigation.guidance import PastIncident, Source
from api.investigation.rechecking import recheck
from tests.api.investigated import CPU, RISE, STEADY

SOURCE = Source("d1", "Cart was slow", "postmortems/cart.md", "r1", 3, 9)
DECIDING = ("candidates", "ranking", "auditor", "conclusion", "confidence", "inquiry", "kinds", "chains", "deciding")


def past(text: str) -> PastIncident:
    return PastIncident("Cart was slow", SOURCE, text)


def test_a_cause_that_shows_today_is_seen_here_too() -> None:
    [checked] = recheck(past("The CPU of cart was throttled."), [RISE]).rechecks

    assert (checked.words, checked.agree) == ("seen here too", (CPU.id,))


def test_a_cause_that_was_looked_at_and_is_as_always_disagrees() -> None:
    [checked] = recheck(past("The CPU of cart was throttled."), [STEADY]).rechecks

    assert (checked.words, checked.disagree) == ("looked at here, and as always", (CPU.id,))


def test_a_cause_of_another_signal_is_not_seen_here() -> None:
    [checked] = recheck(past("The disk of cart was full."), [RISE]).rechecks

    assert checked.words == "not seen here"


def test_a_known_component_of_which_nothing_was_seen_is_not_seen_here() -> None:
    [checked] = recheck(past("The disk of ledger was full."), [RISE], ("ledger",)).rechecks

    assert (checked.component, checked.words) == ("ledger", "not seen here")


def test_a_component_is_not_found_inside_the_name_of_another_one() -> None:
    assert not recheck(past("The CPU of cart-db and of my-cart was throttled."), [RISE]).rechecks


def test_marked_text_is_left_alone() -> None:
    marked = replace(past("The CPU of cart was throttled."), source=replace(SOURCE, flags=("instruction",)))

    assert recheck(marked, [RISE]) == marked


def test_nothing_that_decides_imports_guidance() -> None:
    folder = Path("api/investigation")
    imported = {
        node.module
        for name in DECIDING
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text()))
        if isinstance(node, ast.ImportFrom)
    }

    assert not imported & {"api.investigation.guidance", "api.investigation.rechecking", "api.guidance.searching"}
