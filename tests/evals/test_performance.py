"""The performance benchmark measures what it says; its bars are never asserted on this machine's time."""

from itertools import count
from pathlib import Path

import pytest

from evals.api_memory import ApiMemory
from evals.corpus import Bench, CorpusSource, open_bench
from evals.latency import Latencies, measure_latency
from evals.performance import checks
from evals.performance_material import generate_documents, pick_documents, questions_about
from evals.throughput import Throughput, measure_throughput
from tests.evals.material import HashingEmbedder

FAST = Latencies(n=300, embedding_p50=9.0, raw_query_p50=3.0, ask_p50=24.0, ask_p99=60.0)


def test_ratios_follow_from_the_medians() -> None:
    assert FAST.ask_ratio == 2.0
    assert FAST.tail_ratio == 2.5


def test_every_bar_is_stated_beside_its_value() -> None:
    throughput = Throughput(1500, alone_seconds=30, first_seconds=40, second_seconds=1, second_embedded=0)
    memory = ApiMemory(asks=100, resident=900_000_000, peak=1_300_000_000)

    verdicts = {check.what: check.passed for check in checks(FAST, throughput, memory) if check.passed is not None}

    assert verdicts == {
        "ask p50 / (embedding + raw query)": True,
        "ask p99 / p50": True,
        "ingest / encode alone": False,
        "second ingest, share of the first's time": True,
        "second ingest, passages embedded": True,
        "resident memory of the API": True,
    }


def test_what_was_not_measured_is_not_reported() -> None:
    assert not [check for check in checks(FAST, None, None) if "ingest" in check.what or "memory" in check.what]


def test_each_piece_of_a_question_is_timed_once(bench: Bench) -> None:
    ticks = count()

    found = measure_latency(bench.reader, HashingEmbedder(), ["CartDown fires"] * 7, clock=lambda: float(next(ticks)))

    assert found == Latencies(n=7, embedding_p50=1000, raw_query_p50=1000, ask_p50=1000, ask_p99=1000)
    assert next(ticks) == 4 * 7


def test_the_model_alone_gets_the_very_passages_of_the_ingest(tmp_path: Path, corpus: Path) -> None:
    encoded: list[str] = []

    found = measure_throughput(tmp_path / "data", CorpusSource(corpus), HashingEmbedder(), encoded.extend)

    warm_up = 32
    assert found.passages == len(encoded) - warm_up == len(set(encoded[warm_up:])) > 4
    assert found.second_embedded == 0
    assert found.first_seconds > found.second_seconds > 0


def test_generated_text_has_about_the_wished_size_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate_documents(tmp_path / name, 100)

    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) == 10
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)


def test_generated_documents_can_be_ingested_and_asked_about(tmp_path: Path) -> None:
    generate_documents(tmp_path / "text", 30)
    bench = open_bench(tmp_path / "data", CorpusSource(tmp_path / "text"), HashingEmbedder())

    asked = questions_about(bench.reader, 3)
    described = bench.reader.describe()
    bench.close()

    assert described.passages == pytest.approx(30, rel=0.4)
    assert len(asked) == 3


def test_picked_documents_are_the_same_each_time_and_differ_by_salt(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.md").write_text("word " * 100, encoding="utf-8")

    picked = pick_documents(tmp_path, 10, salt="a")
    assert 5 < len(picked) < 20
    assert picked == pick_documents(tmp_path, 10, salt="a") != pick_documents(tmp_path, 10, salt="b")
