"""Runs that kill themselves with SIGKILL at a given point, each a process of its own; for the tests of kills.

A point is `before NAME N` or `after NAME N`: the N-th time that something of this name is about to happen, or
just happened. Everything is imported once, by the process that the runs are forked from.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.fault_moments import NEVER, Moment, WatchedManifest, WatchedStore
from ingest.building import Workshop
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import Vector
from ingest.knowledge.manifest import Manifest
from ingest.pipeline import ingest
from tests.fakes import FakeEmbedder, FakeSource

DIMENSION = 32


def source(version: int) -> FakeSource:
    """Return 70 documents of 9 sections; version 2 changes every third, drops two and adds two."""
    pages = {f"page{number:02}.md": _page(number, version if number % 3 == 0 else 1) for number in range(70)}
    if version == 2:
        del pages["page01.md"], pages["page02.md"]
        pages |= {"new1.md": _page(101, 2), "new2.md": _page(102, 2)}
    return FakeSource(pages)


def _page(number: int, version: int) -> str:
    words = "look at the dashboard and then at the log of the service " * 5
    sections = [f"## Part {part}\n\nPage {number} part {part} version {version}: {words}\n" for part in range(9)]
    return f"# Page {number}\n\n" + "\n".join(sections)


class WatchedFakeEmbedder(FakeEmbedder):
    """The fake embedder, reporting each batch."""

    moment: Moment = NEVER

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text."""
        self.moment.meets("before", "embed")
        vectors = super().embed_passages(texts)
        self.moment.meets("after", "embed")
        return vectors


def workshop(knowledge: Path, moment: Moment | None = None) -> Workshop:
    """Return the workshop in a folder; its steps report to `moment` where there is one."""
    embedder, file = WatchedFakeEmbedder(), knowledge / "manifest.sqlite"
    cache = EmbeddingCache(knowledge / "embeddings.sqlite")
    if moment is None:
        return Workshop(EdgeStore(knowledge, DIMENSION), Manifest(file), cache, embedder)
    embedder.moment = moment
    return Workshop(WatchedStore(knowledge, DIMENSION, moment), WatchedManifest(file, moment), cache, embedder)


def die(knowledge: Path, point: str) -> None:
    """Run over version 2, until the point given kills this process."""
    moment = Moment.of(point, lambda: os.kill(os.getpid(), signal.SIGKILL))
    ingest(
        workshop(knowledge, moment),
        [source(2)],
        progress=lambda stage, done, total: moment.meets("after", f"{stage}-batch"),
    )


def serve() -> None:
    """Fork a process for each line, a folder and a point; answer with the signal that ended it, 0 for none."""
    for line in sys.stdin:
        knowledge, _, point = line.rstrip("\n").partition("\t")
        child = os.fork()
        if child == 0:
            die(Path(knowledge), point)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, flush=True)


if __name__ == "__main__":
    import datasketch  # type: ignore[import-untyped]  # noqa: F401 - before the forks, which would take seconds each
    import qdrant_edge  # noqa: F401 - loaded before the forks, which all need it

    serve()
