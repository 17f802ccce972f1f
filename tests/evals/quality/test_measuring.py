"""Search and answers are measured through the door that everyone uses."""

from dataclasses import replace

import pytest

from api.answering.answer import Outcome
from evals.quality.answering import measure_answers
from evals.quality.plain_search import PlainRanks
from evals.quality.probes import Probe
from evals.quality.searching import measure_search
from tests.evals.quality.material import CART, QUEUE, UNKNOWN, SmallDoor, subject


def test_search_is_measured_by_the_rank_of_the_right_document() -> None:
    disk = Probe("disk", "alerts", "queue volume full consumers", frozenset({"runbooks/disk.md"}))
    measured = measure_search(subject(), [CART, disk, UNKNOWN])

    cart, second = measured.cases
    assert (cart.values["MRR@10"], cart.values["recall@1"], cart.outcome) == (1.0, 1.0, "rank 1")
    assert (second.values["MRR@10"], second.values["recall@1"], second.values["recall@5"]) == (0.5, 0.0, 1.0)
    assert second.found == ("runbooks/queue.md", "runbooks/disk.md")


def test_a_document_may_be_called_by_its_source_too() -> None:
    (case,) = measure_search(subject(), [QUEUE]).cases

    assert case.values["recall@1"] == 1.0


def test_a_right_document_that_is_not_found_is_a_fault_with_its_reason() -> None:
    lost = Probe("lost", "", "moon phase", frozenset({"runbooks/disk.md"}))
    gone = Probe("gone", "", "cart service", frozenset({"runbooks/gone.md"}))
    first, second = measure_search(subject(), [lost, gone]).cases

    assert first.faults == ("no right document among the first 10",)
    assert "no document called 'runbooks/gone.md'" in second.faults[0]


def test_recall_by_rank_is_drawn_for_all_and_for_each_group() -> None:
    other = replace(CART, id="other", group="owners")
    curves = measure_search(subject(), [CART, other]).curves

    assert [curve.name for curve in curves] == ["Recall by rank", "Recall by rank: alerts", "Recall by rank: owners"]
    assert [point.x for point in curves[0].points] == list(range(1, 11))
    assert curves[0].points[0].y == 1.0


def test_plain_searches_are_scored_beside_ours() -> None:
    plain = {CART.text: PlainRanks(("a.md", "runbooks/cart.md"), ("runbooks/cart.md",), ())}
    measured = measure_search(replace(subject(), plain=plain), [CART])
    (case,) = measured.cases

    assert case.values["MRR@10 of plain BM25"] == 0.5
    assert case.values["MRR@10 of plain dense"] == 1.0
    assert case.values["MRR@10 of plain RRF"] == 0.0
    assert [point.y for point in measured.curves[0].ideal] == [0.0] * 10
    assert "dashed" in measured.curves[0].x_label


def test_an_answer_from_the_right_document_has_no_fault() -> None:
    (case,) = measure_answers(subject(), [CART], left_out=False).cases

    assert case.faults == ()
    assert case.values["right document cited"] == case.values["answered where found"] == 1.0
    assert case.values["places resolve"] == 1.0


def test_the_right_documents_and_their_likes_are_left_out_the_second_time() -> None:
    door = SmallDoor()
    alike = replace(subject(door), alike=lambda path: frozenset({"runbooks/disk.md"} if "queue" in path else ()))
    whole, without = measure_answers(alike, [QUEUE], left_out=True).cases

    assert whole.values["answered where found"] == 1.0
    assert without.id == "queue (left out)"
    assert without.values["withheld where left out"] == 1.0
    assert set(door.asked[1].filters.exclude_documents) >= {"docs/runbooks/queue.md", "runbooks/disk.md"}


def test_an_answer_where_none_is_right_is_a_fault() -> None:
    trap = Probe("trap", "", "the volume of the moon is full", frozenset())
    (case,) = measure_answers(subject(), [trap], left_out=True).cases

    assert case.values["withheld where unknown"] == 0.0
    assert case.faults == ("answered, although no document answers",)
    assert case.expected == ("abstained, or partial with what is missing named",)


def test_outcome_and_words_that_a_question_names_are_checked() -> None:
    asked = replace(CART, outcomes=frozenset({Outcome.CONFLICT}), quote="Scale the consumers")
    (case,) = measure_answers(subject(), [asked], left_out=False).cases

    assert case.values["outcome as expected"] == case.values["expected words quoted"] == 0.0
    assert "the outcome is answered instead of conflict" in case.faults
    assert "does not quote 'Scale the consumers'" in case.faults


def test_words_count_as_quoted_whatever_their_case_and_spaces() -> None:
    asked = replace(CART, quote="restart  the CART pods")
    (case,) = measure_answers(subject(), [asked], left_out=False).cases

    assert case.values["expected words quoted"] == 1.0


def test_a_place_that_does_not_resolve_is_named() -> None:
    (case,) = measure_answers(subject(SmallDoor(misquotes=True)), [CART], left_out=False).cases

    assert case.values["places resolve"] == 0.0
    assert "the document does not say 'words of nobody' there" in case.faults[0]


def test_without_a_shown_confidence_there_is_a_note_and_no_curve() -> None:
    measured = measure_answers(subject(), [CART], left_out=False)

    assert "no calibration fits" in measured.notes["confidence"]
    assert not measured.curves


def test_a_shown_confidence_is_set_against_whether_the_cited_document_is_right() -> None:
    measured = measure_answers(subject(SmallDoor(confidence=0.8)), [CART, QUEUE, UNKNOWN], left_out=True)
    confirmed = {case.id: case.values["confidence confirmed"] for case in measured.cases}

    assert confirmed == {"cart": 1, "cart (left out)": 0, "queue": 1, "queue (left out)": 0, "moon": 0}
    reliability, risk = measured.curves
    (point,) = reliability.points
    assert [point.x, point.y, point.n] == pytest.approx([0.8, 0.4, 5])
    assert risk.points[-1].x == 1.0
    assert risk.points[-1].y == pytest.approx(0.6)
    assert [point.y for point in risk.ideal][:1] == [0.0]


def test_language_models_write_only_where_the_suite_lets_them() -> None:
    door = SmallDoor()
    measure_answers(subject(door), [CART], left_out=False)
    measure_answers(subject(door), [CART], left_out=False, writer=True)

    assert [request.writer for request in door.asked] == ["none", "auto"]
