"""The measure of adaptation: questions of others, apart by what training saw; too small a corpus is left out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from evals.adaptation import CorpusReport, main, measure, render
from evals.adapted_search import PartlyHidden, WholeSearch
from evals.corpus import Bench, CorpusSource, open_bench
from evals.hashing_embedder import HashingEmbedder
from evals.questions import Question, QuestionSet
from ingest.knowledge.passages import PassageFilter
from tests.evals.material import write_corpus, write_questions
from tests.ingest.adaptation.material import handbook

pytestmark = pytest.mark.slow  # one training for the whole file

EVERYWHERE = PassageFilter()


@pytest.fixture(scope="module")
def runbooks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Return an index of sixty runbooks."""
    folder = tmp_path_factory.mktemp("runbooks")
    for path, text in handbook().items():
        (folder / "corpus" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "corpus" / path).write_text(text)
    opened = open_bench(folder / "data", CorpusSource(folder / "corpus"), HashingEmbedder())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def report(runbooks: Bench) -> CorpusReport:
    """Return the measure with a question about each runbook and one about a document that is not there."""
    asked = [
        Question(path, QuestionSet.FAQ, f"what to do with {Path(path).stem.replace('-', ' ')}", path, frozenset({path}))
        for path in handbook()
    ]
    gone = Question("gone", QuestionSet.FAQ, "what of this", "gone.md", frozenset({"gone.md"}))
    return measure("runbooks", runbooks, [*asked, gone])


def test_questions_are_told_apart_by_whether_training_saw_their_documents(report: CorpusReport) -> None:
    by_documents = {one.documents: one.n for one in report.sets}

    assert by_documents["all"] == len(handbook())
    assert by_documents["seen"] + by_documents["unseen"] == by_documents["all"]
    assert min(by_documents["seen"], by_documents["unseen"]) > 0


def test_the_same_questions_are_asked_without_and_with_the_adapter(report: CorpusReport) -> None:
    whole = next(one for one in report.sets if one.documents == "all")

    assert 0 < whole.search_before <= 1
    assert whole.search_change.low <= whole.search_after - whole.search_before <= whole.search_change.high
    assert whole.dense_change.value == pytest.approx(whole.dense_after - whole.dense_before)


def test_the_report_says_whether_it_would_be_used_and_why(report: CorpusReport) -> None:
    text = render(report)

    assert ("promoted: " if report.promoted else "not promoted: ") + report.verdict in text
    assert "faq link, unseen" in text


def test_a_hidden_passage_is_found_by_no_leg_and_later_is_again(runbooks: Bench) -> None:
    index = PartlyHidden(runbooks.reader)
    vector = HashingEmbedder().embed_query("the disk is full")
    best = index.search_dense(vector, limit=3, where=EVERYWHERE)

    with index.hiding([best[0].passage_id]):
        without = index.search_dense(vector, limit=3, where=EVERYWHERE)
        stored = index.passages([best[0].passage_id, best[1].passage_id])

    assert [hit.passage_id for hit in without[:2]] == [hit.passage_id for hit in best[1:]]
    assert len(without) == 3
    assert [one.passage.id for one in stored] == [best[1].passage_id]
    assert index.search_dense(vector, limit=3, where=EVERYWHERE) == best


def test_without_an_adapter_a_question_is_searched_with_its_own_vector(runbooks: Bench) -> None:
    trial = WholeSearch(runbooks.reader, HashingEmbedder(), runbooks.questions)

    assert trial.vector("disk full", None).tolist() == HashingEmbedder().embed_query("disk full").tolist()


@pytest.mark.model
def test_a_corpus_with_too_few_pairs_is_left_out_with_the_reason(tmp_path: Path) -> None:
    corpus, questions = write_corpus(tmp_path / "corpus"), write_questions(tmp_path / "questions")
    arguments = ["--corpus", str(corpus), "--questions", str(questions), "--data-dir", str(tmp_path / "data")]

    outcome = CliRunner().invoke(main, [*arguments, "--each", "shop", "--json", str(tmp_path / "report.json")])

    assert outcome.exit_code == 0, outcome.output
    assert "at least 100 are needed" in outcome.stdout
    record = json.loads((tmp_path / "report.json").read_text())
    assert (record["corpora"], len(record["left_out"])) == ([], 1)
