"""What a change does, read from its diff."""

import pytest

from api.investigation.suspects.code_reading import acts_of
from api.investigation.suspects.diffs import read_diff
from api.investigation.suspects.mechanisms import Mechanism


def read(text: str, file: str = "src/app.py") -> set[Mechanism]:
    return {act.mechanism for act in acts_of(read_diff(f"{file}\n@@ @@\n{text}"))}


@pytest.mark.parametrize(
    ("text", "mechanism"),
    [
        ("-pool_size = 50\n+pool_size = 5", Mechanism.TIGHTENED),
        ("-const leeway = 120 * time.Second\n-\n", Mechanism.TIGHTENED),
        ("-workers = 4\n+workers = 64", Mechanism.LOOSENED),
        ("-if user is None:\n-    return ''\n return user.name", Mechanism.GUARD_LOST),
        ("-registerDefaults(registry)\n registry.warm()", Mechanism.CALL_LOST),
        (" for item in items:\n+    price = db.lookup(item)\n     total += 1", Mechanism.REPEATED_WORK),
        ('+rows = run("SELECT id FROM favourites WHERE owner = 1")', Mechanism.REPEATED_WORK),
        ("+seen = []\n+def handle(request):\n+    seen.append(request)", Mechanism.GROWTH),
        ('-key = payload["meta"]\n+key = payload["metadata"]', Mechanism.RENAMED),
        ("-if total <= limit:\n+if total >= limit:", Mechanism.FLIPPED),
        ("-verify = True\n+verify = False", Mechanism.FLIPPED),
        ("+ALTER TABLE orders DROP COLUMN state", Mechanism.SCHEMA),
        ("+    time.sleep(3)", Mechanism.WAITS),
    ],
)
def test_ways_in_which_changes_break_things_are_read(text: str, mechanism: Mechanism) -> None:
    assert mechanism in read(text)


def test_a_setting_of_another_value_is_read_in_settings_only() -> None:
    text = "-host: db-1.internal\n+host: db-2.internal"

    assert read(text, "deploy/app.yaml") == {Mechanism.SET}
    assert read(text, "src/app.kt") == {Mechanism.UNCLEAR}


@pytest.mark.parametrize(
    "text",
    [
        # A loop's body is moved to a function that the change defines.
        "-for c in cands:\n-    c.score = a + b * c.rate\n+for c in cands:\n+    score(c, a, b)\n"
        "+\n+def score(c, a, b):\n+    c.score = a + b * c.rate",
        # A check is moved to a function and asks about the same.
        '-if lat < -90 or lat > 90:\n-    raise Bad("lat")\n+check_range("lat", lat, -90, 90)',
        # Lines change places.
        "-a = f(1)\n-b = g(2)\n+b = g(2)\n+a = f(1)",
        # A list is emptied on the way.
        "+seen = []\n+def handle(r):\n+    seen.append(r)\n+    seen.pop()",
    ],
)
def test_moving_code_is_no_way_to_break_things(text: str) -> None:
    assert read(text) <= {Mechanism.UNCLEAR, Mechanism.INERT}


@pytest.mark.parametrize(
    "text",
    [
        '-log.debug("leader %s", term)\n+log.info("leader %s of %s", term, node)',
        '-http.Error(w, "no", 401)\n+http.Error(w, "unauthorized", 401)',
        "+# memory is bounded here",
    ],
)
def test_reports_and_comments_do_nothing(text: str) -> None:
    assert read(text) <= {Mechanism.INERT, Mechanism.UNTOLD}


def test_documents_and_tests_are_inert_and_a_diff_that_is_not_told_is_said_so() -> None:
    assert read("-pool = 50\n+pool = 5", "tests/test_pool.py") == {Mechanism.INERT}
    assert {one.mechanism for one in acts_of(read_diff("src/pool.py"))} == {Mechanism.UNTOLD}


def test_a_patch_of_a_dependency_is_told_from_a_larger_step_and_neighbours_are_not_its_code() -> None:
    small = acts_of(read_diff("go.mod\n@@ @@\n-example.com/a v1.2.0\n+example.com/a v1.2.1\n example.com/b v3.0.0"))
    large = acts_of(read_diff("go.mod\n@@ @@\n-example.com/a v1.2.0\n+example.com/a v1.3.0"))

    assert [one.mechanism for one in small] == [Mechanism.PATCHED]
    assert small[0].around == ""
    assert [one.mechanism for one in large] == [Mechanism.DEPENDENCY]


def test_a_text_for_people_is_no_name() -> None:
    assert Mechanism.RENAMED not in read('-say = "recieved it"\n+say = "received it"')
