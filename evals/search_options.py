"""Whether each option of the search earns its place: every question ranked with it and without, in pairs.

Measured are what abbreviations stand for, age, a cross-encoder (--reranker), rewrites (--rewrites) and, on incidents,
documents that differ. A set whose 95 % interval of the bootstrap holds 0 shows no difference.

evals/recorded_rewrites.jsonl holds two rewrites for each of 60 colloquial questions. A language model that saw these
questions and nothing else of the corpus wrote them; but the documents asked for are public, and it may know them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from pydantic import BaseModel, ConfigDict

from api.retrieval.cross_encoder import CrossEncoderReranker
from api.retrieval.query import Query, understand
from api.retrieval.rewriting import Rewritten
from api.retrieval.search import Hit, Searcher
from api.retrieval.tuning import DEFAULT_TUNING
from evals.ablation import Difference, differences
from evals.bootstrap import Interval, difference_interval
from evals.console import plain_errors, progress_line, table, write_json
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.questions import Question, QuestionSet, load_questions, read_rows, sample
from evals.ranking import first_right, reciprocal
from evals.recording import RecordedEmbedder
from evals.retrieval import Contest

SHOWN = 5
"""Documents that a reader looks at."""

_INCIDENTS = (QuestionSet.INCIDENT_SYMPTOM, QuestionSet.INCIDENT_CHANGE, QuestionSet.RECURRENCE)
_ASKED = "Have we had an incident like this before: {query}"
_COMPARED = 12  # passages of a document whose vectors stand for it
_MEASURES = ("reciprocal rank", "right found in five", "share of several right in five", "likeness", "folders in five")


@dataclass(frozen=True, slots=True)
class OptionReport:
    """What one option does to each set; `packaged` is with it here, `other` without."""

    option: str
    sets: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class DiversityRow:
    """One measure of the documents found for similar incidents, with and without diversity."""

    measure: str
    n: int
    diverse: float
    plain: float
    change: Interval


@dataclass(frozen=True, slots=True)
class SearchOptionsReport:
    """One run."""

    passages: int
    options: tuple[OptionReport, ...]
    diversity: tuple[DiversityRow, ...]


class RecordedRewrites:
    """A rewriter that gives what a file holds, by the question's text."""

    def __init__(self, searches: Mapping[str, Sequence[str]]) -> None:
        self._searches = {understand(text).text: tuple(found) for text, found in searches.items()}

    def rewritten(self, query: Query) -> Rewritten:
        """Return what was recorded for a question."""
        return Rewritten(self._searches.get(query.text, ()))


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of documents.")
@click.option("--questions", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of questions.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--sample", "per_set", type=click.IntRange(min=1), help="At most this many questions of each set.")
@click.option("--reranker", help="A cross-encoder to measure: a folder or a name.")
@click.option("--rewrites", type=click.Path(exists=True, path_type=Path), help="Rewrites to measure, by question id.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path,
    questions: Path,
    data_dir: Path,
    per_set: int | None,
    reranker: str | None,
    rewrites: Path | None,
    json_file: Path | None,
) -> None:
    """Measure every option."""
    with plain_errors():
        asked = sample(load_questions(questions), per_set)
        recorded = {row.id: row.searches for row in read_rows(rewrites, _RewriteRow)} if rewrites else {}
        bench = open_bench(data_dir, CorpusSource(corpus), configured_embedder(), progress_line)
        try:
            options = tuple(option_reports(bench, asked, reranker, recorded))
            report = SearchOptionsReport(bench.reader.describe().passages, options, tuple(diversity(bench, asked)))
        finally:
            bench.close()
        click.echo(render(report))
        if json_file:
            write_json(json_file, report)


def option_reports(
    bench: Bench, asked: Sequence[Question], reranker: str | None, rewrites: Mapping[str, Sequence[str]]
) -> Iterator[OptionReport]:
    """Yield what each option does; of rewrites only to questions that have some."""
    contest = Contest(bench, asked)
    off = {"abbreviations": replace(DEFAULT_TUNING, abbreviation=0.0), "age": replace(DEFAULT_TUNING, age=0.0)}
    for name, tuning in off.items():
        pairs = contest.compare(tuning, progress_line)
        yield OptionReport(name, tuple(differences(pairs)))
    if reranker is not None:
        model = CrossEncoderReranker(reranker)
        model.load()
        yield OptionReport("reranker", _with(contest.compare(DEFAULT_TUNING, progress_line, reranker=model)))
    reworded = [question for question in asked if question.id in rewrites]
    if reworded:
        given = RecordedRewrites({question.query: rewrites[question.id] for question in reworded})
        found = Contest(bench, reworded).compare(DEFAULT_TUNING, progress_line, rewriter=given)
        yield OptionReport("rewrites", _with(found))


def diversity(bench: Bench, asked: Sequence[Question]) -> list[DiversityRow]:
    """Compare what is found for "an incident like this" with diversity and without; empty where nothing asks for it.

    Likeness is how near each of the five is to the nearest above it: the cosine of the means of their passages'
    vectors. A top folder of the corpus is an organisation.
    """
    searcher = Searcher(bench.reader, RecordedEmbedder(bench.workshop.embedder, bench.questions))
    likeness = _Likeness(bench)
    rows: list[tuple[list[float], list[float]]] = []
    for question in (one for one in asked if one.set in _INCIDENTS):
        query = understand(_ASKED.format(query=question.query))
        plain, diverse = (searcher.find(query, limit=10, diverse=one) for one in (False, True))
        rows.append((_measured(question, plain, likeness), _measured(question, diverse, likeness)))
    return [
        _row(name, [(before[at], after[at]) for before, after in rows if not np.isnan([before[at], after[at]]).any()])
        for at, name in enumerate(_MEASURES)
        if any(not np.isnan([before[at], after[at]]).any() for before, after in rows)
    ]


def render(report: SearchOptionsReport) -> str:
    """Return the report as text for a terminal."""
    cells = [
        (
            option.option,
            one.set.value,
            str(one.n),
            str(one.moved),
            f"{one.packaged:.3f}",
            f"{one.other:.3f}",
            _interval(one.gain),
        )
        for option in report.options
        for one in option.sets
    ]
    options = table(("option", "set", "n", "moved", "MRR with", "without", "gain (95 %)"), cells)
    rows = [
        (one.measure, str(one.n), f"{one.diverse:.3f}", f"{one.plain:.3f}", _interval(one.change))
        for one in report.diversity
    ]
    diverse = table(("incidents like this", "n", "diverse", "plain", "change (95 %)"), rows)
    return f"MRR@10 over {report.passages:,} passages\n\n{options}\n\n{diverse}"


class _RewriteRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    searches: tuple[str, ...]


class _Likeness:
    """How alike documents are, by the vectors that were kept when they were embedded."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._means: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}

    def of(self, hits: Sequence[Hit]) -> float:
        """Return how near each document is to the nearest above it, on average; not a number for a single one."""
        means = [self._mean(hit.stored.document.id) for hit in hits]
        nearest = [max(float(means[at] @ other) for other in means[:at]) for at in range(1, len(means))]
        return float(np.mean(nearest)) if nearest else float("nan")

    def _mean(self, document: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if document not in self._means:
            texts = [one.passage.index_text for one in self._bench.reader.passages_of(document)[:_COMPARED]]
            mean = np.mean(self._bench.workshop.cache.vectors(self._bench.workshop.embedder, texts), axis=0)
            self._means[document] = mean / max(float(np.linalg.norm(mean)), 1e-9)
        return self._means[document]


def _measured(question: Question, hits: Sequence[Hit], likeness: _Likeness) -> list[float]:
    """Return the measures of one search, in the order of _MEASURES; not a number where one does not apply."""
    paths = [hit.stored.document.path for hit in hits]
    rank, several = first_right(paths, question.relevant), len(question.relevant) > 1
    return [
        reciprocal(rank),
        float(1 <= rank <= SHOWN),
        len(question.relevant & set(paths[:SHOWN])) / len(question.relevant) if several else float("nan"),
        likeness.of(hits[:SHOWN]),
        float(len({path.partition("/")[0] for path in paths[:SHOWN]})),
    ]


def _row(name: str, pairs: Sequence[tuple[float, float]]) -> DiversityRow:
    plain, diverse = [one for one, _ in pairs], [one for _, one in pairs]
    change = difference_interval(plain, diverse)
    return DiversityRow(name, len(pairs), float(np.mean(diverse)), float(np.mean(plain)), change)


def _with(pairs: Sequence[tuple[Question, int, int]]) -> tuple[Difference, ...]:
    """Return the differences of a search that has an option which the packaged one has not."""
    return tuple(differences([(question, with_it, without) for question, without, with_it in pairs]))


def _interval(one: Interval) -> str:
    return f"{one.value:+.4f} ({one.low:+.4f} to {one.high:+.4f})"


if __name__ == "__main__":
    main()
