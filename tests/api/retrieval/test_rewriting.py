"""Other words for a vague question: only where it names nothing, only usable ones, and a failure is only a note."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.answering.answerer import Answerer
from api.errors import LanguageModelDown
from api.retrieval.query import understand
from api.retrieval.rewriting import ModelRewriter
from api.retrieval.search import Searcher
from tests.api.shop import FILES
from tests.small_knowledge import WordEmbedder, build_knowledge

VAGUE = "why is the shop so slow today"


class Model:
    def __init__(self, reply: str | Exception) -> None:
        self.reply = reply
        self.asked: list[str] = []

    def __call__(self, rules: str, data: str, schema: Mapping[str, Any]) -> str:
        self.asked.append(data)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def searches(*texts: str) -> str:
    return json.dumps({"searches": texts})


def test_a_vague_question_gets_other_words_once() -> None:
    model = Model(searches("high request latency", "database connection pool exhausted"))
    rewriter = ModelRewriter(model, "m")

    first, second = (rewriter.rewritten(understand(VAGUE)) for _ in range(2))

    assert first.texts == ("high request latency", "database connection pool exhausted")
    assert second == first
    assert len(model.asked) == 1


@pytest.mark.parametrize("question", ["KubePodCrashLooping", 'why "connection reset by peer" here', "word " * 80])
def test_a_question_that_says_enough_is_not_sent(question: str) -> None:
    model = Model(searches("anything"))

    assert ModelRewriter(model, "m").rewritten(understand(question)).texts == ()
    assert model.asked == []


def test_words_that_add_nothing_or_too_much_are_left_out() -> None:
    model = Model(searches("the slow shop today", "x" * 400, "checkout\u0000latency"))

    assert ModelRewriter(model, "m").rewritten(understand(VAGUE)).texts == ("checkout latency",)


@pytest.mark.parametrize("reply", ["no json", '{"searches": 3}', LanguageModelDown("it is down; try again")])
def test_a_failure_is_a_note_and_is_tried_again(reply: str | Exception) -> None:
    model = Model(reply)
    rewriter = ModelRewriter(model, "m")

    found = [rewriter.rewritten(understand(VAGUE)) for _ in range(2)]

    assert all(one.texts == () and "searched as it was asked" in one.note for one in found)
    assert len(model.asked) == 2


def test_the_search_finds_by_other_words_what_the_question_does_not_say(tmp_path: Path) -> None:
    reader = build_knowledge(tmp_path, FILES).reader
    vague = understand("why can nobody pay today")
    reworded = ModelRewriter(Model(searches("connection pool of checkout is exhausted")), "m")

    plain = Searcher(reader, WordEmbedder()).find(vague, limit=1)
    found = Searcher(reader, WordEmbedder(), rewriter=reworded).find(vague, limit=1)

    assert [hit.stored.document.path for hit in found] == ["runbooks/checkout-pool.md"]
    assert [hit.stored.document.path for hit in plain] != ["runbooks/checkout-pool.md"]


def test_a_search_tells_that_no_other_words_were_had(tmp_path: Path) -> None:
    reader = build_knowledge(tmp_path, FILES).reader
    failing = ModelRewriter(Model(LanguageModelDown("it is down; try again")), "m")

    found = Searcher(reader, WordEmbedder(), rewriter=failing).look(understand(VAGUE), limit=1)

    assert found.hits
    assert "it is down" in found.notes[0]


def test_a_model_with_no_other_words_is_no_failure() -> None:
    model = Model(searches("the slow shop today"))
    rewriter = ModelRewriter(model, "m")

    assert [rewriter.rewritten(understand(VAGUE)).note for _ in range(2)] == ["", ""]
    assert len(model.asked) == 1


def test_an_answer_warns_that_no_other_words_were_had(tmp_path: Path) -> None:
    reader = build_knowledge(tmp_path, FILES).reader
    failing = ModelRewriter(Model(LanguageModelDown("it is down; try again")), "m")

    answer = Answerer(Searcher(reader, WordEmbedder(), rewriter=failing)).answer(VAGUE)

    assert "the question was searched as it was asked: it is down; try again" in answer.warnings
