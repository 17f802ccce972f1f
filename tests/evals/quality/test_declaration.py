"""A suite is a folder with suite.yaml; what is wrong in one is named with its file and line."""

from pathlib import Path

import pytest

from evals.quality.declaration import BUILT_IN, chosen_suites, find_suites
from evals.quality.metrics import METRICS
from evals.quality.scripts import SCRIPTS
from ingest.errors import UsageError

WHOLE = """title: Ours
kind: answers
questions: questions.jsonl
bars:
  - score: places resolve
    at_least: 1
    reason: no citation may lie
"""


def write(folder: Path, text: str, name: str = "ours") -> Path:
    (folder / name).mkdir()
    (folder / name / "suite.yaml").write_text(text)
    return folder


def test_the_built_in_suites_are_in_order_and_state_a_reason_for_every_bar() -> None:
    suites = find_suites()

    assert {"handbook", "retrieval", "answers", "foreign", "followups", "ragas"} <= {suite.name for suite in suites}
    for suite in suites:
        assert suite.declared.bars, suite.name
        assert all(bar.score in METRICS for bar in suite.declared.bars), suite.name
        assert suite.questions_file is None or suite.questions_file.is_file(), suite.name
        assert suite.declared.script is None or suite.declared.script in SCRIPTS


def test_a_site_adds_its_own_suites(tmp_path: Path) -> None:
    found = find_suites(write(tmp_path, WHOLE))
    (ours,) = chosen_suites(found, ["ours"])

    assert not ours.built_in
    assert ours.declared.knowledge == "served"
    assert ours.questions_file == tmp_path / "ours" / "questions.jsonl"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (WHOLE.replace("answers", "guesses"), 2, "kind: Input should be"),
        (WHOLE + "colour: red\n", 8, "colour: Extra inputs"),
        (WHOLE.replace("at_least: 1", "at_least: many"), 6, "at_least"),
        (WHOLE.replace("    at_least: 1\n", ""), 5, "give one of at_least and at_most"),
        (WHOLE.replace("places resolve", "happiness"), 1, "no score is called 'happiness'"),
        (WHOLE.replace("questions: questions.jsonl\n", ""), 1, "name the file of `questions`"),
        (WHOLE.replace("title: Ours", "title: [Ours"), 2, "mend the line"),
        (WHOLE + "script: shell\n", 1, "`script` belongs to scripted suites"),
        ("kind: scripted\ntitle: x\n", 1, "names its `script`"),
        ("just words\n", 1, "mapping|dictionary|valid"),
        ("", 1, "mapping|dictionary|valid"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError, match=rf"suite\.yaml', line {line}: .*({words})"):
        find_suites(write(tmp_path, text))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "ours" / "suite.yaml").write_bytes(b"\xff\xfe\x00title")

    with pytest.raises(UsageError, match=r"suite\.yaml"):
        find_suites(tmp_path)


def test_a_suite_may_not_take_the_name_of_a_built_in_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'handbook' too; rename"):
        find_suites(write(tmp_path, WHOLE, "handbook"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no suite is called 'handbok'; there are: answers"):
        chosen_suites(find_suites(), ["handbok"])


def test_a_folder_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="GROUNDWATCH_EVALS_SUITES"):
        find_suites(tmp_path / "nowhere")


def test_built_in_suites_come_with_the_package() -> None:
    assert BUILT_IN.is_dir()
