"""Tests of the sources view: the newest run in all its states, its buttons, the sources, and what failed."""

import time

from api.errors import UsageError
from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant
from tests.ui.kept_knowledge import finished_run, refused_run, running_run
from tests.ui.reading import markup_of, text_of
from ui.components.sync_requests import APPEARS_WITHIN_SECONDS


def test_a_source_shows_type_location_counts_times_and_revision(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge())

    for words in ("https://git.example.com/rules.git", "Left out 3", "Removed 2", "took 1 min 15 s", "4f2a9c01d7e3"):
        assert words in text
    assert "Next run in " in text


def test_a_source_that_was_seen_in_part_says_what_was_kept(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge())

    assert "Seen in part" in text
    assert "did not see all of this source, so nothing was removed" in text
    assert "The server answered 503 for 2 of 40 files." in text


def test_counts_lead_to_the_documents_they_count(open_knowledge: Opener) -> None:
    assert 'href="knowledge?view=documents&amp;source=rules&amp;state=ignored"' in markup_of(open_knowledge())


def test_the_newest_run_is_told_in_words_with_its_changes_and_times(open_knowledge: Opener) -> None:
    page = open_knowledge()

    text = text_of(page)
    assert "Succeeded Run 12 of handbook" in text
    assert "It serves as generation 7." in text
    assert "1 added" in text
    assert "no text in <b>4</b> pages" in text
    assert "<b>4" not in markup_of(page)
    assert "Embedding changed passages 2.6 s" in text


def test_a_run_that_changed_nothing_says_so(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.kept_runs = [finished_run(12, counts={})]

    assert "Nothing had changed." in text_of(open_knowledge())


def test_a_run_at_work_shows_how_far_it_is_and_can_be_cancelled(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.kept_runs = [running_run()]

    page = open_knowledge()
    assert "Embedding changed passages: 120 of 400" in text_of(page)
    assert page.button(key="sync all").disabled
    assert page.button(key="sync rules").disabled
    page.button(key="sync cancel").click().run()

    assert fake.cancels == 1
    assert "The run stops before it promotes." in text_of(page)
    assert page.button(key="sync cancel").disabled


def test_a_run_without_a_sign_of_life_is_told(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.kept_runs = [running_run(stalled=True)]

    assert "No sign of life" in text_of(open_knowledge())


def test_a_refused_run_names_the_check_that_failed(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.kept_runs = [refused_run()]

    text = text_of(open_knowledge())

    assert "Refused by its checks" in text
    assert "Failed passages kept 9 of 12 passages lost" in text
    assert "What was served before goes on serving." in text
    assert "Not served: 1 added 2 changed" in text


def test_runs_that_are_held_after_a_rollback_come_with_the_command(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.held = "generation 6 was rolled back to"

    page = open_knowledge()

    assert "Syncs are held" in text_of(page)
    assert [code.value for code in page.code] == ["groundwatch sync --release"]
    assert page.button(key="sync all").disabled


def test_one_source_can_be_synced_and_the_page_waits_for_its_run(open_knowledge: Opener, fake: FakeAssistant) -> None:
    page = open_knowledge()

    page.button(key="sync rules").click().run()

    assert [request.sources for request in fake.syncs] == [["rules"]]
    assert "A run was asked for. It appears here within seconds." in text_of(page)
    assert page.button(key="sync all").disabled
    fake.kept_runs = [finished_run(13)]
    page.run()
    assert "It appears here" not in text_of(page)
    assert not page.button(key="sync all").disabled


def test_a_run_that_never_appears_is_told(open_knowledge: Opener, fake: FakeAssistant) -> None:
    page = open_knowledge()
    page.button(key="sync all").click().run()

    asked = page.session_state["sync asked for"]
    late = type(asked)(asked.newest, asked.words, time.monotonic() - APPEARS_WITHIN_SECONDS - 1, waits=True)
    page.session_state["sync asked for"] = late
    page.run()

    assert "The run that was asked for has not appeared" in text_of(page)
    assert not page.button(key="sync all").disabled


def test_a_refusal_stands_beside_the_button(open_knowledge: Opener, fake: FakeAssistant) -> None:
    fake.refusal = UsageError("syncs are held after a rollback; release them")

    page = open_knowledge()
    page.button(key="sync all").click().run()

    assert "Syncs are held after a rollback; release them." in text_of(page)
    assert not page.button(key="sync all").disabled


def test_a_source_that_is_not_declared_says_how_to_read_it(open_knowledge: Opener, fake: FakeAssistant) -> None:
    sources = [source.model_copy(update={"declared": False}) for source in fake.state.sources]
    fake.state = fake.state.model_copy(update={"sources": sources})

    page = open_knowledge()

    assert page.button(key="sync all").disabled
    assert page.button(key="sync handbook").disabled
    assert "groundwatch ingest PATH --source handbook" in page.button(key="sync handbook").help


def test_a_failure_shows_reason_progress_attempts_and_what_is_served(open_knowledge: Opener) -> None:
    text = text_of(open_knowledge())

    assert "handbook/postmortems/scan.pdf No text in 4 pages" in text
    assert "tried 2 times came as far as: fetched, not parsed" in text
    assert "no version of it is served" in text


def test_one_failed_document_can_be_tried_again(open_knowledge: Opener, fake: FakeAssistant) -> None:
    page = open_knowledge()

    page.button(key="retry document document-broken").click().run()

    assert [request.document_ids for request in fake.retries] == [["document-broken"]]
    assert "The next run reads it again." in text_of(page)
    assert page.button(key="retry document document-broken").disabled


def test_all_failed_documents_can_be_tried_again(open_knowledge: Opener, fake: FakeAssistant) -> None:
    open_knowledge().button(key="retry all").click().run()

    assert [request.retry_failed for request in fake.syncs] == [True]


def test_many_sources_come_in_pages(open_knowledge: Opener, fake: FakeAssistant) -> None:
    one = fake.state.sources[1]
    sources = [one.model_copy(update={"source": f"source-{number:03}"}) for number in range(70)]
    fake.state = fake.state.model_copy(update={"sources": sources})

    page = open_knowledge(view="sources", page="2")

    assert "51 to 70 of 70" in text_of(page)
    assert "source-069" in text_of(page)
    assert "source-049" not in text_of(page)
