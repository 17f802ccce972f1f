"""Question files become typed questions."""

import json
from collections import Counter
from pathlib import Path

import pytest

from evals.answers import FOREIGN
from evals.questions import Half, Question, QuestionSet, load_foreign_questions, load_questions, sample
from ingest.errors import UsageError
from tests.evals.material import write_questions


def test_an_alert_is_asked_in_full_and_by_its_description_where_it_has_one(questions: list[Question]) -> None:
    sets = Counter(question.set for question in questions)

    assert sets == {
        QuestionSet.ALERT_FULL: 3,
        QuestionSet.ALERT_DESCRIPTION: 2,
        QuestionSet.INCIDENT_SYMPTOM: 1,
        QuestionSet.RECURRENCE: 1,
    }


def test_the_right_document_counts_as_relevant(questions: list[Question]) -> None:
    assert all(question.doc_path in question.relevant for question in questions)


def test_a_subset_keeps_the_questions_whose_right_document_is_inside(tmp_path: Path) -> None:
    kept = load_questions(write_questions(tmp_path), ["shop"])

    assert {question.doc_path for question in kept} == {"shop/CartDown.md", "shop/QueueFull.md"}


def test_questions_of_one_document_are_in_one_half() -> None:
    halves = {
        Question(str(number), name, "?", "a/b.md", frozenset()).half for number in range(5) for name in QuestionSet
    }

    assert len(halves) == 1


def test_documents_fall_into_both_halves_about_evenly() -> None:
    halves = Counter(
        Question("q", QuestionSet.FAQ, "?", f"docs/{number}.md", frozenset()).half for number in range(1000)
    )

    assert halves[Half.DEV] == pytest.approx(500, abs=60)


def test_a_sample_is_the_same_each_time_and_takes_from_every_set(questions: list[Question]) -> None:
    first, second = sample(questions, 1), sample(reversed(questions), 1)

    assert first != []
    assert set(first) == set(second)
    assert {question.set for question in first} == {question.set for question in questions}


def test_a_folder_without_questions_is_a_wrong_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="check --questions"):
        load_questions(tmp_path)


def test_a_broken_line_is_named_with_its_number(tmp_path: Path) -> None:
    write_questions(tmp_path)
    with (tmp_path / "alert_runbook.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "x"}\n')

    with pytest.raises(UsageError, match="line 4"):
        load_questions(tmp_path)


def test_there_are_sixty_foreign_questions_on_sixty_products() -> None:
    rows = [json.loads(line) for line in FOREIGN.read_text(encoding="utf-8").splitlines()]

    assert len(load_foreign_questions(FOREIGN)) == len({row["product"] for row in rows}) == 60


@pytest.mark.corpus
def test_no_document_of_the_corpus_mentions_a_foreign_product(shared: Path) -> None:
    files = [file for file in (shared / "corpus").rglob("*") if file.is_file()]
    text = "\n".join(file.read_text(encoding="utf-8", errors="ignore") for file in files).lower()
    products = [json.loads(line)["product"] for line in FOREIGN.read_text(encoding="utf-8").splitlines()]

    assert [product for product in products if product.lower() in text] == []


@pytest.mark.corpus
def test_the_shared_questions_have_the_sizes_that_their_readme_gives(shared: Path) -> None:
    sets = Counter(question.set for question in load_questions(shared / "questions"))

    assert (sets[QuestionSet.ALERT_FULL], sets[QuestionSet.INCIDENT_CHANGE]) == (355, 24)
    assert (sets[QuestionSet.KUBEFIX], sets[QuestionSet.FAQ], sets[QuestionSet.COMMIT]) == (198, 18, 348)
