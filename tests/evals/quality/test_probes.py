"""Questions are read from the files of a suite; a line that does not fit is named."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.answering.answer import Outcome
from evals.quality.declaration import chosen_suites, find_suites
from evals.quality.probes import Probe, Selection, load_probes
from ingest.errors import UsageError
from tests.evals.material import write_questions
from tests.evals.quality.material import suite


def lines(*rows: Mapping[str, object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


WHOLE = {"id": "q1", "question": "Who owns the cart?", "documents": ["docs/cart.md"]}


def test_a_sites_own_question_names_documents_outcome_and_words(tmp_path: Path) -> None:
    ours = suite(tmp_path, questions=lines(WHOLE | {"group": "owners", "outcome": "partial", "quote": "team shop"}))

    assert load_probes(ours, Selection()) == [
        Probe(
            "q1", "owners", "Who owns the cart?", frozenset({"docs/cart.md"}), frozenset({Outcome.PARTIAL}), "team shop"
        )
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (WHOLE | {"answer": "me"}, "answer.*Extra"),
        ({"id": "q", "question": "", "documents": []}, "question"),
        ({"id": "q", "question": "x"}, "documents.*required"),
        (WHOLE | {"outcome": "maybe"}, "outcome"),
        ({"id": "q", "question": "x", "documents": [], "quote": "y"}, "needs the document"),
        (WHOLE | {"question": "x" * 9000}, "at most 8000"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, row: dict[str, object], words: str) -> None:
    ours = suite(tmp_path, questions=lines(WHOLE, row))

    with pytest.raises(UsageError, match=rf"questions\.jsonl', line 2: .*{words}"):
        load_probes(ours, Selection())


def test_two_questions_may_not_share_an_id(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two questions with the id 'q1'"):
        load_probes(suite(tmp_path, questions=lines(WHOLE, WHOLE)), Selection())


def test_a_suite_without_questions_says_where_to_write_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no questions; write some into '.*questions\.jsonl'"):
        load_probes(suite(tmp_path), Selection())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ours = suite(tmp_path)
    (ours.folder / "questions.jsonl").unlink()

    with pytest.raises(UsageError, match=r"cannot read '.*questions\.jsonl'"):
        load_probes(ours, Selection())


def test_a_sample_takes_the_same_questions_of_each_group_again(tmp_path: Path) -> None:
    rows = [WHOLE | {"id": f"q{n}", "group": "ab"[n % 2]} for n in range(20)]
    ours = suite(tmp_path, questions=lines(*rows))

    few = load_probes(ours, Selection(per_group=3))

    assert [probe.group for probe in few].count("a") == [probe.group for probe in few].count("b") == 3
    assert few == load_probes(ours, Selection(per_group=3))


def test_questions_of_a_folder_need_that_folder(tmp_path: Path) -> None:
    (retrieval,) = chosen_suites(find_suites(), ["retrieval"])

    with pytest.raises(UsageError, match="give --questions"):
        load_probes(retrieval, Selection())
    probes = load_probes(retrieval, Selection(folder=write_questions(tmp_path / "questions")))

    assert {probe.group for probe in probes} >= {"alert, full", "alert, description only", "incident symptom"}
    assert all(probe.right for probe in probes)


def test_the_bundled_questions_are_read() -> None:
    handbook, foreign = chosen_suites(find_suites(), ["handbook", "foreign"])

    assert {probe.group for probe in load_probes(handbook, Selection())} == {
        "answerable",
        "partial",
        "conflict",
        "unanswerable",
    }
    assert not any(probe.right for probe in load_probes(foreign, Selection()))
