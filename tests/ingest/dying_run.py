"""A run that kills itself with SIGKILL at a given point; started as a process by the tests of kills.

Arguments: the folder of the index, and the point as one argument, `before NAME N` or `after NAME N`: the N-th
time that something of this name is about to happen, or just happened.
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


if __name__ == "__main__":
    _moment = Moment.of(sys.argv[2], lambda: os.kill(os.getpid(), signal.SIGKILL))
    ingest(
        workshop(Path(sys.argv[1]), _moment),
        [source(2)],
        progress=lambda stage, done, total: _moment.meets("after", f"{stage}-batch"),
    )
