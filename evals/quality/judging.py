"""Suites of kind `ragas`: answers measured by its metrics, with a judging model where one is configured."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.errors import LanguageModelError
from api.llm.chat_model import ChatModel
from evals.quality.knowledge import Subject
from evals.quality.metrics import METRICS
from evals.quality.probes import Probe
from evals.quality.replies import Interviewer, Reply
from evals.quality.results import CaseResult, Measured, Progress
from evals.ragas_metrics import RagasMetrics, Sample, embeddings_of, judge_of
from evals.settings import EvalSettings

if TYPE_CHECKING:
    from ingest.knowledge.embedding import Embedder

_NO_JUDGE = "no judge is configured: set GROUNDWATCH_JUDGE_BASE_URL and GROUNDWATCH_JUDGE_MODEL"
_JUDGED = ("ragas faithfulness", "ragas answer relevancy", "ragas context precision")


def measure_by_ragas(
    subject: Subject,
    probes: Sequence[Probe],
    metrics: RagasMetrics,
    *,
    writer: bool = False,
    judged: bool = False,
    progress: Progress | None = None,
) -> Measured:
    """Ask every question that a document answers, and score what comes back."""
    interviewer = Interviewer(subject.assistant, writer=writer)
    answerable = [probe for probe in probes if probe.right]
    cases: list[CaseResult] = []
    for number, probe in enumerate(answerable, start=1):
        cases.append(_case(probe, interviewer.ask(probe.text), metrics))
        if progress is not None and (number % 10 == 0 or number == len(answerable)):
            progress("ragas", number, len(answerable))
    return Measured(tuple(cases), notes={} if judged else dict.fromkeys(_JUDGED, _NO_JUDGE))


def ragas_metrics(settings: EvalSettings, embedder: "Embedder") -> tuple[RagasMetrics, bool]:
    """Return the metrics that the settings allow, and whether a model judges; raises RagasMissing."""
    judge = configured_judge(settings)
    if judge is None:
        return RagasMetrics(), False
    RagasMetrics()  # says first whether ragas is there
    return RagasMetrics(judge_of(judge), embeddings_of(embedder)), True


def configured_judge(settings: EvalSettings) -> ChatModel | None:
    """Return the judging model of the settings, or None where none is set."""
    if not settings.judge_base_url or not settings.judge_model:
        return None
    from api.llm.failures import Endpoint
    from api.llm.openai_compatible import OpenAICompatible
    from api.llm.vendor_model import VendorModel

    endpoint = Endpoint(
        provider="judging",
        model=settings.judge_model,
        base_url=settings.judge_base_url,
        key=settings.judge_api_key,
    )
    return VendorModel(endpoint, OpenAICompatible())


def _case(probe: Probe, reply: Reply, metrics: RagasMetrics) -> CaseResult:
    # A document goes by the name that the question gives it, where it has one.
    found = [min(one.names & probe.right, default=one.path) for one in reply.found[:5]]
    sample = Sample(
        question=probe.text,
        response="\n".join(reply.statements),
        found=found,
        right=sorted(probe.right),
        quotes=reply.quotes,
        passages=reply.passages,
    )
    trouble = ""
    try:
        values = metrics.score(sample)
    except LanguageModelError as error:
        values, trouble = {}, str(error)
    low = [
        name for name in ("ragas ID-based context recall", "ragas quoted spans alignment") if values.get(name, 1) < 1
    ]
    return CaseResult(
        id=probe.id,
        group=probe.group,
        question=probe.text,
        values=values,
        expected=tuple(sorted(probe.right)),
        found=tuple(found),
        outcome=reply.outcome.value,
        faults=(*(f"{METRICS[name].name} is {values[name]:.2f}" for name in low), *((trouble,) if trouble else ())),
    )
