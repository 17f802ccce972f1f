"""The whole corpus as declared sources: every file accounted for, and what a second and a small sync cost.

Copies the folders of --shared/corpus below --data-dir, declares each as a source in one groundwatch.yaml and syncs
them in this process, without Prefect. Then: every file below the folders is indexed, failed with a reason, or left
out with a reason; manifest and index are compared; syncs with nothing changed are timed beside reading and hashing
the same files (SHA-1, as git does without its index); and one changed file is timed from the start of the sync
until a warm API finds it.
"""

import hashlib
import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click

from evals.accounting import Accounting, Group, account_for
from evals.api_process import api_serving, found_by_search, serve_command
from evals.console import plain_errors, progress_line, split_names, table, write_json
from evals.declared_corpus import DeclaredCorpus, declare_corpus
from ingest.care import verify
from ingest.errors import KnowledgeError
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.index import Vector

RATIO_BAR = 3.0
SECONDS_BAR = 5.0
_GIVE_UP = 120.0
_POLL = 0.02


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Medians of seconds over `n` rounds in which nothing had changed; each round measured all of them."""

    n: int
    sync: float
    hashing: float
    walking: float
    command: float | None

    @property
    def ratio(self) -> float:
        """A sync over hashing."""
        return self.sync / self.hashing


@dataclass(frozen=True, slots=True)
class Changed:
    """One changed file: `searchable` and `sync` are seconds, `embedded` passages, `stray` those without the change."""

    path: str
    searchable: float
    sync: float
    embedded: int
    stray: int


@dataclass(frozen=True, slots=True)
class SyncReport:
    """One run. `checks` are what `groundwatch knowledge verify` says; `first_seconds` is the first sync here."""

    sources: int
    first_seconds: float
    first_embedded: int
    accounting: Accounting
    checks: tuple[tuple[str, bool, str], ...]
    unchanged: Unchanged
    changed: tuple[Changed, ...]


class RecordingEmbedder:
    """An embedder that remembers what it embeds."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.texts: list[str] = []

    @property
    def model(self) -> str:
        """Name and digest of the model."""
        return self._embedder.model

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._embedder.dimension

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one row a text."""
        self.texts.extend(texts)
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question."""
        return self._embedder.embed_query(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text."""
        return self._embedder.count_tokens(texts)


@click.command(help=__doc__)
@click.option("--shared", type=click.Path(path_type=Path), default=Path("../shared"), show_default=True)
@click.option("--subset", callback=split_names, default="", help="Only these folders of the corpus, separated by ','.")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Syncs with nothing changed.")
@click.option("--changes", type=click.IntRange(min=0), default=3, show_default=True, help="Files changed one by one.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals/sync"), show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    shared: Path, subset: tuple[str, ...], rounds: int, changes: int, data_dir: Path, json_file: Path | None
) -> None:
    """Run the measure; exit code 1 where a file is unexplained or a check fails."""
    with plain_errors():
        data_dir.mkdir(parents=True, exist_ok=True)
        corpus = declare_corpus(shared / "corpus", data_dir, subset)
        report = measure(corpus, rounds=rounds, changes=changes)
        _show(report)
        if json_file:
            write_json(json_file, report)
    if report.accounting.unexplained or not all(passed for _, passed, _ in report.checks):
        raise SystemExit(1)


def measure(corpus: DeclaredCorpus, *, rounds: int, changes: int) -> SyncReport:
    """Sync, account for every file, verify, and time what comes after."""
    with closing(corpus.workshop()) as workshop:
        started = time.perf_counter()
        first = corpus.sync(workshop, progress_line)
        seconds = time.perf_counter() - started
        accounting = account_for(corpus, workshop)
        checks = tuple((check.name, check.passed, check.detail) for check in verify(workshop))
    return SyncReport(
        sources=len(corpus.folders),
        first_seconds=seconds,
        first_embedded=first.embedded,
        accounting=accounting,
        checks=checks,
        unchanged=measure_unchanged(corpus, rounds),
        changed=measure_changes(corpus, changes) if changes else (),
    )


def measure_unchanged(corpus: DeclaredCorpus, rounds: int) -> Unchanged:
    """Time a sync, hashing and a walk by turns, so that all meet the same load of the machine."""
    files = [file for file in corpus.files() if not file.is_symlink()]
    hash_files(files)  # brings the files into memory for all three
    syncs: list[float] = []
    hashings: list[float] = []
    walks: list[float] = []
    with closing(corpus.workshop()) as workshop:
        for number in range(rounds):
            started = time.perf_counter()
            result = corpus.sync(workshop)
            synced = time.perf_counter()
            hash_files(files)
            hashed = time.perf_counter()
            walk(corpus.root)
            walked = time.perf_counter()
            if any(one.indexed or one.removed for one in result.sources):
                raise KnowledgeError("a sync with nothing changed indexed or removed documents; nobody may edit them")
            syncs.append(synced - started)
            hashings.append(hashed - synced)
            walks.append(walked - hashed)
            progress_line("syncs with nothing changed", number + 1, rounds)
    middle = statistics.median
    return Unchanged(rounds, middle(syncs), middle(hashings), middle(walks), _command_seconds(corpus))


def measure_changes(corpus: DeclaredCorpus, count: int) -> tuple[Changed, ...]:
    """Change files one after the other, and time each until a warm API finds it."""
    with closing(corpus.workshop()) as workshop, api_serving(corpus.settings.data_dir) as api:
        workshop.embedder.embed_passages(["warm up"])
        found_by_search(api.client, "warm up")
        recording = RecordingEmbedder(workshop.embedder)
        watched = replace(workshop, embedder=recording)
        changed: list[Changed] = []
        for number, file in enumerate(_editable(corpus, count)):
            recording.texts.clear()
            word = f"gwprobe{number}x{time.time_ns():x}"
            with file.open("a", encoding="utf-8") as opened:
                opened.write(f"\n\nThe marker of this measure is {word}.\n")
            started = time.perf_counter()
            corpus.sync(watched)
            synced = time.perf_counter()
            while not found_by_search(api.client, word):
                if time.perf_counter() - started > _GIVE_UP:
                    raise KnowledgeError(f"the API did not find {word!r} within {_GIVE_UP:.0f} s; see its serve.log")
                time.sleep(_POLL)
            stray = sum(word not in text for text in recording.texts)
            path = file.relative_to(corpus.root).as_posix()
            changed.append(Changed(path, time.perf_counter() - started, synced - started, len(recording.texts), stray))
    return tuple(changed)


def hash_files(files: Sequence[Path]) -> str:
    """Read every file and return one digest of all: git's own name of each content, put together."""
    whole = hashlib.sha1(usedforsecurity=False)
    for file in files:
        data = file.read_bytes()
        whole.update(hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).digest())
    return whole.hexdigest()


