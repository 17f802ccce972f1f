"""Suites of kind `retrieval`: at which rank search shows a right document, beside plain searches."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from api.schemas.evaluations import Curve, CurvePoint
from evals.quality.knowledge import Subject
from evals.quality.plain_search import PlainRanks
from evals.quality.probes import Probe
from evals.quality.replies import Interviewer, rank_of
from evals.quality.results import CaseResult, Measured, Progress
from evals.ranking import DEPTH, first_right, reciprocal

SHOWN = 5
"""A person looks at the first five; a right document below counts as a failure."""


def measure_search(subject: Subject, probes: Sequence[Probe], progress: Progress | None = None) -> Measured:
    """Search for every question that has a right document."""
    interviewer = Interviewer(subject.assistant)
    answerable = [probe for probe in probes if probe.right]
    cases: list[CaseResult] = []
    ranks: dict[str, list[int]] = {}
    fused: dict[str, list[int]] = {}
    for number, probe in enumerate(answerable, start=1):
        found = interviewer.search(probe.text, DEPTH)
        rank = rank_of(probe.right, found, DEPTH)
        ranks.setdefault(probe.group, []).append(rank)
        plain = subject.plain.get(probe.text)
        if plain is not None:
            fused.setdefault(probe.group, []).append(first_right(plain.rrf, probe.right))
        cases.append(
            CaseResult(
                id=probe.id,
                group=probe.group,
                question=probe.text,
                values=_values(rank) | _plain_values(plain, probe.right),
                expected=tuple(sorted(probe.right)),
                found=tuple(one.path for one in found),
                outcome=f"rank {rank}" if rank else "not found",
                faults=tuple(_faults(rank, probe.right, subject.names)),
            )
        )
        if progress is not None and (number % 50 == 0 or number == len(answerable)):
            progress("search", number, len(answerable))
    return Measured(tuple(cases), tuple(_curves(ranks, fused)))


def missing_documents(right: frozenset[str], names: frozenset[str]) -> list[str]:
    """Return the right documents that the knowledge does not hold."""
    return sorted(right - names)


def _values(rank: int) -> dict[str, float]:
    recalls = {f"recall@{depth}": float(0 < rank <= depth) for depth in (1, 5, 10)}
    return {"MRR@10": reciprocal(rank), **recalls}


def _plain_values(plain: PlainRanks | None, right: frozenset[str]) -> dict[str, float]:
    if plain is None:
        return {}
    found = {"BM25": plain.bm25, "dense": plain.dense, "RRF": plain.rrf}
    return {f"MRR@10 of plain {way}": reciprocal(first_right(paths, right)) for way, paths in found.items()}


def _faults(rank: int, right: frozenset[str], names: frozenset[str]) -> Iterator[str]:
    if 1 <= rank <= SHOWN:
        return
    gone = missing_documents(right, names)
    if len(gone) == len(right):
        yield f"the knowledge has no document called {gone[0]!r}"
    yield f"a right document is at rank {rank} only" if rank else f"no right document among the first {DEPTH}"


def _curves(ranks: Mapping[str, Sequence[int]], fused: Mapping[str, Sequence[int]]) -> Iterator[Curve]:
    """Yield recall by rank of all questions, and of each group where there are several; `fused` are plain searches."""
    yield _recall_by_rank("Recall by rank", list(chain(*ranks.values())), list(chain(*fused.values())))
    if len(ranks) > 1:
        for group, found in ranks.items():
            yield _recall_by_rank(f"Recall by rank: {group}", found, fused.get(group, ()))


def _recall_by_rank(name: str, ranks: Sequence[int], fused: Sequence[int]) -> Curve:
    label = "Rank (dashed: plain BM25 and vectors, fused)" if fused else "Rank"
    plain = _recall(fused) if fused else []
    return Curve(name=name, x_label=label, y_label="Right document found", points=_recall(ranks), ideal=plain)


def _recall(ranks: Sequence[int]) -> list[CurvePoint]:
    return [
        CurvePoint(x=depth, y=sum(0 < rank <= depth for rank in ranks) / max(1, len(ranks)), n=len(ranks))
        for depth in range(1, DEPTH + 1)
    ]
