"""The demonstration asks three questions and shows cited answers."""

from pathlib import Path

import pytest

from api.answering.answerer import Answerer
from api.retrieval.search import Searcher
from api.schemas.answers import Answer, AskRequest
from api.schemas.from_domain import to_answer
from api.terminal import plain_text
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.demo import demo_questions, demonstrate
from evals.handbook_answers import HANDBOOK


class AskOnly:
    """An assistant that can only be asked."""

    def __init__(self, bench: Bench) -> None:
        self._answerer = Answerer(Searcher(bench.reader, bench.workshop.embedder))
        self.sources: list[str] = []

    def ask(self, request: AskRequest) -> Answer:
        self.sources += request.filters.sources
        return to_answer(self._answerer.answer(request.question), id="a", generation=1, took_ms=1.0)


def test_there_is_one_question_of_each_kind() -> None:
    assert [question.kind for question in demo_questions()] == ["answerable", "partial", "unanswerable"]


@pytest.mark.model
@pytest.mark.slow
def test_each_question_is_shown_with_its_outcome_and_sources(handbook_data: Path) -> None:
    bench = open_bench(handbook_data, CorpusSource(HANDBOOK), configured_embedder())
    assistant = AskOnly(bench)

    shown = [plain_text(lines) for lines in demonstrate(assistant, demo_questions())]  # type: ignore[arg-type]  # asks only
    bench.close()

    assert assistant.sources == ["handbook"] * 3
    assert "runbooks/postgresql-disk-full.md" in shown[0]
    assert "Partly answered" in shown[1]
    assert "Not answered" in shown[2]
