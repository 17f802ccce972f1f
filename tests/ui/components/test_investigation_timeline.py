"""Tests of the timeline: the order of time, what matters most, and words that stay words."""

from tests.ui.canned_investigations import HOSTILE, MINUTE, START, result
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_citations import citations_of
from ui.components.investigation_moments import Moment, MomentKind, moments_of, strongest
from ui.components.investigation_timeline import ahead, timeline_markup


def moment(at: int, kind: MomentKind = MomentKind.ONSET, score: float = 2.0) -> Moment:
    return Moment(at, kind, "cart", "it rose", "metric", (), score)


def test_moments_stand_in_the_order_of_time_and_the_cause_is_marked() -> None:
    moments = moments_of(result())

    assert [one.kind for one in moments][:2] == [MomentKind.BEGIN, MomentKind.CAUSE]
    assert [one.at for one in moments] == sorted(one.at for one in moments)


def test_what_a_person_rejected_did_not_happen() -> None:
    claims = [one.words for one in moments_of(result(rejected=["metrics-1"]))]

    assert "p90 of cart rose from 12 ms to 48 ms" not in claims


def test_of_many_moments_the_cause_and_the_begin_are_kept_in_order() -> None:
    many = [moment(number, score=50.0) for number in range(30)]
    begin, cause = moment(5, MomentKind.BEGIN), moment(20, MomentKind.CAUSE, 1.0)

    kept = strongest(sorted([*many, begin, cause], key=lambda one: one.at), 4)

    assert len(kept) == 4
    assert begin in kept
    assert cause in kept
    assert [one.at for one in kept] == sorted(one.at for one in kept)


def test_how_far_a_moment_is_from_the_start_is_told_in_words() -> None:
    assert ahead(START, START) == "at the start"
    assert ahead(START - 10 * MINUTE, START) == "10 min earlier"
    assert ahead(START + 90_000_000, START) == "1 min 30 s later"


def test_each_moment_has_its_rows_and_hostile_words_stay_words() -> None:
    cited = citations_of(result(), InvestigationView(id="run-1"))

    markup = timeline_markup(moments_of(result()), cited, {"cart": "#123456"}, result().incident.window)

    assert 'href="investigations?id=run-1&amp;rows=o-points"' in markup
    assert "background:#123456" in markup
    assert HOSTILE not in markup
    assert "&lt;img src=x" in markup


def test_nothing_to_order_is_said() -> None:
    cited = citations_of(result(), InvestigationView(id="run-1"))

    assert "No onset and no change is known" in timeline_markup([], cited, {}, result().incident.window)
