"""A small handbook with alerts, links and near-duplicates, and tables of passages made of numbers alone."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from evals.hashing_embedder import HashingEmbedder
from ingest.adaptation.pairs import Pair, PairKind
from ingest.adaptation.passage_table import PassageTable, part_of
from ingest.building import Workshop
from ingest.knowledge.documents import DocumentFacts, DocumentKind, DocumentStatus
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import Vector
from ingest.knowledge.manifest import Manifest
from ingest.knowledge.passages import Passage, StoredPassage
from ingest.knowledge.spans import Span
from ingest.pipeline import ingest
from ingest.runs import Options
from tests.fakes import FakeSource

PARTS = ("disk", "cache", "queue", "broker", "proxy", "cluster")
STATES = ("full", "slow", "stuck", "lost", "stale", "split", "denied", "expired", "corrupt", "throttled")
RULES = """groups:
- name: storage
  rules:
  - alert: DiskFull
    expr: disk_free_bytes < 1e9
    annotations:
      summary: No room is left on {{ $labels.device }} for new orders
      description: Writes of the shop will soon be refused everywhere
      runbook_url: https://wiki.example.com/runbooks/disk-full.md
"""


def handbook() -> dict[str, str]:
    """Return sixty runbooks by path, each linked from another one; a copy of one, and a rule file."""
    names = [(part, state) for part in PARTS for state in STATES]
    pages: dict[str, str] = {}
    for number, (part, state) in enumerate(names):
        other_part, other_state = names[(number * 37 + 11) % len(names)]
        pages[f"runbooks/{part}-{state}.md"] = (
            f"# The {part} is {state}\n\nOperators of the {part} see that everything behind it is {state} today.\n\n"
            f"## Mending a {state} {part}\n\n1. Look at the {part} with `{part}ctl show --{state}`.\n"
            f"2. Restart the {part} when it stays {state}.\n\n"
            f"Trouble of this kind follows [a {other_state} {other_part} upstream]({other_part}-{other_state}.md).\n"
        )
    return pages


def open_workshop(folder: Path, pages: Mapping[str, str | bytes]) -> Workshop:
    """Ingest pages as source "wiki" with an embedder that counts hashed words."""
    embedder = HashingEmbedder()
    workshop = Workshop(
        EdgeStore(folder, embedder.dimension, patience=0.1, minimum_free=0),
        Manifest(folder / "manifest.sqlite"),
        EmbeddingCache(folder / "embeddings.sqlite"),
        embedder,
    )
    ingest(workshop, [FakeSource(pages)], Options())
    return workshop


def silent(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def table_of(vectors: Vector, documents: Sequence[str]) -> PassageTable:
    """Return a table with one passage a vector, each document a family of its own; documents in order."""
    found = [_stored(name, number) for number, name in enumerate(documents)]
    return PassageTable.of(found, vectors, {name: name for name in documents})


def pair_for(row: int, table: PassageTable, kind: PairKind = PairKind.TITLE, *, hidden: tuple[int, ...] = ()) -> Pair:
    """Return a pair that one row answers."""
    return Pair(f"question {row}", kind, int(table.family[row]), (row,), hidden=hidden)


def unit(rows: Vector) -> Vector:
    """Return rows at unit length."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def name_in(part: str) -> str:
    """Return a name whose family falls into a part."""
    return next(name for number in range(1000) if part_of(name := f"document {number}").value == part)


def _stored(document: str, number: int) -> StoredPassage:
    facts = DocumentFacts(
        document, "wiki", f"{document}.md", document, DocumentKind.RUNBOOK, DocumentStatus.CURRENT, "1"
    )
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{document} {number}"))
    return StoredPassage(Passage(key, document, number, (), document, Span(0, 4, 1, 1), "text"), facts)
