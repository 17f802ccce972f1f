"""A hundred thousand passages: what our search adds to the index's own time, and a swap of generations under load.

The index is the shared corpus and as many copies of it under other names as the wished size takes, each with edits
in every fifth document; passages that are the same share their vectors. It is kept below --data-dir and reused.
"""

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from api.serving import ServedKnowledge
from evals.console import plain_errors, progress_line, table, write_json
from evals.corpus import SOURCE, CorpusSource, configured_embedder, open_workshop
from evals.edited_copy import EditedCopy, fill_up
from evals.generation_swap import Build, Swap, builder, swap_under_load
from evals.hybrid_latency import HybridLatency, measure_hybrid
from evals.performance_material import pick_documents, questions_about
from evals.questions import load_questions
from ingest.building import Workshop
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import IndexReader, IndexStore
from ingest.pipeline import ingest
from ingest.runs import Options

RATIO_BAR = 1.5
_ORIGINAL_SHARE = 0.6  # of the passages; the copies fill up the rest
_LONGEST = 500  # characters of a question


@dataclass(frozen=True, slots=True)
class Material:
    """What the index was made of: documents and passages in all, copies, and passages embedded by this run."""

    documents: int
    passages: int
    copies: int
    embedded: int


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """One run; `loads` are the machine's mean number of running processes over a minute, before and after."""

    material: Material
    rounds: tuple[HybridLatency, ...]
    swap: Swap | None
    loads: tuple[float, float]


@click.command(help=__doc__)
@click.option("--shared", type=click.Path(path_type=Path), default=Path("../shared"), show_default=True)
@click.option("--passages", type=click.IntRange(min=100), default=100_000, show_default=True, help="Size of the index.")
@click.option("--asks", type=click.IntRange(min=1), default=300, show_default=True, help="Questions that are timed.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Times they are timed.")
@click.option(
    "--queries", type=click.IntRange(min=0), default=1_000, show_default=True, help="During the swap; 0: none."
)
@click.option("--vectors", type=click.Path(path_type=Path), help="Embedding cache to share with other measures.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals/scale"), show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    shared: Path,
    passages: int,
    asks: int,
    rounds: int,
    queries: int,
    vectors: Path | None,
    data_dir: Path,
    json_file: Path | None,
) -> None:
    """Run the measure; exit code 1 where a query failed during the swap."""
    with plain_errors():
        before = os.getloadavg()[0]
        embedder = configured_embedder()
        with closing(open_workshop(data_dir, embedder, vectors)) as workshop:
            material = build_material(workshop, shared / "corpus", passages)
        store = workshop.store
        with closing(store.open()) as reader:
            asked = _questions(reader, shared / "questions", asks)
            timed = tuple(_timed(reader, embedder, asked, number, rounds) for number in range(rounds))
        swap = _swap(store, embedder, asked, builder(data_dir, vectors=vectors), queries) if queries else None
        report = ScaleReport(material, timed, swap, (before, os.getloadavg()[0]))
        _show(report)
        if json_file:
            write_json(json_file, report)
    if report.swap and report.swap.failed:
        raise SystemExit(1)


def build_material(workshop: Workshop, corpus: Path, passages: int) -> Material:
    """Bring the index to about so many passages, and describe it."""
    whole = Options(confirm_deletions=True)
    picked = pick_documents(corpus, int(passages * _ORIGINAL_SHARE), salt="scale")
    source = CorpusSource(corpus, paths=picked)
    first = ingest(workshop, [source], whole, progress_line)
    counts: dict[str, int] = {}
    for row in workshop.manifest.rows(SOURCE):
        counts[row.file] = counts.get(row.file, 0) + row.passages
    parts = fill_up({path: count for path, count in counts.items() if count}, passages - sum(counts.values()))
    copies = [EditedCopy(corpus, name=f"again-{number}", paths=paths) for number, paths in enumerate(parts, start=1)]
    second = ingest(workshop, [source, *copies], whole, progress_line)
    with closing(workshop.store.open()) as reader:
        described = reader.describe()
    return Material(described.documents, described.passages, len(copies), first.embedded + second.embedded)


def _timed(reader: IndexReader, embedder: Embedder, asked: list[str], number: int, rounds: int) -> HybridLatency:
    found = measure_hybrid(reader, embedder, asked)
    progress_line("rounds of questions", number + 1, rounds)
    return found


def _swap(store: IndexStore, embedder: Embedder, asked: list[str], build: Build, queries: int) -> Swap:
    with closing(ServedKnowledge(store, embedder)) as served:
        served.warm_up()
        return swap_under_load(served, asked, build, minimum=queries)


def _questions(reader: IndexReader, folder: Path, count: int) -> list[str]:
    """Return `count` questions in a fixed order that mixes all sets; made of the text where there are none."""
    if not folder.is_dir():
        return questions_about(reader, count)
    questions = sorted(load_questions(folder), key=lambda question: (question.id[-6:], question.set))
    return [question.query for question in questions if len(question.query) <= _LONGEST][:count]


def _show(report: ScaleReport) -> None:
    made, swap = report.material, report.swap
    click.echo(f"{os.cpu_count()} cores, load {report.loads[0]:.1f} before, {report.loads[1]:.1f} after")
    click.echo(
        f"{made.documents:,} documents, {made.passages:,} passages with {made.copies} copies of the corpus, "
        f"{made.embedded:,} passages embedded by this run"
    )
    rows: list[tuple[str, str, str, str]] = []
    for number, one in enumerate(report.rounds, start=1):
        name = f"round {number} of {one.n} questions"
        rows.append((f"{name}: the legs' queries alone", f"p50 {one.raw_p50:.1f}, p95 {one.raw_p95:.1f} ms", "–", ""))
        rows.append((f"{name}: search", f"p50 {one.search_p50:.1f}, p95 {one.search_p95:.1f} ms", "–", ""))
        rows.append((f"{name}: ratio of p50", f"{one.ratio:.2f}", f"≤ {RATIO_BAR}", _verdict(one.ratio <= RATIO_BAR)))
    if swap is not None:
        asked = f"{swap.failed} of {swap.asked:,}"
        rows += [
            ("swap under load: failed queries", asked, "0", _verdict(not swap.failed)),
            ("  answered by the new generation", f"{swap.after:,}", "–", ""),
            ("  query time meanwhile", f"p50 {swap.p50:.0f}, p95 {swap.p95:.0f}, most {swap.slowest:.0f} ms", "–", ""),
            ("  building and promoting it", f"{swap.build_seconds:.1f} s", "–", ""),
            ("  memory of the serving process", f"{swap.resident / 1e9:.2f}, most {swap.peak / 1e9:.2f} GB", "–", ""),
        ]
    click.echo(table(("measure", "value", "bar", ""), rows))
    for failure in swap.failures if swap else ():
        click.echo(f"failed: {failure}")


def _verdict(passed: bool) -> str:
    return "pass" if passed else "FAIL"


if __name__ == "__main__":
    main()