def walk(folder: Path) -> int:
    """Ask the file system for every file's size and time, and return their number: what git does with its index."""
    count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            os.lstat(f"{place}/{name}")
            count += 1
    return count


def _command_seconds(corpus: DeclaredCorpus) -> float | None:
    """Time the command from its cold start; None where it is not installed."""
    command = serve_command()
    if not command.exists():
        return None
    settings = corpus.settings
    environment = os.environ | {"GROUNDWATCH_DATA_DIR": str(settings.data_dir)}
    started = time.perf_counter()
    arguments = [str(command), "sync", "--direct", "--quiet", "--file", str(settings.sources_file)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise KnowledgeError(f"groundwatch sync ended with exit code {done.returncode}: {done.stderr.strip()}")
    return time.perf_counter() - started


def _editable(corpus: DeclaredCorpus, count: int) -> list[Path]:
    """Return Markdown files of middling size, spread over the folders."""
    files = sorted(file for file in corpus.files() if file.suffix == ".md" and 2_000 < file.stat().st_size < 20_000)
    with closing(corpus.workshop()) as workshop:
        indexed = {f"{row.source}/{row.path}" for row in workshop.manifest.rows() if row.passages}
    known = [file for file in files if file.relative_to(corpus.root).as_posix() in indexed]
    if not known:
        raise KnowledgeError(
            "no Markdown file of 2 to 20 kB is indexed, so none can be changed; take a larger --subset"
        )
    step = max(1, len(known) // count)
    return known[step // 2 :: step][:count]


def _show(report: SyncReport) -> None:
    found, again = report.accounting, report.unchanged
    click.echo(
        f"{report.sources} sources, {found.files:,} files, {found.documents:,} documents, {found.passages:,} passages; "
        f"first sync {report.first_seconds:.1f} s with {report.first_embedded:,} passages embedded"
    )
    counts = [
        ("indexed", f"{found.indexed:,}"),
        ("failed, with a reason", f"{found.failures:,}"),
        ("left out by content, with a reason", f"{sum(group.files for group in found.left_out):,}"),
        ("left out by name", f"{sum(group.files for group in found.by_name):,}"),
        ("unexplained (bar: 0)", f"{len(found.unexplained)}"),
    ]
    click.echo(table(("files", "n"), counts))
    for title, groups in (("failed", found.failed), ("left out", found.left_out), ("by name", found.by_name)):
        click.echo("\n" + table((title, "n", "for example"), [_cells(group) for group in groups]))
    for path in found.unexplained:
        click.echo(f"unexplained: {path}")
    click.echo("\n" + table(("check", "", "detail"), [(n, "pass" if p else "FAIL", d) for n, p, d in report.checks]))
    click.echo("\n" + table(("measure", "value", "bar", ""), _measures(again, report.changed)))


def _measures(again: Unchanged, changed: Sequence[Changed]) -> list[tuple[str, str, str, str]]:
    rows = [
        (f"sync with nothing changed, median of {again.n}", f"{again.sync:.2f} s", "–", ""),
        ("reading and hashing the same files", f"{again.hashing:.2f} s", "–", ""),
        ("their ratio", f"{again.ratio:.2f}", f"≤ {RATIO_BAR:.0f}", _verdict(again.ratio <= RATIO_BAR)),
        ("size and time of each file only", f"{again.walking:.2f} s", "–", ""),
    ]
    if again.command is not None:
        rows.append(("groundwatch sync --direct, cold", f"{again.command:.2f} s", "–", ""))
    for one in changed:
        passed = one.searchable <= SECONDS_BAR
        bar = f"≤ {SECONDS_BAR:.0f} s"
        rows.append((f"{one.path}: searchable after", f"{one.searchable:.2f} s", bar, _verdict(passed)))
        passages = f"{one.embedded}, {one.stray} of them unchanged"
        rows.append(("  passages embedded", passages, "0 unchanged", _verdict(not one.stray and one.embedded > 0)))
    return rows


def _cells(group: Group) -> tuple[str, str, str]:
    return (group.reason, f"{group.files:,}", group.example)


def _verdict(passed: bool) -> str:
    return "pass" if passed else "FAIL"


if __name__ == "__main__":
    main()
