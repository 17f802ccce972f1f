"""A new generation while questions are being asked: eight threads search, another process builds and promotes."""

import itertools
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click

from api.serving import ServedKnowledge
from evals.console import plain_errors
from evals.corpus import configured_embedder, open_workshop
from evals.hashing_embedder import HashingEmbedder
from evals.statistics import percentile
from ingest.errors import KnowledgeError
from ingest.pipeline import ingest
from ingest.sources.folder import FolderSource

THREADS = 8
SOURCE = "swap"
"""Name of the source whose one document changes with every swap."""

_AFTER = 100  # queries that the new generation has to answer before the measure ends
_GIVE_UP = 900.0

Build = Callable[[], "subprocess.Popen[bytes]"]


@dataclass(frozen=True, slots=True)
class Swap:
    """Queries asked while a generation was built and swapped in; times in milliseconds, memory in bytes.

    `asked` counts all of them, `after` those that the new generation answered; a query fails where it raises or
    finds nothing.
    """

    asked: int
    after: int
    failed: int
    failures: tuple[str, ...]
    p50: float
    p95: float
    slowest: float
    build_seconds: float
    resident: int
    peak: int


@dataclass
class _Tally:
    """What the threads have seen so far."""

    first: int
    milliseconds: list[float] = field(default_factory=list)
    after: int = 0
    failures: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def add(self, milliseconds: float, generation: int, failure: str | None) -> None:
        with self.guard:
            self.milliseconds.append(milliseconds)
            self.after += generation != self.first
            if failure is not None:
                self.failures.append(failure)


def swap_under_load(served: ServedKnowledge, questions: Sequence[str], build: Build, *, minimum: int) -> Swap:
    """Ask questions from eight threads until a new generation was built, promoted and has answered some.

    At least `minimum` queries are asked. Raises KnowledgeError where the build fails, or nothing is swapped in.
    """
    with served.answering() as serving:
        tally = _Tally(serving.description.generation)
    turns = itertools.count()
    ended = threading.Event()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="query") as threads:
        for _ in range(THREADS):
            threads.submit(_ask, served, questions, turns, tally, ended)
        try:
            seconds = _built(build(), tally, minimum)
        finally:
            ended.set()
    return Swap(
        asked=len(tally.milliseconds),
        after=tally.after,
        failed=len(tally.failures),
        failures=tuple(dict.fromkeys(tally.failures))[:10],
        p50=percentile(tally.milliseconds, 0.5),
        p95=percentile(tally.milliseconds, 0.95),
        slowest=max(tally.milliseconds),
        build_seconds=seconds,
        resident=_resident(),
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def builder(data_dir: Path, *, vectors: Path | None = None, hashing: bool = False) -> Build:
    """Return what starts a process that builds and promotes one generation more of the index below `data_dir`."""
    command = [sys.executable, "-m", "evals.generation_swap", str(data_dir.absolute())]
    command += ["--vectors", str(vectors.absolute())] if vectors else []
    command += ["--hashing"] if hashing else []
    return lambda: subprocess.Popen(command, cwd=Path(__file__).parents[1])


@click.command(help="Build and promote one generation more; started by the measure of swaps.")
@click.argument("data_dir", type=click.Path(path_type=Path))
@click.option("--vectors", type=click.Path(path_type=Path), help="Another file for the embedding cache.")
@click.option("--hashing", is_flag=True, help="Embed without a model.")
def main(data_dir: Path, vectors: Path | None, hashing: bool) -> None:
    """Change the one document of a small source and ingest that source."""
    with plain_errors():
        folder = data_dir / SOURCE
        folder.mkdir(exist_ok=True)
        (folder / "swap.md").write_text(f"# Swap\n\nThis was written at {time.time_ns()}.\n", encoding="utf-8")
        workshop = open_workshop(data_dir, HashingEmbedder() if hashing else configured_embedder(), vectors)
        try:
            ingest(workshop, [FolderSource([folder], name=SOURCE)])
        finally:
            workshop.close()


def _ask(
    served: ServedKnowledge,
    questions: Sequence[str],
    turns: "itertools.count[int]",
    tally: _Tally,
    ended: threading.Event,
) -> None:
    while not ended.is_set():
        text = questions[next(turns) % len(questions)]
        started, generation, failure = time.perf_counter(), tally.first, None
        try:
            with served.answering() as serving:
                generation = serving.description.generation
                if not serving.searcher.search(text, limit=10):
                    failure = f"nothing was found for {text[:60]!r}"
        except Exception as error:  # whatever it is, a person's question would have failed
            failure = repr(error)
        tally.add(1000 * (time.perf_counter() - started), generation, failure)


def _built(process: "subprocess.Popen[bytes]", tally: _Tally, minimum: int) -> float:
    """Wait until the build ended and enough was asked, before and after; return the build's seconds."""
    started = time.perf_counter()
    seconds = 0.0
    try:
        while not (seconds and len(tally.milliseconds) >= minimum and tally.after >= _AFTER):
            if not seconds and process.poll() is not None:
                seconds = time.perf_counter() - started
            if process.returncode:
                raise KnowledgeError(f"building a generation ended with exit code {process.returncode}")
            if time.perf_counter() - started > _GIVE_UP:
                raise KnowledgeError(f"no new generation answered within {_GIVE_UP:.0f} s")
            time.sleep(0.02)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return seconds


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
