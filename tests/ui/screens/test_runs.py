"""Tests of the list of runs, and of one run."""

from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant
from tests.ui.kept_knowledge import refused_run
from tests.ui.reading import markup_of, text_of


def test_runs_are_listed_with_outcome_and_changes(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.kept_runs.insert(0, refused_run())

    text = text_of(open_knowledge(view="runs"))

    assert "13 Refused by its checks" in text
    assert "1 added, 2 changed, 1 failed" in text


def test_one_source_narrows_the_runs_and_goes_into_the_address(open_knowledge: Opener) -> None:
    page = open_knowledge(view="runs")

    page.selectbox(key="runs of").select("rules").run()

    assert page.query_params["source"] == "rules"
    assert "No run yet" in text_of(page)


def test_one_run_shows_checks_diff_and_times(open_knowledge: Opener) -> None:
    page = open_knowledge(run="12")

    text = text_of(page)
    for words in ("Checks before promotion", "Passed counts", "Removed handbook/runbooks/gone.md", "Reading documents"):
        assert words in text
    assert 'href="knowledge?document=document-disk"' in markup_of(page)


def test_a_long_diff_comes_in_pages(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.changes = [fake.changes[2].model_copy(update={"path": f"gone-{number:03}.md"}) for number in range(230)]

    page = open_knowledge(view="runs", run="12", page="3")

    assert "201 to 230 of 230" in text_of(page)
    assert "gone-229.md" in text_of(page)
    assert "run=12&amp;page=2" in markup_of(page)


def test_a_run_that_is_not_kept_says_so(open_knowledge: Opener) -> None:
    assert "No run 99" in text_of(open_knowledge(run="99"))


def test_what_is_no_number_of_a_run_says_so(open_knowledge: Opener) -> None:
    assert "'²' is not the number of a run" in text_of(open_knowledge(run="²"))
