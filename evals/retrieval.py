"""How well search finds the right document: recall and MRR by question set, beside plain baselines of the same run.

Every question is searched in the whole index; a hit counts where its path is that of a right document.
Documents are split into a dev and a held-out half by a hash of their path; tuning sees the dev half only.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click
from pydantic import BaseModel, ConfigDict

from api.retrieval.query import Query, understand
from api.retrieval.reranking import Reranker
from api.retrieval.rewriting import Rewriter
from api.retrieval.search import Searcher
from api.retrieval.tuning import DEFAULT_TUNING, RetrievalTuning
from evals.console import plain_errors, progress_line, split_names, table, write_json
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.questions import Half, Question, QuestionSet, load_questions, sample
from evals.ranking import DEPTH, Ranking, by_best_passage, first_right, ranking_of, reciprocal, reciprocal_rank_fusion
from evals.recording import RecordedEmbedder, RecordedIndex
from evals.tuning import DEEPEST, Trial, coordinate_search
from ingest.knowledge.lexical import LexicalEncoder
from ingest.knowledge.passages import PassageFilter

BASELINES = Path(__file__).parent / "baselines.json"

HalfChoice = Literal["dev", "held-out", "both"]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Ranks:
    """The rank of the right document of one question, by each way of searching; 0 is not found."""

    question: Question
    groundwatch: int
    bm25: int
    dense: int
    rrf: int


@dataclass(frozen=True, slots=True)
class Published:
    """The best plain baseline that came with a question set, measured over the whole corpus."""

    name: str
    mrr: float
    goal: float


@dataclass(frozen=True, slots=True)
class SetReport:
    """One question set, or one half of it."""

    set: QuestionSet
    half: HalfChoice
    n: int
    groundwatch: Ranking
    bm25: Ranking
    dense: Ranking
    rrf: Ranking
    published: Published | None

    @property
    def best_plain(self) -> float:
        """The best MRR@10 among the plain baselines, of this run and published."""
        measured = [self.bm25.mrr.value, self.dense.mrr.value, self.rrf.mrr.value]
        return max([*measured, self.published.mrr] if self.published else measured)


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What tuning found on dev questions, and what it reaches on those it never saw (MRR@10, sets weighted)."""

    best: RetrievalTuning
    dev: float
    dev_default: float
    held_out: float
    held_out_default: float
    sets: tuple[SetReport, ...]


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """One run."""

    model: str
    documents: int
    passages: int
    subset: tuple[str, ...]
    sets: tuple[SetReport, ...]
    tuning: TuningReport | None = None


