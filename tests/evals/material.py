"""A small corpus with questions, and an embedder that needs no model."""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ingest.knowledge.index import Vector

RUNBOOKS = {
    "shop/CartDown.md": "# CartDown\n\n## Meaning\n\nThe cart service answers no request for five minutes.\n\n"
    "## Mitigation\n\n1. Restart the cart pods with `kubectl rollout restart deploy/cart`.\n"
    "2. Check that the carts of customers are back.\n",
    "shop/QueueFull.md": "# QueueFull\n\n## Meaning\n\nThe order queue holds more messages than its limit.\n\n"
    "## Mitigation\n\n1. Scale the consumers of the order queue to six.\n2. Watch the depth of the queue fall.\n",
    "disk/DiskFull.md": "# DiskFull\n\n## Meaning\n\nA volume of the database has less than five percent left.\n\n"
    "## Mitigation\n\n1. Delete rotated logs of the database.\n2. Grow the volume of the database.\n",
    "disk/CertExpiry.md": "# CertExpiry\n\n## Meaning\n\nThe certificate of the gateway ends within a week.\n\n"
    "## Mitigation\n\n1. Renew the certificate of the gateway.\n2. Reload the gateway.\n",
}

ALERTS = [
    ("cart", "CartDown The cart service answers no request", "The cart service answers no request", "shop/CartDown.md"),
    ("queue", "QueueFull The order queue holds more messages", "", "shop/QueueFull.md"),
    ("disk", "DiskFull A volume of the database has no space left", "A volume of the database", "disk/DiskFull.md"),
]


class HashingEmbedder:
    """Counts of hashed words as vectors: texts that share words are near each other."""

    model = "hashing@0"
    dimension = 64

    def __init__(self) -> None:
        self.questions = 0

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """Return a row for each text."""
        return np.stack([_vector(text) for text in texts]) if texts else np.zeros((0, 64), dtype=np.float32)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question, and count it."""
        self.questions += 1
        return _vector(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words."""
        return [len(text.split()) for text in texts]


def write_corpus(folder: Path) -> Path:
    """Write the documents below `folder` and return it."""
    for path, text in RUNBOOKS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def write_questions(folder: Path) -> Path:
    """Write the question files below `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    alerts = [
        {"id": key, "query_full": full, "query_description_only": short, "doc_path": path, "also_relevant": []}
        for key, full, short, path in ALERTS
    ]
    incident = {"id": "i1", "kind": "symptom", "query": "gateway certificate ends", "doc_path": "disk/CertExpiry.md"}
    _write(folder / "alert_runbook.jsonl", alerts)
    _write(folder / "incident_postmortem.jsonl", [incident, incident | {"id": "i2", "kind": "recurrence_linked"}])
    return folder


def _write(file: Path, rows: Sequence[Mapping[str, object]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _vector(text: str) -> Vector:
    vector = np.zeros(64, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        vector[hashlib.sha256(word.encode()).digest()[0] % 64] += 1
    length = math.sqrt(float(vector @ vector))
    return vector / length if length else np.eye(1, 64, dtype=np.float32)[0]
