"""Tests of the routes to conversations, over a fake archive."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.errors import NotFound
from api.exports.files import exported
from api.routes.conversations import conversation_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from api.schemas.conversations import (
    Conversation,
    ConversationPage,
    ExportedConversation,
    ExportFormat,
    StoredAnswer,
)
from tests.api.stored_answers import answer, conversation


class OneConversation:
    """An archive of one conversation."""

    def __init__(self) -> None:
        self.kept: list[Conversation] = [conversation(answer(), title='A "title"\r\nX-Evil: yes')]

    def conversations(self, *, offset: int, limit: int) -> ConversationPage:
        heads = [one.conversation for one in self.kept]
        return ConversationPage(
            conversations=heads[offset : offset + limit], total=len(heads), offset=offset, limit=limit
        )

    def conversation(self, conversation_id: str, *, offset: int, limit: int) -> Conversation:
        for one in self.kept:
            if one.conversation.id == conversation_id:
                return one.model_copy(
                    update={"turns": one.turns[offset : offset + limit], "offset": offset, "limit": limit}
                )
        raise NotFound(f"no conversation has the id {conversation_id!r}")

    def delete_conversation(self, conversation_id: str) -> None:
        self.conversation(conversation_id, offset=0, limit=1)
        self.kept.clear()

    def export_conversation(self, conversation_id: str, format: ExportFormat) -> ExportedConversation:
        return exported(self.conversation(conversation_id, offset=0, limit=200), format)

    def stored_answer(self, answer_id: str) -> StoredAnswer:
        for one in self.kept:
            if one.turns[0].answer.id == answer_id:
                return StoredAnswer(conversation=one.conversation, turn=one.turns[0])
        raise NotFound(f"no answer has the id {answer_id!r}")


@pytest.fixture
def http() -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(conversation_routes(OneConversation(), Workers(2)))
    install_problem_handlers(app)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


ONE = "/v1/conversations/0123456789abcdef"


def test_conversations_are_listed_and_paged(http: TestClient) -> None:
    page = ConversationPage.model_validate_json(http.get("/v1/conversations").content)

    assert (page.total, page.conversations[0].turns) == (1, 1)
    assert http.get("/v1/conversations?offset=5").json()["conversations"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "offset=-1", "limit=many"])
def test_a_page_that_cannot_be_is_refused_with_a_problem(http: TestClient, query: str) -> None:
    for path in ("/v1/conversations", ONE):
        response = http.get(f"{path}?{query}")
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"


def test_a_conversation_and_an_answer_come_back_whole(http: TestClient) -> None:
    told = Conversation.model_validate_json(http.get(ONE).content)
    stored = StoredAnswer.model_validate_json(http.get("/v1/answers/a1").content)

    assert told.turns[0].answer == answer()
    assert stored.turn == told.turns[0]


def test_deleting_empties_the_list(http: TestClient) -> None:
    assert http.delete(ONE).status_code == 204
    assert http.delete(ONE).status_code == 404
    assert http.get("/v1/conversations").json()["total"] == 0


@pytest.mark.parametrize("path", ["/v1/conversations/x", "/v1/conversations/x/export", "/v1/answers/x"])
def test_what_does_not_exist_is_a_problem(http: TestClient, path: str) -> None:
    response = http.get(path)

    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("form", "kind"), [("markdown", "text/markdown"), ("html", "text/html"), ("json", "application/json")]
)
def test_an_export_is_a_file_that_runs_nothing(http: TestClient, form: str, kind: str) -> None:
    response = http.get(f"{ONE}/export?format={form}")

    assert response.headers["content-type"] == f"{kind}; charset=utf-8"
    assert response.headers["content-disposition"].startswith('attachment; filename="conversation-a-title-')
    assert "x-evil" not in response.headers
    assert response.headers["content-security-policy"].startswith("sandbox")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "See what takes the space" in response.text


def test_an_export_in_another_form_is_refused(http: TestClient) -> None:
    assert http.get(f"{ONE}/export?format=pdf").status_code == 422
