"""Train an adapter: contrastive learning of a low-rank map on the vectors of questions, stopped by validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.adaptation.negatives import NEARLY_THE_SAME
from ingest.adaptation.pairs import Pair
from ingest.adaptation.passage_table import Numbers, PassageTable, Progress
from ingest.knowledge.index import Vector
from ingest.knowledge.query_adapter import QueryAdapter

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How an adapter is trained.

    The loss is InfoNCE (van den Oord, Li and Vinyals, 2018) over the batch's right passages, their hard negatives
    and `sampled` passages of the training part drawn at random, at `temperature`; `pull` weighs the squared size of
    the map, so that it moves no further from the identity than the pairs ask for; `steady` weighs the squared change
    of a question's cosine to its right passage, so that what reads cosines as confidence still can. The same number
    of `threads` gives the same adapter.
    """

    rank: int = 64
    epochs: int = 40
    patience: int = 5
    batch: int = 256
    sampled: int = 2048
    temperature: float = 0.05
    learning_rate: float = 1e-3
    pull: float = 0.1
    steady: float = 20.0
    seed: int = 4
    threads: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What is learned from: pairs with the vectors of their questions, right rows, and rows of hard negatives."""

    pairs: Sequence[Pair]
    queries: Vector
    right: Numbers
    wrong: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The adapter of the best epoch with its validation score, and the score of no adapter; `epochs` were run."""

    adapter: QueryAdapter
    before: float
    after: float
    epochs: int


def train(
    table: PassageTable,
    lesson: Lesson,
    base_model: str,
    validate: Callable[[QueryAdapter | None], float],
    options: TrainingOptions,
    progress: Progress,
) -> Trained:
    """Return the adapter with the best score by `validate`; the same input gives the same adapter.

    It starts from the identity, and where no epoch beats that the identity is returned.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(options.threads)
    try:
        return _Trainer(table, lesson, base_model, options).run(validate, progress)
    finally:
        torch.set_num_threads(threads)


class _Trainer:
    """One training run: the two matrices, their optimiser, and a generator of its own for all that is drawn."""

    def __init__(self, table: PassageTable, lesson: Lesson, base_model: str, options: TrainingOptions) -> None:
        import torch

        self._table, self._lesson, self._model, self._options = table, lesson, base_model, options
        dimension = table.vectors.shape[1]
        rank = min(options.rank, dimension)
        self._random = np.random.default_rng(options.seed)
        start = self._random.standard_normal((dimension, rank)) / np.sqrt(dimension)
        self._down = torch.tensor(start, dtype=torch.float32, requires_grad=True)
        self._up = torch.zeros((rank, dimension), dtype=torch.float32, requires_grad=True)
        self._optimiser = torch.optim.Adam([self._down, self._up], lr=options.learning_rate)
        trained = {pair.family for pair in lesson.pairs}
        self._pool = np.flatnonzero(np.isin(table.family, sorted(trained)))
        self._family = np.array([pair.family for pair in lesson.pairs], dtype=np.int64)

    def run(self, validate: Callable[[QueryAdapter | None], float], progress: Progress) -> Trained:
        options = self._options
        before = validate(None)
        best, best_score, best_epoch, epoch = self._adapter(), before, 0, 0
        for epoch in range(1, options.epochs + 1):
            self._epoch()
            adapter = self._adapter()
            score = validate(adapter)
            if score > best_score:
                best, best_score, best_epoch = adapter, score, epoch
            progress("train", epoch, options.epochs)
            if epoch - best_epoch >= options.patience:
                progress("train", options.epochs, options.epochs)
                break
        return Trained(best, before, best_score, epoch)

    def _epoch(self) -> None:
        order = self._random.permutation(len(self._lesson.pairs))
        for start in range(0, len(order), self._options.batch):
            self._step(order[start : start + self._options.batch])

    def _step(self, chosen: Numbers) -> None:
        import torch

        options, lesson = self._options, self._lesson
        right, wrong = lesson.right[chosen], lesson.wrong[chosen]
        drawn = self._random.choice(self._pool, size=min(options.sampled, len(self._pool)), replace=False)
        candidates = np.concatenate([right, wrong[wrong >= 0], drawn])
        passages = self._table.vectors[candidates]
        queries = torch.from_numpy(lesson.queries[chosen])
        moved = queries + queries @ self._down @ self._up
        places = torch.arange(len(chosen))
        cosines = torch.nn.functional.normalize(moved, dim=1) @ torch.from_numpy(passages).T
        masked = cosines.masked_fill(self._maybe_right(chosen, right, candidates, passages), float("-inf"))
        loss = torch.nn.functional.cross_entropy(masked / options.temperature, places)
        before = torch.from_numpy((lesson.queries[chosen] * self._table.vectors[right]).sum(axis=1))
        loss = loss + options.steady * (cosines[places, places] - before).square().mean()
        loss = loss + options.pull * (self._down @ self._up).square().sum() / len(self._down)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch gives no hints for it
        self._optimiser.step()

    def _maybe_right(self, chosen: Numbers, right: Numbers, candidates: Numbers, passages: Vector) -> "Tensor":
        """Return which candidates say nothing against a question, shape (questions, candidates).

        Those are other passages of its family, what nearly repeats its right passage, and what is hidden from it.
        """
        import torch

        mask = self._family[chosen][:, None] == self._table.family[candidates][None, :]
        mask |= self._table.vectors[right] @ passages.T >= NEARLY_THE_SAME
        for place, pair in enumerate(self._lesson.pairs[number] for number in chosen):
            if pair.hidden:
                mask[place] |= np.isin(candidates, pair.hidden)
        mask[np.arange(len(chosen)), np.arange(len(chosen))] = False
        return torch.from_numpy(mask)

    def _adapter(self) -> QueryAdapter:
        down = self._down.detach().numpy().copy()
        return QueryAdapter(self._model, down, self._up.detach().numpy().copy())
