"""Tests of the Ask page: states, outcomes, the address, placeholders and feedback."""

from api.errors import KnowledgeMissing, NotAllowed, ServiceUnreachable
from api.schemas.answers import ErrorEvent, EvidenceEvent, StatementEvent
from tests.ui.canned_answers import (
    CONFLICT_QUESTION,
    HOSTILE_QUESTION,
    PARTIAL_QUESTION,
    RUNBOOK_QUESTION,
    UNKNOWN_QUESTION,
    runbook_answer,
)
from tests.ui.conftest import Opener
from tests.ui.fakes import FakeAssistant, empty_status
from tests.ui.reading import markup_of, text_of


def test_the_first_visit_says_what_this_is_and_offers_questions_from_the_documents(open_ask: Opener) -> None:
    page = open_ask()

    assert "your 4 documents" in text_of(page)
    labels = [button.label.replace("\\", "") for button in page.button]
    assert "What do I do when Order database disk is filling up?" in labels
    assert not any("manual clean-up" in label for label in labels), "a superseded document is no example"


def test_an_example_is_asked_when_chosen(open_ask: Opener, fake: FakeAssistant) -> None:
    page = open_ask()

    next(button for button in page.button if "filling up" in button.label).click().run()

    assert [request.question for request in fake.asked] == ["What do I do when Order database disk is filling up?"]
    assert "What do I do when Order database disk is filling up?" in text_of(page)


def test_a_question_in_the_address_is_asked_once_and_restored(open_ask: Opener, fake: FakeAssistant) -> None:
    page = open_ask(q=RUNBOOK_QUESTION, kind=["runbook"], source=["handbook"])

    page.run()

    assert f">{RUNBOOK_QUESTION}</h2>" in markup_of(page)
    assert page.text_area(key="question").value == "", "the form waits for the next question"
    assert len(fake.asked) == 1
    assert [kind.value for kind in fake.asked[0].filters.kinds] == ["runbook"]
    assert fake.asked[0].filters.sources == ["handbook"]


def test_asking_puts_the_question_and_its_filters_into_the_address(open_ask: Opener) -> None:
    page = open_ask()

    page.text_area(key="question").input(CONFLICT_QUESTION)
    page.multiselect(key="filter kinds").set_value(["runbook"])
    next(button for button in page.button if button.label == "Ask").click().run()

    assert page.query_params["q"] == CONFLICT_QUESTION
    assert page.query_params["kind"] == "runbook"
    assert "Sources disagree" in text_of(page)


def test_asking_nothing_says_what_to_do(open_ask: Opener, fake: FakeAssistant) -> None:
    page = open_ask()

    next(button for button in page.button if button.label == "Ask").click().run()

    assert "Type a question, or paste an alert" in text_of(page)
    assert fake.asked == []


def test_a_kind_in_the_address_that_does_not_exist_is_left_out(open_ask: Opener, fake: FakeAssistant) -> None:
    open_ask(q=RUNBOOK_QUESTION, kind=["novel"])

    assert fake.asked[0].filters.kinds == []


def test_an_answer_shows_verdict_reason_confidence_and_warnings(open_ask: Opener) -> None:
    text = text_of(open_ask(q=RUNBOOK_QUESTION))

    for words in (
        "Answered",
        "A current runbook names the alert",
        "High confidence",
        "The runbook is current.",
        "Warnings",
    ):
        assert words in text


def test_every_chip_has_a_card_of_its_number(open_ask: Opener) -> None:
    markup = markup_of(open_ask(q=RUNBOOK_QUESTION))

    for number in (1, 2, 3):
        assert f'href="#evidence-{number}" data-n="{number}"' in markup
        assert f'id="evidence-{number}"' in markup


def test_commands_are_code_blocks_and_the_destructive_one_says_what_it_destroys(open_ask: Opener) -> None:
    page = open_ask(q=RUNBOOK_QUESTION)

    assert page.code[1].value == "SELECT slot_name, active FROM pg_replication_slots;"
    assert page.code[1].language == "sql"
    assert "Destructive deletes the files that find lists" in text_of(page)


def test_a_placeholder_is_filled_once_for_all_commands_and_asks_nothing_again(
    open_ask: Opener, fake: FakeAssistant
) -> None:
    page = open_ask(q=RUNBOOK_QUESTION)

    page.text_input(key="placeholder $POD").input("orders-0").run()

    commands = [code.value for code in page.code if "kubectl" in code.value]
    assert len(commands) == 2
    assert all("exec orders-0 --" in command and "$NAMESPACE" in command for command in commands)
    assert len(fake.asked) == 1


def test_table_rows_are_a_table_with_its_header(open_ask: Opener) -> None:
    markup = markup_of(open_ask(q=RUNBOOK_QUESTION))

    assert '<th scope="col">Why not</th>' in markup
    assert "<td><code>kubectl delete pvc data-orders-0</code></td>" in markup


