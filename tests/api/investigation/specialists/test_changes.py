"""The specialist for changes: leads in the order in which to read them, and none that could confirm a cause."""

from dataclasses import replace

from api.investigation.candidates import is_notable
from api.investigation.findings import Direction, GapReason
from api.investigation.incidents import Symptom
from api.investigation.observations import SourceClass
from api.investigation.specialists.changes import ChangesSpecialist
from api.investigation.telemetry import Happening
from tests.api.investigation.incidents_at_hand import WINDOW, incident
from tests.api.investigation.recordings_at_hand import brief, looked, series

BEFORE = WINDOW.start - 60_000_000
ABOUT = replace(incident(), symptom=Symptom("connection pool of checkout exhausted", component="checkout"))


def commit(ref: str, title: str, at: int = BEFORE, detail: str = "") -> Happening:
    return Happening(SourceClass.CHANGE, "commit", at, None, title, ref=ref, detail=detail)


def deploy(ref: str, at: int) -> Happening:
    return Happening(SourceClass.CHANGE, "deploy", at, "checkout", f"deploy {ref}", ref=ref)


def test_the_change_with_rare_words_in_common_comes_first_and_stays_a_lead() -> None:
    changes = [
        commit("a1", "restyle the button"),
        commit("b2", "smaller connection pool", detail="-pool_size = 50\n+pool_size = 5"),
        commit("c3", "update a readme"),
    ]
    report = looked(ChangesSpecialist(), brief(happenings=changes, about=ABOUT))

    assert report.findings[0].subject == "b2"
    assert "pool" in report.findings[0].reason
    assert not any(is_notable(one) for one in report.findings)


def test_a_long_diff_is_no_reason_to_come_first() -> None:
    long = commit(
        "a1", "rename things", detail="\n".join(f"+word{number} other" for number in range(2_000)) + "\n+pool"
    )
    report = looked(ChangesSpecialist(), brief(happenings=[long, commit("b2", "connection pool")], about=ABOUT))

    assert report.findings[0].subject == "b2"


def test_what_was_deployed_after_the_trouble_is_ruled_out() -> None:
    changes = [commit("b2", "connection pool"), deploy("b2", WINDOW.end - 1), commit("a1", "other", WINDOW.end - 1)]
    late = [commit("b2", "connection pool"), deploy("b2", WINDOW.end + 5)]

    assert looked(ChangesSpecialist(), brief(happenings=changes, about=ABOUT)).findings[0].onset == WINDOW.end - 1
    assert [one.direction for one in looked(ChangesSpecialist(), brief(happenings=late, about=ABOUT)).findings] == [
        Direction.CHANGED
    ]


def test_without_changes_there_is_a_gap() -> None:
    report = looked(ChangesSpecialist(), brief(series("checkout", "cpu", 1.0, 1.0), about=ABOUT))

    assert [gap.reason for gap in report.gaps] == [GapReason.NO_DATA]


def test_a_deployment_tells_where_and_its_short_name_is_enough() -> None:
    changes = [commit("b2c4d6e8f0a2", "connection pool"), deploy("b2c4d6e", BEFORE + 5), deploy("b2c4d6e", WINDOW.end)]
    (found,) = looked(ChangesSpecialist(), brief(happenings=changes, about=ABOUT)).findings

    assert (found.component, found.onset) == ("checkout", BEFORE + 5)
    assert "its deployment is known" in found.reason
