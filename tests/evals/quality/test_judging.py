"""A suite by ragas: which judge is asked, and what becomes of a case that it could not judge."""

import json
from collections.abc import Mapping
from importlib.util import find_spec

import pytest

from api.errors import LanguageModelError
from evals.quality.judging import configured_judge, measure_by_ragas
from evals.ragas_metrics import RagasMetrics, Sample, embeddings_of, judge_of
from evals.settings import EvalSettings
from tests.api.llm.scripted_server import Script, serving
from tests.evals.material import HashingEmbedder
from tests.evals.quality.material import CART, QUEUE, UNKNOWN, subject

# Looked for and not imported: that takes seconds, and each process of the suite collects every file.
pytestmark = pytest.mark.skipif(find_spec("ragas") is None, reason="ragas is not installed")


class Moody(RagasMetrics):
    """Judges no question about carts."""

    def score(self, sample: Sample) -> Mapping[str, float]:
        if "cart" in sample.question:
            raise LanguageModelError("the judge is asleep; wake it")
        return super().score(sample)


def test_questions_without_a_right_document_are_left_out() -> None:
    measured = measure_by_ragas(subject(), [CART, UNKNOWN], RagasMetrics())

    assert [case.id for case in measured.cases] == ["cart"]
    assert measured.cases[0].values["ragas ID-based context recall"] == 1.0
    assert measured.cases[0].faults == ()


def test_a_document_is_known_by_the_name_that_the_question_gives_it() -> None:
    (case,) = measure_by_ragas(subject(), [QUEUE], RagasMetrics()).cases

    assert case.found[0] == "docs/runbooks/queue.md"
    assert case.values["ragas ID-based context recall"] == 1.0


def test_without_a_judge_the_settings_are_named() -> None:
    assert (
        "GROUNDWATCH_JUDGE_BASE_URL" in measure_by_ragas(subject(), [CART], RagasMetrics()).notes["ragas faithfulness"]
    )
    assert configured_judge(EvalSettings.model_validate({})) is None


def test_a_case_that_could_not_be_judged_says_why() -> None:
    cart, queue = measure_by_ragas(subject(), [CART, QUEUE], Moody(), judged=True).cases

    assert (cart.values, cart.faults) == ({}, ("the judge is asleep; wake it",))
    assert queue.faults == ()


def test_the_judge_of_the_settings_is_named_without_its_key() -> None:
    settings = EvalSettings.model_validate(
        {"judge_base_url": "http://127.0.0.1:9/v1", "judge_model": "wise", "judge_api_key": "secret-key"}
    )
    judge = configured_judge(settings)

    assert judge is not None
    assert judge.name == "judging wise"
    assert "secret-key" not in repr(settings)


def test_a_judge_is_asked_over_http_and_its_judgments_become_scores() -> None:
    claims = {"statements": ["The cart pods are restarted."]}
    verdicts = {"statements": [{"statement": "The cart pods are restarted.", "reason": "said", "verdict": 1}]}
    useful = {"reason": "it is", "verdict": 1}
    reading = {"question": "cart service down", "noncommittal": 0}
    # In the order in which ragas asks: claims, their support, each passage, and three readings of the answer.
    scripts = [Script(json.dumps(one)) for one in (claims, verdicts, useful, reading, reading, reading)]
    with serving(*scripts) as server:
        judge = configured_judge(
            EvalSettings.model_validate({"judge_base_url": server.openai_url, "judge_model": "wise"})
        )
        assert judge is not None
        metrics = RagasMetrics(judge_of(judge), embeddings_of(HashingEmbedder()))
        (case,) = measure_by_ragas(subject(), [CART], metrics, judged=True).cases

    assert case.values["ragas faithfulness"] == 1.0
    assert case.values["ragas context precision"] == pytest.approx(1.0)
    assert case.values["ragas answer relevancy"] == pytest.approx(1.0)


def test_a_judge_that_is_down_leaves_its_cases_with_the_reason() -> None:
    settings = EvalSettings.model_validate({"judge_base_url": "http://127.0.0.1:9/v1", "judge_model": "wise"})
    judge = configured_judge(settings)
    assert judge is not None
    metrics = RagasMetrics(judge_of(judge), embeddings_of(HashingEmbedder()))
    (case,) = measure_by_ragas(subject(), [CART], metrics, judged=True).cases

    assert case.values == {}
    assert "127.0.0.1:9" in case.faults[0]