class Contest:
    """Search with Groundwatch and with the plain baselines, over the same passages."""

    def __init__(self, bench: Bench, questions: Sequence[Question]) -> None:
        self._index = RecordedIndex(bench.reader, DEEPEST)
        self._embedder = RecordedEmbedder(bench.workshop.embedder, bench.questions)
        self._lexical = LexicalEncoder(bench.reader.describe().average_length)
        self._questions = [(question, understand(question.query)) for question in questions]

    def run(self, tuning: RetrievalTuning = DEFAULT_TUNING, progress: Progress | None = None) -> list[Ranks]:
        """Return the ranks of every question."""
        searcher = self._searcher(tuning)
        found: list[Ranks] = []
        for number, (question, query) in enumerate(self._questions, start=1):
            found.append(self._ranks(searcher, question, query))
            if progress is not None and (number % 50 == 0 or number == len(self._questions)):
                progress("search", number, len(self._questions))
        return found

    def score(self, tuning: RetrievalTuning, half: Half) -> float:
        """Return the MRR@10 of a half: the mean over sets, each weighted by the root of its size."""
        searcher = self._searcher(tuning)
        by_set: dict[QuestionSet, list[float]] = {}
        for question, query in self._questions:
            if question.half is half:
                by_set.setdefault(question.set, []).append(reciprocal(_rank(searcher, question, query)))
        weights = {name: math.sqrt(len(values)) for name, values in by_set.items()}
        total = sum(weights[name] * sum(values) / len(values) for name, values in by_set.items())
        return total / sum(weights.values()) if weights else 0.0

    def compare(
        self,
        tuning: RetrievalTuning,
        progress: Progress | None = None,
        *,
        reranker: Reranker | None = None,
        rewriter: Rewriter | None = None,
    ) -> list[tuple[Question, int, int]]:
        """Return the rank of the right document of every question by the search as packaged and by another; 0 is none.

        The other one has the tuning and, where given, the reranker and the rewriter.
        """
        packaged = self._searcher(DEFAULT_TUNING)
        other = Searcher(self._index, self._embedder, tuning, reranker=reranker, rewriter=rewriter)
        found: list[tuple[Question, int, int]] = []
        for number, (question, query) in enumerate(self._questions, start=1):
            found.append((question, _rank(packaged, question, query), _rank(other, question, query)))
            if progress is not None and (number % 50 == 0 or number == len(self._questions)):
                progress("search", number, len(self._questions))
        return found

    def _searcher(self, tuning: RetrievalTuning) -> Searcher:
        return Searcher(self._index, self._embedder, tuning)

    def _ranks(self, searcher: Searcher, question: Question, query: Query) -> Ranks:
        everywhere = PassageFilter()
        lexical = self._index.search_lexical(self._lexical.query(query.text), limit=DEEPEST, where=everywhere)
        vector = self._embedder.embed_query(query.text)
        dense = self._index.search_dense(vector, limit=DEEPEST, where=everywhere)
        stored = self._index.passages([hit.passage_id for hit in (*lexical, *dense)])
        path_of = {found.passage.id: found.document.path for found in stored}
        fused = reciprocal_rank_fusion([lexical, dense])
        return Ranks(
            question,
            groundwatch=_rank(searcher, question, query),
            bm25=first_right(by_best_passage(lexical, path_of), question.relevant),
            dense=first_right(by_best_passage(dense, path_of), question.relevant),
            rrf=first_right(by_best_passage(fused, path_of), question.relevant),
        )


def set_reports(
    ranks: Iterable[Ranks], half: HalfChoice = "both", published: Mapping[QuestionSet, Published] | None = None
) -> list[SetReport]:
    """Group ranks by question set and half; `both` gives the whole set first, then each half."""
    found = list(ranks)
    halves: tuple[HalfChoice, ...] = ("both", "dev", "held-out") if half == "both" else (half,)
    reports: list[SetReport] = []
    for name in QuestionSet:
        for wanted in halves:
            members = [r for r in found if r.question.set is name and wanted in ("both", r.question.half.value)]
            if members:
                reports.append(_set_report(name, wanted, members, (published or {}).get(name)))
    return reports


def load_published(file: Path = BASELINES) -> dict[QuestionSet, Published]:
    """Return the published baselines by question set; empty where the file is not there."""
    if not file.is_file():
        return {}
    rows = _BaselineFile.model_validate_json(file.read_text(encoding="utf-8")).sets
    return {row.set: Published(row.best, row.mrr, row.goal_mrr) for row in rows}


def tune(
    contest: Contest, published: Mapping[QuestionSet, Published], on_trial: Callable[[Trial], None] | None = None
) -> TuningReport:
    """Search weights on the dev half and report the held-out half with them."""
    best = coordinate_search(lambda tuning: contest.score(tuning, Half.DEV), DEFAULT_TUNING, on_trial=on_trial)
    return TuningReport(
        best=best.tuning,
        dev=best.score,
        dev_default=contest.score(DEFAULT_TUNING, Half.DEV),
        held_out=contest.score(best.tuning, Half.HELD_OUT),
        held_out_default=contest.score(DEFAULT_TUNING, Half.HELD_OUT),
        sets=tuple(set_reports(contest.run(best.tuning), "held-out", published)),
    )


