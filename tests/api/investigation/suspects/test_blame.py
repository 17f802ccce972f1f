"""Which change is blamed, and when none is."""

import pytest

from api.investigation.faults import FaultKind
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from api.investigation.suspects.blame import Rules, Standing, weigh
from api.investigation.suspects.outside_causes import Outside
from api.investigation.telemetry import Happening
from tests.api.investigation.suspects.troubles_at_hand import BEGAN, commit, deploy, line, trouble

EXHAUSTED = trouble(line("connection pool of ledger exhausted after waiting"), kinds=frozenset({FaultKind.DATABASE}))
SMALLER = commit("b2", "tidy", "src/ledger.py\n@@ def connect() {\n-ledger_pool = 50\n+ledger_pool = 5")
OTHERS = [commit(f"c{number}", "restyle", "src/style.py\n@@ @@\n-a = first()\n+a = second()") for number in range(8)]


def test_the_change_that_meets_the_words_and_can_cause_it_is_blamed() -> None:
    found = weigh([*OTHERS, SMALLER], EXHAUSTED, (), BEGAN)

    assert found.blamed is not None
    assert (found.blamed.change.ref, found.suspects[0].standing) == ("b2", Standing.BLAMED)
    assert {"pool", "ledg"} <= {one.term for one in found.blamed.shared}


def test_words_alone_blame_nothing_where_what_is_done_cannot_cause_it() -> None:
    moved = commit("b2", "tidy ledger pool", "src/ledger.py\n@@ @@\n-pool = connect(ledger)\n+pool = opened(ledger)")
    found = weigh([*OTHERS, moved], EXHAUSTED, (), BEGAN)

    assert found.blamed is None
    assert found.suspects[0].change.ref == "b2"
    assert "could cause it" in found.why


def test_two_changes_that_are_as_close_leave_it_open() -> None:
    twin = commit("a2", "tidy", SMALLER.detail)
    found = weigh([*OTHERS, SMALLER, twin], EXHAUSTED, (), BEGAN)

    assert found.blamed is None
    assert "as much to do with it" in found.why


def test_two_words_in_common_can_be_a_coincidence() -> None:
    few = commit("b2", "tidy", "src/a.py\n@@ @@\n-ledger_pool = 50\n+ledger_pool = 5")
    found = weigh([*OTHERS, few], EXHAUSTED, (), BEGAN)

    assert found.blamed is None
    assert "only 'ledger' and 'pool' in common" in found.why


def test_what_acted_after_the_onset_or_was_not_deployed_is_cleared() -> None:
    late = weigh([*OTHERS, SMALLER, deploy("b2", at=BEGAN + 120_000_000)], EXHAUSTED, (), BEGAN)
    never = weigh([*OTHERS, SMALLER, deploy("zz", at=SMALLER.at - 1)], EXHAUSTED, (), BEGAN)

    for found in (late, never):
        assert found.blamed is None
        assert next(one for one in found.suspects if one.change.ref == "b2").standing is Standing.CLEARED


def test_a_cause_outside_clears_all_of_blame() -> None:
    outside = Outside(
        FaultKind.TRAFFIC_SURGE, Signal.TRAFFIC, SourceClass.METRIC, "shop", "rps", "six times as many requests", "q",
        ("time",), (("now",),), BEGAN,
    )  # fmt: skip
    found = weigh([*OTHERS, SMALLER], EXHAUSTED, (outside,), BEGAN)

    assert found.blamed is None
    assert "six times" in found.why


def test_the_code_that_acts_has_to_meet_the_words_not_the_title_alone() -> None:
    bump = commit("b2", "ledger pool pins", "ledger/go.mod\n@@ @@\n-example.com/aws v1.2.0\n+example.com/aws v1.9.0")
    said = trouble(line("connection pool of ledger panics at start"), kinds=frozenset({FaultKind.CRASH}))

    assert weigh([*OTHERS, bump], said, (), BEGAN).blamed is None


def test_a_stack_frame_in_the_file_that_was_changed_is_enough() -> None:
    odd = commit("b2", "tidy", "src/ledger.py\n@@ def pick(rows) {\n-x = first(rows)\n+x = second(rows)")
    said = trouble(line("KeyError at src/ledger.py:12 pick"), kinds=frozenset({FaultKind.CODE_DEFECT}))

    assert weigh([*OTHERS, odd], said, (), BEGAN).blamed is not None
    assert weigh([*OTHERS, odd], said, (), BEGAN, Rules(frames=False)).blamed is None


def test_a_long_diff_is_no_reason_to_come_first() -> None:
    long = commit(
        "a1", "rename", "src/a.py\n@@ @@\n" + "\n".join(f"+word{n} = other_{n}" for n in range(900)) + "\n+pool"
    )
    found = weigh([*OTHERS, long, SMALLER], EXHAUSTED, (), BEGAN)

    assert found.suspects[0].change.ref == "b2"


def test_a_flag_is_a_lead_and_a_deployment_of_a_known_commit_is_not_told_twice() -> None:
    flag = Happening(SourceClass.CHANGE, "flag", BEGAN - 5, "ledger", "flag ledger_pool off->on", ref="ledger_pool")
    found = weigh([flag, *OTHERS, commit("abcdef01"), deploy("abcdef0")], EXHAUSTED, (), BEGAN)

    assert found.blamed is None
    assert found.suspects[0].change.ref == "ledger_pool"
    assert not any(one.change.kind == "deploy" for one in found.suspects)


@pytest.mark.parametrize("began", [None, BEGAN])
def test_no_changes_at_all_blame_nobody(began: int | None) -> None:
    assert weigh([], EXHAUSTED, (), began).blamed is None
