"""Tests of opening stored answers: what changed is told, what is gone or hidden is withheld everywhere."""

from api.schemas.conversations import SinceThen
from api.staleness import ShownDocuments, recalled
from tests.api.stored_answers import SECRET, answer

ALL = {"disk": "1", "pay": "1", "near": "1", "twin": "1"}


def _shown(revisions: dict[str, str], text: str | None = None) -> ShownDocuments:
    return ShownDocuments(revisions, lambda _key: text)


def test_an_answer_whose_documents_are_the_same_comes_back_as_it_was() -> None:
    found = recalled(answer(), (), _shown(ALL))

    assert found.answer == answer()
    assert found.stale == ()


def test_a_document_with_another_revision_is_told_apart_by_whether_it_still_says_so() -> None:
    edited = recalled(answer(), (), _shown(ALL | {"pay": "2"}, f"New. {SECRET} And this as well."))
    changed = recalled(answer(), (), _shown(ALL | {"pay": "2"}, "Something else."))

    assert [(one.state, one.title) for one in edited.stale] == [(SinceThen.EDITED, "Title of pay")]
    assert [(one.state, one.document_id) for one in changed.stale] == [(SinceThen.CHANGED, "pay")]
    assert changed.answer == answer()


def test_nothing_of_a_document_that_is_gone_is_left_anywhere() -> None:
    found = recalled(answer(), (), _shown({"disk": "1", "near": "1", "twin": "1"}))

    told = found.answer.model_dump_json() + "".join(one.model_dump_json() for one in found.stale)
    for words in (SECRET, "And this as well", "Title of pay", "runbooks/pay.md", '"pay'):
        assert words not in told
    assert [one.state for one in found.stale] == [SinceThen.GONE]
    assert [one.text.partition(":")[0] for one in found.answer.statements] == [
        "See what takes the space.",
        "rm -rf /tmp/x",
        "2 statements are withheld",
    ]


def test_nearest_documents_that_are_gone_are_left_out_and_so_is_every_free_text() -> None:
    found = recalled(answer(), (), _shown({"disk": "1", "pay": "1", "near": "1"}))
    none = recalled(answer(), (), _shown({"disk": "1", "pay": "1", "twin": "1"}))

    assert [hit.also for hit in found.answer.nearest] == [[]]
    assert none.answer.nearest == []
    assert none.answer.warnings == []
    assert "pay" not in none.answer.reason


def test_words_that_a_hidden_document_lent_to_the_question_are_withheld() -> None:
    asked = answer(asked_as=f"What does “{SECRET}” mean?")

    assert recalled(asked, ("hidden",), _shown(ALL)).answer.asked_as == ""
    assert recalled(asked, ("disk",), _shown(ALL)).answer.asked_as == asked.asked_as


def test_with_nothing_shown_at_all_only_the_question_is_left() -> None:
    found = recalled(answer(), (), _shown({}))

    assert len(found.answer.statements) == 1
    assert found.answer.question == answer().question
    assert len(found.stale) == 2
