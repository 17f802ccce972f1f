"""The answer benchmark checks every citation and asks again without the right document."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.answering.answer import Outcome
from api.answering.answerer import Answerer
from api.retrieval.search import Searcher
from evals.answers import Condition, ask_all, group_reports, measure, render
from evals.asking import Asker
from evals.corpus import Bench, configured_embedder
from evals.handbook_answers import HandbookQuestion, ask_handbook, judge
from evals.handbook_answers import render as render_handbook
from evals.lookalikes import Lookalikes, similarity, sketch_of
from evals.questions import Question, QuestionSet, load_questions, sample
from ingest.knowledge.documents import Document
from ingest.knowledge.index import IndexReader
from tests.evals.material import HashingEmbedder

TEXT = " ".join(f"word{number}" for number in range(400))


class ShiftedTexts:
    """A reader whose documents have changed under the citations: every text starts one character late."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader

    def document(self, document_id: str) -> Document | None:
        found = self._reader.document(document_id)
        return replace(found, text=" " + found.text) if found else None

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)


def _asker(bench: Bench) -> Asker:
    return Asker(Answerer(Searcher(bench.reader, HashingEmbedder())), bench.reader)


def test_every_place_of_an_answer_resolves(bench: Bench) -> None:
    asked = _asker(bench).ask("What do I do when CartDown fires?")

    assert asked.outcome is Outcome.ANSWERED
    assert asked.citations > 0
    assert asked.cited == {"shop/CartDown.md"}
    assert asked.broken == ()


def test_a_citation_that_does_not_resolve_is_named(bench: Bench) -> None:
    reader = ShiftedTexts(bench.reader)
    asker = Asker(Answerer(Searcher(bench.reader, HashingEmbedder())), reader)  # type: ignore[arg-type]  # by __getattr__

    asked = asker.ask("What do I do when CartDown fires?")

    assert len(asked.broken) >= asked.citations > 0
    assert "shop/CartDown.md" in asked.broken[0]


def test_each_question_is_asked_again_without_its_right_document(bench: Bench, questions: list[Question]) -> None:
    judged = ask_all(_asker(bench), bench.reader, questions)

    excluded = [each for each in judged if each.condition is Condition.EXCLUDED]
    assert len(excluded) == len(questions)
    named = [each for each in excluded if each.question.set is QuestionSet.ALERT_FULL]
    assert {each.outcome for each in named} == {Outcome.ABSTAINED}


def test_a_question_without_a_document_is_asked_once(bench: Bench) -> None:
    foreign = Question("f", QuestionSet.FOREIGN, "How do I reset the Frobnicator 9000?", None, frozenset())

    (judged,) = ask_all(_asker(bench), bench.reader, [foreign])

    assert (judged.condition, judged.outcome) == (Condition.FOREIGN, Outcome.ABSTAINED)


def test_shares_are_reported_by_set_and_condition(bench: Bench, questions: list[Question]) -> None:
    report = measure(bench, questions)

    assert report.asked == 2 * len(questions) == sum(group.n for group in report.groups)
    assert report.broken == ()
    for group in report.groups:
        outcomes = (group.answered, group.caveat, group.partial, group.conflict, group.abstained)
        assert sum(one.value for one in outcomes) == pytest.approx(1)
    assert "right document left out" in render(report.groups)


def test_groups_that_nobody_is_in_are_left_out() -> None:
    assert group_reports([]) == []


def test_a_text_is_like_itself_and_unlike_another() -> None:
    other = " ".join(f"other{number}" for number in range(400))

    assert similarity(sketch_of(TEXT), sketch_of(TEXT)) == 1
    assert similarity(sketch_of(TEXT), sketch_of(other)) == 0


def test_the_estimate_is_near_the_true_similarity() -> None:
    half = " ".join(TEXT.split()[:200])  # 196 of 396 shingles are shared

    assert similarity(sketch_of(TEXT), sketch_of(half)) == pytest.approx(196 / 396, abs=0.1)


def test_a_short_text_has_a_sketch() -> None:
    assert len(sketch_of("")) == len(sketch_of("two words")) == 1


def test_copies_and_runbooks_for_the_same_alert_look_alike() -> None:
    found = Lookalikes(
        [
            ("a/KubeNodeDown.md", TEXT),
            ("b/copy.md", TEXT + " and a line more"),
            ("c/kube/KubeNodeDown.md", "quite different words about the same alert in another house"),
            ("d/README.md", "something else entirely that nobody would mistake for it"),
            ("e/README.md", "one more readme that says what another house has to say"),
        ]
    )

    assert found.of("a/KubeNodeDown.md") == {"b/copy.md", "c/kube/KubeNodeDown.md"}
    assert found.of("d/README.md") == frozenset()


def test_words_that_must_be_quoted_are_looked_for_in_the_citations(bench: Bench) -> None:
    asked = _asker(bench).ask("What do I do when CartDown fires?")
    question = HandbookQuestion(
        id="q",
        kind="answerable",
        query="What do I do when CartDown fires?",
        doc_path="shop/CartDown.md",
        also_relevant=(),
        must_quote="Restart the cart pods",
    )

    assert judge(question, asked).quoted is True
    assert judge(question.model_copy(update={"must_quote": "never said"}), asked).quoted is False
    assert judge(question, asked).expected


@pytest.mark.model
@pytest.mark.slow
def test_the_sample_handbook_is_answered_as_its_questions_expect(handbook_data: Path) -> None:
    report = ask_handbook(handbook_data, configured_embedder())

    right = [each for each in report.results if each.expected]
    assert report.broken == ()
    assert len(right) >= 0.9 * len(report.results), render_handbook(report.results)


@pytest.mark.corpus
@pytest.mark.model
@pytest.mark.slow
def test_every_citation_resolves_in_a_real_handbook(shared: Path, real_bench: Bench) -> None:
    asked = sample(load_questions(shared / "questions", ["prometheus-operator-runbooks"]), 15)

    report = measure(real_bench, asked)

    assert report.asked >= 60
    assert report.citations > 60
    assert report.broken == ()
