"""Tests of conversations on the Ask page: earlier turns, follow-ups, links, lists, files, and what goes wrong."""

import pytest
from streamlit.testing.v1 import AppTest

from api.errors import ServiceUnreachable
from api.schemas.answers import AskRequest
from ingest.errors import StorageFailed
from tests.ui.canned_answers import CONFLICT_QUESTION, PARTIAL_QUESTION, RUNBOOK_QUESTION, abstained_answer
from tests.ui.canned_conversations import ASKED_AS, FOLLOW_UP, CannedConversations, filled_conversations
from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant
from tests.ui.reading import markup_of, text_of


@pytest.fixture
def fake() -> FakeAssistant:
    """Return an assistant that keeps conversations."""
    return FakeAssistant(threads=CannedConversations(keeps=True))


@pytest.fixture
def filled(fake: FakeAssistant) -> FakeAssistant:
    """Return an assistant that has kept two of them."""
    fake.threads = filled_conversations()
    return fake


def _ask(page: AppTest, question: str) -> AppTest:
    page.text_area(key="question").input(question)
    next(button for button in page.button if button.label == "Ask").click().run()
    assert not page.exception, page.exception
    return page


def _press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception, page.exception
    return page


def test_a_first_question_starts_a_conversation_and_its_address_is_that_of_the_answer(
    open_ask: Opener, fake: FakeAssistant
) -> None:
    page = _ask(open_ask(), RUNBOOK_QUESTION)

    assert dict(page.query_params) == {"conversation": "conversation-1", "turn": "conversation-1-1"}
    assert page.text_area(key="question").value == ""
    assert "New conversation" in [button.label for button in page.button]
    page.run()
    assert len(fake.asked) == 1, "filling something in asks nothing again"
    assert "Deletes the disk of the primary." in text_of(page)


def test_a_follow_up_stands_below_its_earlier_questions_and_says_how_it_was_understood(
    open_ask: Opener, fake: FakeAssistant
) -> None:
    page = _ask(_ask(open_ask(), RUNBOOK_QUESTION), FOLLOW_UP)

    assert [request.conversation_id for request in fake.asked] == [None, "conversation-1"]
    text = text_of(page)
    assert text.index(RUNBOOK_QUESTION) < text.index(FOLLOW_UP) < text.index(f"Understood as: {ASKED_AS}")
    assert page.query_params["turn"] == "conversation-1-2"


def test_a_follow_up_can_be_asked_as_written(open_ask: Opener, fake: FakeAssistant) -> None:
    page = _press(_ask(_ask(open_ask(), RUNBOOK_QUESTION), FOLLOW_UP), "Ask as written")

    assert [request.question for request in fake.asked] == [RUNBOOK_QUESTION, FOLLOW_UP, FOLLOW_UP]
    assert fake.asked[-1].conversation_id == "conversation-1"
    assert "Asked as written" in text_of(page)
    assert "Ask as written" not in [button.label for button in page.button]


def test_filters_go_on_with_the_conversation(open_ask: Opener, fake: FakeAssistant) -> None:
    page = open_ask(q=RUNBOOK_QUESTION, kind=["runbook"])

    _ask(page, FOLLOW_UP)

    assert [[kind.value for kind in request.filters.kinds] for request in fake.asked] == [["runbook"], ["runbook"]]


def test_a_link_to_a_conversation_opens_its_last_turn_without_asking(open_ask: Opener, filled: FakeAssistant) -> None:
    text = text_of(open_ask(conversation="conversation-disk"))

    assert "Answered, with a caveat" in text
    assert text.count("Open with its evidence") == 3
    assert filled.asked == []


def test_a_link_to_a_turn_opens_it_between_the_others(open_ask: Opener, filled: FakeAssistant) -> None:
    page = open_ask(conversation="conversation-disk", turn="answer-partial")

    markup = markup_of(page)
    before, after = markup.index("Earlier questions of this"), markup.index("Later questions of this")
    assert before < markup.index('class="gw-asked-question"') < after
    assert f">{PARTIAL_QUESTION}</h2>" in markup
    assert "Ask as written" not in [button.label for button in page.button]
    assert filled.asked == []


def test_only_the_turns_next_to_the_open_one_are_not_folded(open_ask: Opener, fake: FakeAssistant) -> None:
    page = open_ask()
    for number in range(6):
        page = _ask(page, f"question {number}")

    assert "2 more questions" in text_of(page)


def test_the_numbers_of_other_turns_never_point_at_the_evidence_of_the_open_one(
    open_ask: Opener, filled: FakeAssistant
) -> None:
    markup = markup_of(open_ask(conversation="conversation-disk"))

    other_turns = markup[markup.index("gw-turns") : markup.index("gw-asked-question")]
    assert "gw-chip" not in other_turns
    assert "handbook/runbooks/orders-disk-full.md" in other_turns


def test_a_link_to_an_answer_opens_it_alone_with_the_way_to_its_conversation(
    open_ask: Opener, filled: FakeAssistant
) -> None:
    page = open_ask(answer="answer-written")

    text = text_of(page)
    assert "One of 4 questions. Open the conversation" in text
    assert "Who owns the orders database" not in text
    assert "?conversation=conversation-disk&amp;turn=answer-written" in markup_of(page)


