"""The scores that suites give: what each means, which way is better, and how those over whole groups are computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from evals import reliability
from evals.bootstrap import Numbers

Unit = Literal["share", "score", "seconds", "milliseconds", "count", "ratio"]

CONFIDENCE = "confidence"
"""The probability that an answer showed, as a value of its case."""

CONFIRMED = "confidence confirmed"
"""Whether the document that a confidence is about was a right one, as a value of the case: 1 or 0."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A score. `compared` ones are compared from run to run; those of a machine's speed are not.

    An average over the cases that have a value of this name; one with `over` is computed from two values of all
    cases together.
    """

    name: str
    about: str
    better: Literal["higher", "lower"] = "higher"
    unit: Unit = "share"
    compared: bool = True
    over: Callable[[Numbers, Numbers], float] | None = None


_PLAIN = ("BM25", "dense", "RRF")

_ALL = (
    Metric("MRR@10", "Mean of 1/rank of the first right document; 0 where it is not in the first ten.", unit="score"),
    Metric("recall@1", "A right document stands first."),
    Metric("recall@5", "A right document is among the first five."),
    Metric("recall@10", "A right document is among the first ten."),
    *(
        Metric(f"MRR@10 of plain {way}", f"The same measured for plain {way} in the same run.", unit="score")
        for way in _PLAIN
    ),
    Metric("outcome as expected", "The outcome is one that the question names."),
    Metric("expected words quoted", "The words that the question names are quoted."),
    Metric("right document cited", "Of what was not abstained from: a right document is cited."),
    Metric("answered where found", "Answered, though perhaps with a caveat, where a right document is in the top 5."),
    Metric("withheld where left out", "Abstained, or partial with what is missing named, without the right documents."),
    Metric("withheld where unknown", "The same where no document can answer."),
    Metric("places resolve", "Every citation and every nearest passage stands in its document, word for word."),
    Metric("seconds per question", "From question to whole answer.", "lower", "seconds", compared=False),
    Metric(
        "AUROC of confidence",
        "Chance that an answer that cites a right document shows more confidence than one that does not.",
        unit="score",
        over=reliability.auroc,
    ),
    Metric(
        "expected calibration error",
        "Distance of shown confidence and observed share, over 10 bins of equal mass.",
        "lower",
        "score",
        over=reliability.expected_calibration_error,
    ),
    Metric(
        "Brier score", "Mean squared error of the shown confidence.", "lower", "score", over=reliability.brier
    ),
    Metric(
        "Brier skill",
        "By what share the Brier score is better than always saying the base rate.",
        unit="score",
        over=reliability.brier_skill,
    ),
    Metric(
        "area under risk-coverage",
        "Share of wrong ones among the most confident answers, averaged over every coverage.",
        "lower",
        "score",
        over=reliability.aurc,
    ),
    Metric("nothing unsupported shown", "No statement is shown that nothing supports, or that obeys a document."),
    Metric("comes out as the case says", "Nothing unsupported, and all else as the case says."),
    Metric("right statements kept", "Share of a model's right statements that are shown."),
    Metric("follow-up resolved", "A follow-up is read as the question that it means."),
    Metric("standalone question left alone", "A question that stands alone is asked as it is."),
    Metric("ragas ID-based context precision", "Share of the documents found that are right ones."),
    Metric("ragas ID-based context recall", "Share of the right documents that are found."),
    Metric("ragas quoted spans alignment", "Share of an answer's quotes that stand in the passages word for word."),
    Metric("ragas faithfulness", "Share of an answer's claims that a judge finds in its sources.", unit="score"),
    Metric("ragas answer relevancy", "How near the questions are that a judge reads off the answer.", unit="score"),
    Metric("ragas context precision", "How far up a judge finds the useful sources.", unit="score"),
)  # fmt: skip

METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
"""Every score by its name, in the order in which a report shows them."""


def metric_named(name: str) -> Metric:
    """Return the metric of that name; a share that a script measured where it is none of ours."""
    return METRICS.get(name) or Metric(name, "")
