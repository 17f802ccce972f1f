"""The retrieval benchmark counts what it should, and tuning sees the dev half only."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.retrieval.search import Searcher
from api.retrieval.tuning import DEFAULT_TUNING, RetrievalTuning
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.questions import Half, Question, QuestionSet, load_questions
from evals.ranking import by_best_passage, first_right, ranking_of, reciprocal_rank_fusion
from evals.recording import RecordedEmbedder, RecordedIndex
from evals.retrieval import Contest, load_published, main, render, set_reports
from evals.tuning import GRID, coordinate_search
from ingest.errors import UsageError
from ingest.knowledge.index import LegHit
from tests.evals.material import HashingEmbedder, write_corpus


def test_the_rank_is_that_of_the_first_right_document_among_ten() -> None:
    paths = [f"{number}.md" for number in range(1, 15)]

    assert first_right(paths, frozenset({"3.md", "7.md"})) == 3
    assert first_right(paths, frozenset({"11.md"})) == 0


def test_recall_and_reciprocal_rank_follow_from_the_ranks() -> None:
    found = ranking_of([1, 2, 6, 0])

    assert found.recall_1.value == 0.25
    assert found.recall_5.value == 0.5
    assert found.recall_10.value == 0.75
    assert found.mrr.value == pytest.approx((1 + 1 / 2 + 1 / 6) / 4)


def test_a_document_stands_where_its_best_passage_does() -> None:
    hits = [LegHit("p1", 3), LegHit("p2", 2), LegHit("p3", 1)]

    assert by_best_passage(hits, {"p1": "a", "p2": "b", "p3": "a"}) == ["a", "b"]


def test_fusion_by_rank_prefers_what_both_legs_found() -> None:
    fused = reciprocal_rank_fusion([[LegHit("x", 9), LegHit("y", 8)], [LegHit("z", 1), LegHit("y", 0.5)]])

    assert [hit.passage_id for hit in fused] == ["y", "x", "z"]


def test_every_set_is_reported_whole_and_by_half_beside_the_baselines(bench: Bench, questions: list[Question]) -> None:
    reports = set_reports(Contest(bench, questions).run(), published=load_published())

    whole = [report for report in reports if report.half == "both"]
    assert {report.set for report in whole} == {question.set for question in questions}
    assert sum(report.n for report in whole) == len(questions)
    assert sum(report.n for report in reports) == 2 * len(questions)
    assert "alert, full" in render(reports)


def test_a_question_with_the_alert_name_finds_its_runbook_first(bench: Bench, questions: list[Question]) -> None:
    named = [question for question in questions if question.set is QuestionSet.ALERT_FULL]

    assert [ranks.groundwatch for ranks in Contest(bench, named).run()] == [1, 1, 1]


def test_a_recorded_index_answers_as_the_index_does_at_every_depth(bench: Bench, questions: list[Question]) -> None:
    recorded = RecordedIndex(bench.reader, depth=5)
    embedder = HashingEmbedder()

    for candidates in (1, 3, 5, 20):
        tuning = replace(DEFAULT_TUNING, candidates=candidates)
        for question in questions:
            plain = Searcher(bench.reader, embedder, tuning).search(question.query, limit=10)
            assert Searcher(recorded, embedder, tuning).search(question.query, limit=10) == plain


def test_a_question_is_embedded_once_even_in_a_later_run(bench: Bench) -> None:
    embedder = HashingEmbedder()
    for _ in range(2):
        RecordedEmbedder(embedder, bench.questions).embed_query("what now")

    assert embedder.questions == 1


def test_tuning_takes_the_best_value_of_each_field_in_turn() -> None:
    def closeness(tuning: RetrievalTuning) -> float:
        return -abs(tuning.dense - 0.5) - abs(tuning.second - 0.4)

    best = coordinate_search(closeness, DEFAULT_TUNING, GRID)

    assert (best.tuning.dense, best.tuning.second) == (0.5, 0.4)
    assert best.tuning.lexical == DEFAULT_TUNING.lexical


def test_tuning_keeps_what_is_there_on_a_tie() -> None:
    assert coordinate_search(lambda _: 0.3, DEFAULT_TUNING).tuning == DEFAULT_TUNING


def test_the_dev_score_does_not_change_with_held_out_questions(bench: Bench, questions: list[Question]) -> None:
    dev = [question for question in questions if question.half is Half.DEV]
    assert 0 < len(dev) < len(questions)

    alone = Contest(bench, dev).score(DEFAULT_TUNING, Half.DEV)
    assert Contest(bench, questions).score(DEFAULT_TUNING, Half.DEV) == alone


def test_another_choice_of_documents_builds_the_index_anew(tmp_path: Path, corpus: Path) -> None:
    open_bench(tmp_path / "data", CorpusSource(corpus), HashingEmbedder()).close()

    narrowed = open_bench(tmp_path / "data", CorpusSource(corpus, subset=["shop"]), HashingEmbedder())
    paths = [facts.path for facts in narrowed.reader.documents()]
    narrowed.close()

    assert paths == ["shop/CartDown.md", "shop/QueueFull.md"]
    assert narrowed.result.embedded == 0


def test_a_second_run_over_the_same_documents_reads_nothing_again(tmp_path: Path, corpus: Path) -> None:
    open_bench(tmp_path / "data", CorpusSource(corpus), HashingEmbedder()).close()

    again = open_bench(tmp_path / "data", CorpusSource(corpus), HashingEmbedder())
    again.close()

    assert again.result.sources[0].unchanged == 4


def test_a_subset_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'nowhere'"):
        CorpusSource(write_corpus(tmp_path), subset=["nowhere"])


def test_a_wrong_path_ends_with_exit_code_two(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--corpus", str(tmp_path / "none"), "--questions", str(tmp_path)])

    assert result.exit_code == 2
    assert "check --questions" in result.output


@pytest.mark.corpus
@pytest.mark.model
@pytest.mark.slow
def test_alerts_find_their_runbooks_in_a_real_handbook(shared: Path, real_bench: Bench) -> None:
    asked = load_questions(shared / "questions", ["prometheus-operator-runbooks"])
    alerts = [question for question in asked if question.set is QuestionSet.ALERT_FULL]

    (report,) = [r for r in set_reports(Contest(real_bench, alerts).run()) if r.half == "both"]

    assert report.n > 50
    assert report.groundwatch.mrr.value > 0.9
    assert report.groundwatch.mrr.value > report.best_plain


def test_the_configured_embedder_loads_nothing_yet() -> None:
    assert "_transformer" not in vars(configured_embedder())