@pytest.mark.parametrize("address", [{"conversation": "nothing"}, {"answer": "nothing"}])
def test_what_is_not_there_any_more_is_told_and_one_can_still_ask(
    open_ask: Opener, fake: FakeAssistant, address: dict[str, str]
) -> None:
    page = open_ask(**address)

    assert "Conversation not found It was deleted" in text_of(page)
    page = _ask(page, CONFLICT_QUESTION)
    assert fake.asked[0].conversation_id is None
    assert "Sources disagree" in text_of(page)


def test_what_changed_since_is_told_beside_the_answer(open_ask: Opener, filled: FakeAssistant) -> None:
    text = text_of(open_ask(conversation="conversation-disk", turn="answer-partial"))

    assert "Where data lives has changed. The cited words are no longer in it." in text
    assert "A cited document was removed, or may not be shown here." in text
    assert "Sources changed" in text_of(open_ask(conversation="conversation-disk"))


def test_conversations_are_listed_and_more_of_them_on_request(open_ask: Opener, fake: FakeAssistant) -> None:
    for number in range(18):
        question = f"question number {number}"
        fake.threads.keep(AskRequest(question=question), abstained_answer(question))
    page = open_ask()

    assert text_of(page).count("question number") == 15
    assert text_of(_press(page, "Show 3 more of 18")).count("question number") == 18


def test_without_any_conversation_the_list_says_how_one_starts(open_ask: Opener) -> None:
    assert "Each question starts one" in text_of(open_ask())


def test_a_new_conversation_starts_from_an_empty_page(open_ask: Opener, filled: FakeAssistant) -> None:
    page = _press(open_ask(conversation="conversation-disk"), "New conversation")

    assert dict(page.query_params) == {}
    assert "Questions these documents can answer" in text_of(page)


def test_deleting_a_conversation_leaves_an_empty_page_that_says_so(open_ask: Opener, filled: FakeAssistant) -> None:
    page = _press(open_ask(conversation="conversation-short"), "Delete conversation")

    assert list(filled.threads.turns) == ["conversation-disk"]
    assert "The conversation is deleted." in text_of(page)
    assert dict(page.query_params) == {}


def test_a_deletion_that_fails_says_so_and_keeps_the_page(open_ask: Opener, filled: FakeAssistant) -> None:
    page = open_ask(conversation="conversation-short")
    filled.refusal = StorageFailed("the disk is read-only")

    text = text_of(_press(page, "Delete conversation"))

    assert "Not deleted: the disk is read-only" in text
    assert RUNBOOK_QUESTION in text


def test_each_form_of_export_is_offered(open_ask: Opener, filled: FakeAssistant) -> None:
    page = open_ask(conversation="conversation-disk")

    assert [element.proto.label for element in page.get("download_button")] == ["Markdown", "Web page", "JSON"]


def test_a_question_can_be_edited_and_asked_anew(open_ask: Opener, filled: FakeAssistant) -> None:
    page = _press(open_ask(conversation="conversation-disk"), "Edit")

    assert page.text_area(key="question").value == FOLLOW_UP


def test_an_api_that_stops_keeps_the_question_in_the_address(open_ask: Opener, filled: FakeAssistant) -> None:
    page = open_ask(conversation="conversation-disk")
    filled.events, filled.error = [], None
    page = _ask(page, "and then?")

    assert "The answer broke off" in text_of(page)
    assert page.query_params["q"] == "and then?"
    assert page.query_params["conversation"] == "conversation-disk"


def test_without_an_api_a_conversation_says_what_to_start(open_ask: Opener, filled: FakeAssistant) -> None:
    filled.error = ServiceUnreachable("no API answers")

    assert "The API does not answer" in text_of(open_ask(conversation="conversation-disk"))


def test_what_a_model_wrote_carries_a_mark_and_tells_what_was_removed(open_ask: Opener, filled: FakeAssistant) -> None:
    page = open_ask(conversation="conversation-disk")

    assert markup_of(page).count('class="gw-written"') == 1
    text = text_of(page)
    assert "Written by example-large, checked against its citations, 1 sentence removed" in text
    assert "It takes about 5 minutes. No cited passage says 5." in text
    assert "2,140 tokens in, 96 out, cost 0.0041, 1.8 s" in text


def test_a_model_whose_text_is_not_shown_is_named_with_the_reason(open_ask: Opener, filled: FakeAssistant) -> None:
    text = text_of(open_ask(conversation="conversation-disk", turn="answer-fallen-back"))

    assert "in the documents' own words, not in those of example-large. 3 of its 4 sentences had no support" in text
    assert "example-large wrote a draft that is not shown, 1 sentence removed" in text


def test_a_number_comes_with_what_it_was_measured_on(open_ask: Opener, filled: FakeAssistant) -> None:
    text = text_of(open_ask(conversation="conversation-disk"))

    for words in (
        "Moderate confidence (74%)",
        "Of 100 answers with this number, about 74 cite the right document.",
        "off by 3.1 points",
        "n = 1,412 (public runbooks, fitted 2025-05-30)",
        "0.118",
        "0.031",
    ):
        assert words in text


def test_an_answer_that_is_not_kept_can_still_be_followed(open_ask: Opener) -> None:
    fake = FakeAssistant()
    page = AppTest.from_function(_ask_page, default_timeout=20)
    page.session_state["assistant"] = fake
    page.run()

    page = _ask(page, RUNBOOK_QUESTION)

    assert page.query_params["q"] == RUNBOOK_QUESTION
    assert "New conversation" not in [button.label for button in page.button]


def _ask_page() -> None:
    from ui.screens import ask

    ask.show()
