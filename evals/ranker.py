"""Fit the ranker's weights on questions with known documents, and tell what they reach on questions they never saw.

Five folds by a hash of the right document's path: each question is ranked by weights fitted without its document.
The loss is the cross-entropy of a softmax over the documents of one search (ListNet; Cao et al., ICML 2007), question
sets weighted by the root of their size, with a ridge penalty. --write puts weights fitted on all questions into
api/retrieval/ranker.json.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from api.retrieval.document_features import DocumentFeatures
from api.retrieval.query import understand
from api.retrieval.ranker import Ranker, Weight, default_ranker
from api.retrieval.search import Searcher
from evals.console import plain_errors, progress_line, split_names, table
from evals.corpus import CorpusSource, configured_embedder, open_bench
from evals.questions import Question, QuestionSet, load_questions, sample
from evals.ranking import first_right, reciprocal
from evals.recording import RecordedEmbedder
from evals.statistics import Mean, mean
from ingest.errors import UsageError

FOLDS = 5
RIDGE = 0.05
"""Weight of the penalty; .02 and .1 give the same means within .003."""

FEATURES = tuple(field.name for field in fields(DocumentFeatures))

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Listing:
    """The documents that one search weighed, as fusion ordered them; `values` has a row for each, `right` marks."""

    question: Question
    paths: tuple[str, ...]
    values: Matrix
    right: NDArray[np.bool_]

    @property
    def fold(self) -> int:
        """The fold by a hash of the right document's path, so that no document is in two."""
        key = self.question.doc_path or self.question.id
        return hashlib.sha256(f"fold {key}".encode()).digest()[0] % FOLDS


@dataclass(frozen=True, slots=True)
class RankerReport:
    """MRR@10 of one question set: by fusion alone, by the ranker in use, and by weights that saw no such document."""

    set: QuestionSet
    n: int
    fusion: Mean
    present: Mean
    unseen: Mean


def listings(searcher: Searcher, questions: Sequence[Question]) -> list[Listing]:
    """Search every question and keep what speaks for each document, in the order of fusion."""
    found: list[Listing] = []
    for number, question in enumerate(questions, start=1):
        ranked = searcher.look(understand(question.query), limit=1).documents
        ranked = tuple(sorted(ranked, key=lambda one: -one.features.fused))
        paths = tuple(one.facts.path for one in ranked)
        values = np.array([list(asdict(one.features).values()) for one in ranked]).reshape(len(ranked), len(FEATURES))
        found.append(Listing(question, paths, values, np.array([path in question.relevant for path in paths])))
        if number % 50 == 0 or number == len(questions):
            progress_line("search", number, len(questions))
    return found


def fit(found: Sequence[Listing], *, origin: str, ridge: float = RIDGE) -> Ranker:
    """Return weights fitted on listings; those without a right document teach nothing.

    Raises UsageError where none has one.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # scipy ships no type hints

    useful = [one for one in found if one.right.any()]
    if not useful:
        raise UsageError("no search found a right document, so there is nothing to fit on; check --questions")
    every = np.concatenate([one.values for one in useful])
    middle, scale = every.mean(axis=0), every.std(axis=0) + 1e-6
    scaled = [(one.values - middle) / scale for one in useful]
    importance = _importance(useful)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        value, gradient = ridge * float(weights @ weights), 2 * ridge * weights
        for one, rows, share in zip(useful, scaled, importance, strict=True):
            odds = rows @ weights
            odds = np.exp(odds - odds.max())
            all_, right = odds / odds.sum(), np.where(one.right, odds, 0.0)
            value -= share * float(np.log(right.sum() / odds.sum() + 1e-300))
            gradient = gradient + share * ((all_ - right / max(right.sum(), 1e-300)) @ rows)
        return value, gradient

    best = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B").x
    weights = {
        name: Weight(round(float(middle[at]), 5), round(float(scale[at]), 5), round(float(best[at]), 5))
        for at, name in enumerate(FEATURES)
    }
    return Ranker(weights, origin)


def reports(found: Sequence[Listing]) -> list[RankerReport]:
    """Compare fusion, the ranker in use and weights fitted without the question's own document, set by set."""
    present = default_ranker()
    fitted = [fit([one for one in found if one.fold != fold], origin="") for fold in range(FOLDS)]
    rows: list[RankerReport] = []
    for name in QuestionSet:
        members = [one for one in found if one.question.set is name]
        if members:
            fusion = mean([reciprocal(first_right(one.paths, one.question.relevant)) for one in members])
            now = mean([_reciprocal(one, present) for one in members])
            unseen = mean([_reciprocal(one, fitted[one.fold]) for one in members])
            rows.append(RankerReport(name, len(members), fusion, now, unseen))
    return rows


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(path_type=Path), required=True, help="Folder of documents.")
@click.option("--questions", type=click.Path(path_type=Path), required=True, help="Folder of question files.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--subset", default="", callback=split_names, help="Only these folders of the corpus, a,b,c.")
@click.option("--sample", "per_set", type=click.IntRange(min=1), help="At most this many questions of each set.")
@click.option("--write", is_flag=True, help="Put weights fitted on all of them into api/retrieval/ranker.json.")
def main(
    corpus: Path, questions: Path, data_dir: Path, subset: tuple[str, ...], per_set: int | None, write: bool
) -> None:
    """Fit, report, and write where asked to."""
    with plain_errors():
        asked = sample(load_questions(questions, subset), per_set)
        bench = open_bench(data_dir, CorpusSource(corpus, subset=subset), configured_embedder(), progress_line)
        try:
            embedder = RecordedEmbedder(bench.workshop.embedder, bench.questions)
            found = listings(Searcher(bench.reader, embedder), asked)
        finally:
            bench.close()
        click.echo(_table(reports(found)))
        if write:
            origin = f"python -m evals.ranker, {len(found)} questions of {questions.name}, ridge {RIDGE}"
            _write(fit(found, origin=origin))


def _importance(found: Sequence[Listing]) -> list[float]:
    """Return the share of each listing in the loss: sets by the root of their size, listings of a set alike."""
    sizes = {name: sum(one.question.set is name for one in found) for name in QuestionSet}
    raw = [1 / float(np.sqrt(sizes[one.question.set])) for one in found]
    return [share / sum(raw) for share in raw]


def _reciprocal(one: Listing, ranker: Ranker) -> float:
    scores = [ranker.score(DocumentFeatures(*row), 1.0) for row in one.values.tolist()]
    order = np.argsort([-score for score in scores], kind="stable")
    return reciprocal(first_right([one.paths[at] for at in order], one.question.relevant))


def _table(rows: Sequence[RankerReport]) -> str:
    header = ("set", "n", "MRR@10 by fusion", "by the ranker in use", "by weights that never saw the document ±s.e.")
    cells = [
        (
            row.set.value,
            f"{row.n}",
            f"{row.fusion.value:.3f}",
            f"{row.present.value:.3f}",
            f"{row.unseen.value:.3f} ±{row.unseen.standard_error:.3f}",
        )
        for row in rows
    ]
    return table(header, cells)


def _write(ranker: Ranker) -> None:
    file = Path(str(files("api.retrieval").joinpath("ranker.json")))
    record = {"origin": ranker.origin, "weights": {name: asdict(one) for name, one in ranker.weights.items()}}
    file.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    click.echo(f"written: {file}")


if __name__ == "__main__":
    main()
