"""The metrics of ragas, without a model and with a judge that is none."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from api.errors import LanguageModelError
from api.llm.chat_model import ChatDelta, ChatRequest, Usage
from evals.ragas_metrics import RagasMetrics, Sample, embeddings_of, judge_of
from tests.evals.material import HashingEmbedder

# Looked for and not imported: that takes seconds, and each process of the suite collects every file.
pytestmark = pytest.mark.skipif(find_spec("ragas") is None, reason="ragas is not installed")

ANSWERED = Sample(
    question="How do I restart the cart?",
    response="Restart the cart pods with kubectl.",
    found=["cart.md", "queue.md"],
    right=["cart.md", "orders.md"],
    quotes=['Restart the "cart" pods\nwith `kubectl rollout restart`.'],
    passages=['# Cart\n\nRestart the "cart" pods\nwith `kubectl rollout restart`.'],
)


class ScriptedModel:
    """Answers each request by the schema it asks for; remembers the prompts."""

    name = "scripted judge"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.prompts: list[str] = []

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        assert request.json_schema is not None
        self.prompts.append(request.messages[0].text)
        answer = self.answers[request.json_schema["title"]]
        yield ChatDelta(answer if isinstance(answer, str) else f"```json\n{json.dumps(answer)}\n```", Usage(1, 1))


JUDGMENTS: dict[str, Any] = {
    "StatementGeneratorOutput": {"statements": ["The pods are restarted.", "The database is dropped."]},
    "NLIStatementOutput": {
        "statements": [
            {"statement": "The pods are restarted.", "reason": "said", "verdict": 1},
            {"statement": "The database is dropped.", "reason": "not said", "verdict": 0},
        ]
    },
    "ContextPrecisionOutput": {"reason": "useful", "verdict": 1},
    "AnswerRelevanceOutput": {"question": "How do I restart the cart?", "noncommittal": 0},
}


def judged_by(answers: dict[str, Any]) -> tuple[RagasMetrics, ScriptedModel]:
    model = ScriptedModel(answers)
    return RagasMetrics(judge_of(model), embeddings_of(HashingEmbedder())), model


def test_documents_are_compared_by_their_ids_without_a_model() -> None:
    values = RagasMetrics().score(ANSWERED)

    assert values["ragas ID-based context precision"] == 0.5
    assert values["ragas ID-based context recall"] == 0.5
    assert "ragas faithfulness" not in values


def test_quotes_are_found_in_their_passages_whatever_marks_and_breaks_they_hold() -> None:
    assert RagasMetrics().score(ANSWERED)["ragas quoted spans alignment"] == 1.0


def test_a_quote_that_no_passage_holds_lowers_the_alignment() -> None:
    made_up = Sample("q", "r", [], [], [*ANSWERED.quotes, "Drop the whole database now please"], ANSWERED.passages)

    assert RagasMetrics().score(made_up)["ragas quoted spans alignment"] == 0.5


def test_what_does_not_apply_has_no_value() -> None:
    assert RagasMetrics().score(Sample("q", "", [], [], [], [])) == {}


def test_a_judge_finds_half_of_the_claims_supported() -> None:
    metrics, model = judged_by(JUDGMENTS)
    values = metrics.score(ANSWERED)

    assert values["ragas faithfulness"] == 0.5
    assert values["ragas context precision"] == pytest.approx(1.0)
    assert values["ragas answer relevancy"] == pytest.approx(1.0)
    assert any("Restart the cart pods with kubectl." in prompt for prompt in model.prompts)


def test_an_answer_that_commits_to_nothing_is_not_relevant() -> None:
    evasive = {"question": "How do I restart the cart?", "noncommittal": 1}
    metrics, _ = judged_by(JUDGMENTS | {"AnswerRelevanceOutput": evasive})

    assert metrics.score(ANSWERED)["ragas answer relevancy"] == 0.0


def test_a_judge_that_answers_in_another_form_is_named() -> None:
    metrics, _ = judged_by(JUDGMENTS | {"StatementGeneratorOutput": "I would rather not"})

    with pytest.raises(LanguageModelError, match=r"scripted judge judges in another form .*'I would rather not'"):
        metrics.score(ANSWERED)
