"""The whole of an adaptation: mine pairs, train on some, try the adapter on others, and say whether it may be used."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ingest.adaptation.evaluation import Comparison, Ranks, SearchTrial, by_kind, compare, dense_ranks, reciprocal
from ingest.adaptation.negatives import hard_negatives, positives
from ingest.adaptation.pairs import Pair, PairKind, Recorded, mine_pairs
from ingest.adaptation.passage_table import Part, PassageTable, Progress, embedded, read_passages
from ingest.adaptation.training import Lesson, Trained, TrainingOptions, train
from ingest.errors import KnowledgeError, ModelMismatch
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexReader, Vector
from ingest.knowledge.query_adapter import QueryAdapter

FEWEST_TO_TRAIN = 100
"""Pairs; fewer bend the map to single pages."""

FEWEST_TO_TRY = 30
"""Questions for the whole search; an interval from fewer says nothing."""

_MOST_TO_VALIDATE = 600
_MOST_OF_A_KIND_TO_TRY = 300  # so that no kind of question drowns the others, and trying takes a minute


@dataclass(frozen=True, slots=True)
class Materials:
    """What an adaptation works with: one generation, the model that built it, and vectors made before.

    `passages` and `questions` are caches; `recorded` are the site's own questions.
    """

    reader: IndexReader
    embedder: Embedder
    passages: EmbeddingCache
    questions: EmbeddingCache
    recorded: Sequence[Recorded] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the adapter may be used, and why or why not, in words for a person."""

    promote: bool
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Adaptation:
    """What came of it: the adapter, what it learned from, and what it does on questions that it never saw.

    `dense` compares the vectors alone, `search` the whole search; the first of each is over all kinds of question.
    `identifiers` compares names as they are written. `cosine` is the mean similarity of the nearest passage to a
    question of the test part, without and with the adapter: what reads cosines as confidence has to know of it.
    """

    adapter: QueryAdapter
    generation: int
    pairs: Mapping[str, Mapping[str, int]]
    trained: Trained
    dense: tuple[Comparison, ...]
    search: tuple[Comparison, ...]
    identifiers: Comparison | None
    cosine: tuple[float, float]
    verdict: Verdict
    seconds: float


def adapt(
    materials: Materials, trial: SearchTrial, progress: Progress, options: TrainingOptions | None = None
) -> Adaptation:
    """Return a trained and tried adapter; nothing is promoted.

    Raises KnowledgeError where the documents give too few pairs, ModelMismatch where the index was built with
    another model.
    """
    started = time.perf_counter()
    course = _Course.open(materials, progress)
    trained = course.train(options or TrainingOptions(), progress)
    improved = trained.after > trained.before
    dense = course.compare_dense(trained.adapter)
    search, identifiers = course.try_search(trial, trained.adapter, progress) if improved else ((), None)
    return Adaptation(
        adapter=trained.adapter,
        generation=materials.reader.describe().generation,
        pairs=course.counts(),
        trained=trained,
        dense=dense,
        search=search,
        identifiers=identifiers,
        cosine=course.cosines(trained.adapter),
        verdict=judge(trained, search[0] if search else None, identifiers),
        seconds=time.perf_counter() - started,
    )