def render(reports: Sequence[SetReport]) -> str:
    """Return the table of some sets; the last column says whether every plain baseline is beaten."""
    header: tuple[str, ...] = ("set", "half", "n", "R@1", "R@5", "R@10", "MRR@10 ±s.e.")
    header += ("BM25", "dense", "RRF", "published", "goal", "beats all")
    return table(header, [_cells(report) for report in reports])


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(path_type=Path), required=True, help="Folder of documents.")
@click.option("--questions", type=click.Path(path_type=Path), required=True, help="Folder of question files.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--subset", default="", callback=split_names, help="Only these folders of the corpus, a,b,c.")
@click.option("--half", type=click.Choice(["dev", "held-out", "both"]), default="both", show_default=True)
@click.option("--sample", "per_set", type=click.IntRange(min=1), help="At most this many questions of each set.")
@click.option("--tune", "tuning", is_flag=True, help="Search weights on the dev half; prints them, changes no code.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path,
    questions: Path,
    data_dir: Path,
    subset: tuple[str, ...],
    half: HalfChoice,
    per_set: int | None,
    tuning: bool,
    json_file: Path | None,
) -> None:
    """Run the benchmark."""
    with plain_errors():
        asked = sample(load_questions(questions, subset), per_set)
        bench = open_bench(data_dir, CorpusSource(corpus, subset=subset), configured_embedder(), progress_line)
        try:
            report = _measure(bench, asked, half, subset, tuning=tuning)
        finally:
            bench.close()
        _show(report)
        if json_file:
            write_json(json_file, report)


class _BaselineRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    set: QuestionSet
    best: str
    mrr: float
    recall_5: float
    goal_mrr: float


class _BaselineFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    measured_on: str
    sets: tuple[_BaselineRow, ...]


def _measure(
    bench: Bench, questions: Sequence[Question], half: HalfChoice, subset: tuple[str, ...], *, tuning: bool
) -> RetrievalReport:
    contest = Contest(bench, questions)
    published = {} if subset else load_published()  # these hold for the whole corpus only
    reports = set_reports(contest.run(progress=progress_line), half, published)
    described = bench.reader.describe()
    return RetrievalReport(
        model=described.model,
        documents=described.documents,
        passages=described.passages,
        subset=subset,
        sets=tuple(reports),
        tuning=tune(contest, published, _show_trial) if tuning else None,
    )


def _rank(searcher: Searcher, question: Question, query: Query) -> int:
    # A document that nearly repeats the one that leads is shown beneath it, so it is found at that rank.
    hits = searcher.find(query, limit=DEPTH)
    ranks = [first_right([hit.stored.document.path for hit in hits], question.relevant)]
    ranks += [rank for rank, hit in enumerate(hits, start=1) if any(one.path in question.relevant for one in hit.also)]
    return min((rank for rank in ranks if rank), default=0)


def _set_report(name: QuestionSet, half: HalfChoice, ranks: Sequence[Ranks], published: Published | None) -> SetReport:
    return SetReport(
        set=name,
        half=half,
        n=len(ranks),
        groundwatch=ranking_of([each.groundwatch for each in ranks]),
        bm25=ranking_of([each.bm25 for each in ranks]),
        dense=ranking_of([each.dense for each in ranks]),
        rrf=ranking_of([each.rrf for each in ranks]),
        published=published,
    )


def _cells(report: SetReport) -> tuple[str, ...]:
    ours, published = report.groundwatch, report.published
    return (
        report.set.value,
        report.half,
        str(report.n),
        *(f"{recall.value:.0%}" for recall in (ours.recall_1, ours.recall_5, ours.recall_10)),
        str(ours.mrr),
        *(f"{plain.mrr.value:.3f}" for plain in (report.bm25, report.dense, report.rrf)),
        f"{published.mrr:.3f}" if published else "–",
        f"{published.goal:.2f}" if published else "–",
        "yes" if ours.mrr.value > report.best_plain else "no",
    )


def _show_trial(trial: Trial) -> None:
    click.echo(f"  {trial.score:.4f}  {trial.tuning}", err=True)


def _show(report: RetrievalReport) -> None:
    click.echo(f"{report.documents:,} documents, {report.passages:,} passages, {report.model}")
    click.echo(render(report.sets))
    if not report.subset:
        click.echo("published: best plain baseline that came with the set, measured over all questions of it")
    if report.tuning is not None:
        found = report.tuning
        click.echo(f"\ntuned on the dev half: {found.best}")
        click.echo(f"dev {found.dev_default:.4f} -> {found.dev:.4f} (sets weighted by the root of their size)")
        click.echo(f"held-out {found.held_out_default:.4f} -> {found.held_out:.4f}, which tuning never saw:")
        click.echo(render(found.sets))


if __name__ == "__main__":
    main()
