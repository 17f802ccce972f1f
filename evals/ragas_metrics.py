"""Metrics of ragas: those that need no model, and with a judge those that do.

Faithfulness, answer relevancy and the others are defined in Es et al., RAGAS (2023). Without a model a document is
what a passage is known by: whether the right one is found is a comparison of ids.
"""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.errors import LanguageModelError
from api.llm.chat_model import ChatModel, ChatRequest, Message, Role, complete
from ingest.errors import GroundwatchError

if TYPE_CHECKING:
    from ragas.embeddings.base import BaseRagasEmbedding
    from ragas.llms.base import InstructorBaseRagasLLM

    from ingest.knowledge.embedding import Embedder

_JUDGE_TOKENS = 4_000
_JUDGE_SECONDS = 120.0
_QUOTE_MARKS = re.compile("[\"'`\u00b4\u201c\u201d\u2018\u2019\\s]+")
"""What ragas takes for the end of a quoted span, and line breaks, which end its search for one."""

Model = TypeVar("Model", bound=BaseModel)


class RagasMissing(GroundwatchError):
    """ragas is not installed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question with its answer. `found` and `right` are documents, `quotes` what the answer cites word for word."""

    question: str
    response: str
    found: Sequence[str]
    right: Sequence[str]
    quotes: Sequence[str]
    passages: Sequence[str]


class RagasMetrics:
    """The metrics of one run. Raises RagasMissing where ragas is not installed."""

    def __init__(
        self, judge: "InstructorBaseRagasLLM | None" = None, embeddings: "BaseRagasEmbedding | None" = None
    ) -> None:
        os.environ.setdefault("RAGAS_DO_NOT_TRACK", "true")
        try:
            from ragas.metrics import collections

            # The comparisons of ids are not among the collections yet, and their old names warn of that.
            from ragas.metrics._context_precision import IDBasedContextPrecision
            from ragas.metrics._context_recall import IDBasedContextRecall
        except ModuleNotFoundError as error:
            raise RagasMissing("ragas is not installed. Run: pip install 'groundwatch[evals]'") from error
        self._id_precision = IDBasedContextPrecision()
        self._id_recall = IDBasedContextRecall()
        self._spans = collections.QuotedSpansAlignment()
        self._faithfulness = collections.Faithfulness(llm=judge) if judge else None
        self._usefulness = collections.ContextUtilization(llm=judge) if judge else None
        relevancy = collections.AnswerRelevancy
        self._relevancy = relevancy(llm=judge, embeddings=embeddings) if judge and embeddings else None

    def score(self, sample: Sample) -> Mapping[str, float]:
        """Return the metrics that apply to a sample, by their names in reports.

        Raises LanguageModelError where the judge does not answer as asked.
        """
        return asyncio.run(self._score(sample))

    async def _score(self, sample: Sample) -> dict[str, float]:
        values: dict[str, float] = {}
        if sample.right and sample.found:
            ids = _single_turn(retrieved_context_ids=list(sample.found), reference_context_ids=list(sample.right))
            # Its public twin notes the call for ragas' telemetry, and writes a file below the home directory for it.
            values["ragas ID-based context precision"] = await self._id_precision._single_turn_ascore(ids, [])
            values["ragas ID-based context recall"] = await self._id_recall._single_turn_ascore(ids, [])
        if sample.quotes and sample.passages:
            quoted = " ".join(f'"{_unquoted(quote)}"' for quote in sample.quotes)
            passages = [_unquoted(passage) for passage in sample.passages]
            found = await self._spans.ascore(response=quoted, retrieved_contexts=passages)
            values["ragas quoted spans alignment"] = float(found.value)
        if sample.response and sample.passages:
            values |= await self._judged(sample)
        return {name: value for name, value in values.items() if value == value}  # ragas says NaN for "no value"

    async def _judged(self, sample: Sample) -> dict[str, float]:
        values: dict[str, float] = {}
        asked: dict[str, Any] = {"user_input": sample.question, "response": sample.response}
        sourced = asked | {"retrieved_contexts": list(sample.passages)}
        if self._faithfulness is not None:
            values["ragas faithfulness"] = float((await self._faithfulness.ascore(**sourced)).value)
        if self._usefulness is not None:
            values["ragas context precision"] = float((await self._usefulness.ascore(**sourced)).value)
        if self._relevancy is not None:
            values["ragas answer relevancy"] = float((await self._relevancy.ascore(**asked)).value)
        return values


def judge_of(model: ChatModel) -> "InstructorBaseRagasLLM":
    """Return a judge for ragas that asks a language model; it raises LanguageModelError where that fails."""
    from ragas.llms.base import InstructorBaseRagasLLM

    class ChatJudge(InstructorBaseRagasLLM):
        """Asks for the JSON that ragas wants, and reads it."""

        def generate(self, prompt: str, response_model: type[Model]) -> Model:
            request = ChatRequest(
                messages=(Message(Role.USER, prompt),),
                json_schema=response_model.model_json_schema(),
                max_tokens=_JUDGE_TOKENS,
                seconds=_JUDGE_SECONDS,
            )
            text = complete(model, request).text
            try:
                return response_model.model_validate_json(_json_in(text))
            except ValidationError as error:
                raise LanguageModelError(
                    f"{model.name} judges in another form than asked ({text[:80]!r}); use a model that follows a schema"
                ) from error

        async def agenerate(self, prompt: str, response_model: type[Model]) -> Model:
            return self.generate(prompt, response_model)

    return ChatJudge()


def embeddings_of(embedder: "Embedder") -> "BaseRagasEmbedding":
    """Return the embedding model of the knowledge as ragas takes one."""
    from ragas.embeddings.base import BaseRagasEmbedding

    class KnowledgeEmbedding(BaseRagasEmbedding):
        """Embeds questions as a search does."""

        def embed_text(self, text: str, **_options: Any) -> list[float]:
            return [float(value) for value in embedder.embed_query(text)]

        async def aembed_text(self, text: str, **_options: Any) -> list[float]:
            return self.embed_text(text)

    return KnowledgeEmbedding()


def _single_turn(**fields: Any) -> Any:
    from ragas.dataset_schema import SingleTurnSample

    return SingleTurnSample(**fields)


def _unquoted(text: str) -> str:
    return _QUOTE_MARKS.sub(" ", text).strip()


def _json_in(text: str) -> str:
    """Return the JSON of an answer; models like to put it into a fence."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text