def test_a_partial_answer_names_what_is_missing_and_where_to_look(open_ask: Opener) -> None:
    text = text_of(open_ask(q=PARTIAL_QUESTION))

    assert "Partly answered" in text
    assert "What is missing backed up" in text
    assert "Nearest documents for the rest" in text


def test_abstaining_shows_the_nearest_documents_and_what_would_help(open_ask: Opener) -> None:
    text = text_of(open_ask(q=UNKNOWN_QUESTION))

    for words in ("Not enough evidence", "What is missing", "What would help", "Nearest documents", "Superseded"):
        assert words in text


def test_a_gap_can_be_recorded_when_abstaining(open_ask: Opener, fake: FakeAssistant) -> None:
    page = open_ask(q=UNKNOWN_QUESTION)

    next(button for button in page.button if button.label == "Record this gap").click().run()

    assert fake.feedback[0].question == UNKNOWN_QUESTION
    assert "Gap" in fake.feedback[0].comment
    assert "stored" in text_of(page)


def test_hostile_text_is_shown_and_never_becomes_markup(open_ask: Opener) -> None:
    page = open_ask(q=HOSTILE_QUESTION)

    markup = "\n".join(str(element.proto.body) for element in page.get("html"))
    assert "<script>window.hacked" not in markup
    assert "<img" not in markup
    assert "javascript:" not in markup
    assert "<script>window.hacked = true</script> is how the page was" in text_of(page)


def test_feedback_is_stored_with_its_comment_and_confirmed(open_ask: Opener, fake: FakeAssistant) -> None:
    page = open_ask(q=RUNBOOK_QUESTION)

    page.feedback(key="thumb answer-answered").set_value(0).run()
    page.text_area(key="comment text answer-answered").input("Step 3 is dangerous")
    next(button for button in page.button if button.label == "Send comment").click().run()

    assert [(request.rating, request.comment) for request in fake.feedback] == [
        ("down", ""),
        ("down", "Step 3 is dangerous"),
    ]
    assert "Rating and comment stored" in text_of(page)


def test_before_the_first_ingest_the_page_says_how_to_ingest(open_ask: Opener, fake: FakeAssistant) -> None:
    fake.state = empty_status()

    page = open_ask()

    assert "No documents yet" in text_of(page)
    assert page.code[0].value.startswith("groundwatch ingest")


def test_without_an_api_the_page_says_what_to_start(open_ask: Opener, fake: FakeAssistant) -> None:
    fake.error = ServiceUnreachable("no API answers at 'http://127.0.0.1:8080'; start it with groundwatch serve")

    page = open_ask(q=RUNBOOK_QUESTION)

    assert (
        "The API does not answer No API answers at 'http://127.0.0.1:8080'; start it with groundwatch serve."
        in text_of(page)
    )
    assert page.code[0].value == "groundwatch serve"
    assert [button.label for button in page.button] == ["Try again"]


def test_trying_again_asks_once_the_api_is_back(open_ask: Opener, fake: FakeAssistant) -> None:
    fake.error = ServiceUnreachable("no answer")
    page = open_ask(q=RUNBOOK_QUESTION)

    fake.error = None
    page.button[0].click().run()

    assert "Answered" in text_of(page)


def test_a_refused_key_is_named(open_ask: Opener, fake: FakeAssistant) -> None:
    fake.error = NotAllowed("the API key is wrong; set GROUNDWATCH_API_KEY")

    assert "The API key was refused The API key is wrong; set GROUNDWATCH_API_KEY." in text_of(open_ask())


def test_an_index_that_vanished_leads_to_ingest(open_ask: Opener, fake: FakeAssistant) -> None:
    fake.error = KnowledgeMissing("nothing was ingested yet")

    assert "No documents yet" in text_of(open_ask())


def test_a_stream_that_fails_half_way_keeps_what_was_shown(open_ask: Opener, fake: FakeAssistant) -> None:
    first = runbook_answer().statements[0]
    fake.events = [
        EvidenceEvent(hits=[]),
        StatementEvent(statement=first),
        ErrorEvent(title="The index was closed", detail="Ask again."),
    ]

    text = text_of(open_ask(q=RUNBOOK_QUESTION))

    assert "fires at 85 % of the data volume." in text
    assert "The index was closed Ask again. The 1 statement above is kept" in text
    assert "Reading" not in text


def test_a_stream_that_ends_without_an_answer_says_so(open_ask: Opener, fake: FakeAssistant) -> None:
    fake.events = [EvidenceEvent(hits=[])]

    assert "The answer broke off" in text_of(open_ask(q=RUNBOOK_QUESTION))


def test_a_document_that_changed_since_shows_the_words_that_were_cited(open_ask: Opener, fake: FakeAssistant) -> None:
    detail = fake.details["document-stores"]
    fake.details["document-stores"] = detail.model_copy(update={"text": "rewritten"})

    text = text_of(open_ask(q=PARTIAL_QUESTION))

    assert "The document has changed since; this is what was cited." in text