def judge(trained: Trained, search: Comparison | None, identifiers: Comparison | None) -> Verdict:
    """Say whether an adapter may be used: the whole search has to gain beyond chance, and no name may lose."""
    if search is None:
        return Verdict(False, f"no epoch of {trained.epochs} found the validation pairs better than without an adapter")
    change = f"{search.gain:+.3f} (95 % interval {search.low:+.3f} to {search.high:+.3f}, n = {search.n})"
    if search.low <= 0:
        return Verdict(False, f"over unseen questions the whole search changes by {change}, which may be chance")
    if identifiers is not None and identifiers.gain < 0:
        return Verdict(
            False,
            f"the whole search gains {change}, but finds names worse: {identifiers.before:.3f} to "
            f"{identifiers.after:.3f} over {identifiers.n}",
        )
    return Verdict(True, f"over unseen questions the whole search gains {change}")


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """The pairs of one generation with their vectors."""

    materials: Materials
    table: PassageTable
    pairs: Mapping[Part, Sequence[Pair]]
    queries: Mapping[Part, Vector] = field(repr=False)

    @classmethod
    def open(cls, materials: Materials, progress: Progress) -> "_Course":
        built_with, configured = materials.reader.describe().model, materials.embedder.model
        if built_with != configured:
            raise ModelMismatch(
                f"the index was built with {built_with!r}, the configured model is {configured!r}; set "
                "GROUNDWATCH_EMBEDDING_MODEL back, or run: groundwatch knowledge reembed"
            )
        table = read_passages(materials.reader, materials.embedder, materials.passages, progress)
        pairs = mine_pairs(materials.reader, table, materials.recorded, progress) if table.stored else {}
        _require(len(_trainable(pairs.get(Part.TRAIN, ()))), FEWEST_TO_TRAIN, "to learn from")
        _require(len(_to_try(pairs[Part.TEST])), FEWEST_TO_TRY, "to try the whole search with")
        _require(len(pairs[Part.VALIDATION]), 1, "to validate on")
        queries = {part: _vectors(materials, pairs[part], progress) for part in Part}
        return cls(materials, table, pairs, queries)

    def train(self, options: TrainingOptions, progress: Progress) -> Trained:
        """Return the adapter that finds the validation pairs best by vectors alone."""
        learned = [row for row, pair in enumerate(self.pairs[Part.TRAIN]) if pair.kind is not PairKind.IDENTIFIER]
        pairs = [self.pairs[Part.TRAIN][row] for row in learned]
        queries = self.queries[Part.TRAIN][learned]
        right = positives(self.table, pairs, queries)
        wrong = hard_negatives(self.materials.reader, self.table, pairs, right, progress)
        chosen = np.random.default_rng(options.seed).permutation(len(self.pairs[Part.VALIDATION]))[:_MOST_TO_VALIDATE]
        unseen = [self.pairs[Part.VALIDATION][row] for row in chosen]
        asked = self.queries[Part.VALIDATION][chosen]

        def validate(adapter: QueryAdapter | None) -> float:
            return float(reciprocal(dense_ranks(self.table, unseen, asked, adapter)).mean())

        lesson = Lesson(pairs, queries, right, wrong)
        return train(self.table, lesson, self.materials.embedder.model, validate, options, progress)

    def compare_dense(self, adapter: QueryAdapter) -> tuple[Comparison, ...]:
        """Compare the vectors alone, over all test pairs and by kind."""
        pairs, queries = self.pairs[Part.TEST], self.queries[Part.TEST]
        before, after = (dense_ranks(self.table, pairs, queries, one) for one in (None, adapter))
        return (compare("dense", pairs, before, after), *by_kind("dense", pairs, before, after))

    def try_search(
        self, trial: SearchTrial, adapter: QueryAdapter, progress: Progress
    ) -> tuple[tuple[Comparison, ...], Comparison | None]:
        """Compare the whole search, over test pairs and by kind; and on names alone."""
        pairs = _to_try(self.pairs[Part.TEST])
        names = [pair for pair in self.pairs[Part.TEST] if pair.kind is PairKind.IDENTIFIER]
        asked = [*pairs, *names]
        found: list[Ranks] = []
        for number, one in enumerate((None, adapter), start=1):
            found.append(trial.ranks(asked, self.table, one))
            progress("search", number, 2)
        before, after = found
        n = len(pairs)
        search = (
            compare("search", pairs, before[:n], after[:n]),
            *by_kind("search", pairs, before[:n], after[:n]),
        )
        return search, compare("search, identifier", names, before[n:], after[n:]) if names else None

    def cosines(self, adapter: QueryAdapter) -> tuple[float, float]:
        """Return the mean cosine of the nearest passage, without and with the adapter."""
        queries = self.queries[Part.TEST][:_MOST_TO_VALIDATE]
        best = [(one @ self.table.vectors.T).max(axis=1).mean() for one in (queries, adapter.apply(queries))]
        return float(best[0]), float(best[1])

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the number of pairs by part and kind."""
        return {
            part.value: {kind.value: number for kind, number in Counter(pair.kind for pair in self.pairs[part]).items()}
            for part in Part
        }


def _trainable(pairs: Sequence[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair.kind is not PairKind.IDENTIFIER]


def _to_try(pairs: Sequence[Pair]) -> list[Pair]:
    """Return what the whole search is tried with: pairs are in the order of a hash, so the first are a fair sample."""
    found: list[Pair] = []
    for kind in PairKind:
        members = [pair for pair in pairs if pair.kind is kind]
        found += members[:_MOST_OF_A_KIND_TO_TRY] if kind is not PairKind.IDENTIFIER else []
    return found


def _vectors(materials: Materials, pairs: Sequence[Pair], progress: Progress) -> Vector:
    return embedded(materials.embedder, materials.questions, [pair.query for pair in pairs], progress, "questions")


def _require(found: int, needed: int, purpose: str) -> None:
    if found < needed:
        raise KnowledgeError(
            f"the documents give {found} pairs of a question and its passage {purpose}, at least {needed} are needed; "
            "ingest more documents, or record questions of your own (promotion.questions in groundwatch.yaml)"
        )
