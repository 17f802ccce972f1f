"""Documents and questions of a wished size for the performance benchmark: picked from a corpus, or generated."""

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

from evals.corpus import CorpusSource
from ingest.knowledge.index import IndexReader

_BYTES_PER_PASSAGE = 540  # of Markdown in the shared corpus, measured; only the size of the index hangs on it
_WORDS_PER_SECTION, _SECTIONS = 110, 10
_QUESTION_WORDS = 12


def pick_documents(corpus: Path, passages: int, *, salt: str) -> frozenset[str]:
    """Return the paths of about so many passages' worth of documents: always the same, spread over all folders."""
    entries = list(CorpusSource(corpus).snapshot().entries)
    entries.sort(key=lambda entry: hashlib.sha256(f"{salt}\n{entry.path}".encode()).digest())
    wanted = passages * _BYTES_PER_PASSAGE
    chosen: list[str] = []
    for entry in entries:
        if wanted <= 0:
            break
        if entry.size < 200_000:  # one large document would be most of a small sample
            chosen.append(entry.path)
            wanted -= entry.size
    return frozenset(chosen)


def generate_documents(folder: Path, passages: int, *, seed: int = 1) -> None:
    """Write Markdown of about so many passages into `folder`, unless it is there.

    Words follow Zipf's law over a made-up vocabulary; the same seed gives the same bytes.
    """
    if folder.is_dir():
        return
    folder.mkdir(parents=True)
    rng = random.Random(seed)
    vocabulary = ["".join(rng.choices("abcdefghijklmnoprstuvw", k=rng.randint(3, 9))) for _ in range(8_000)]
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    for number in range(max(1, passages // _SECTIONS)):
        lines = [f"# Runbook {number}: {' '.join(rng.choices(vocabulary, weights, k=3))}"]
        for _ in range(_SECTIONS):
            words = rng.choices(vocabulary, weights, k=_WORDS_PER_SECTION)
            sentences = [" ".join(words[start : start + 11]).capitalize() + "." for start in range(0, len(words), 11)]
            lines += ["", f"## {' '.join(rng.choices(vocabulary, weights, k=2))}", "", *sentences]
        (folder / f"runbook-{number:05}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def questions_about(reader: IndexReader, count: int) -> list[str]:
    """Return questions made of the words of evenly spaced documents."""
    documents = reader.documents()
    step = max(1, len(documents) // count)
    asked: list[str] = []
    for facts in documents[::step][:count]:
        stored = reader.passages_of(facts.id)
        if stored:
            middle = stored[len(stored) // 2].passage
            asked.append(f"{facts.title}: {_words(middle.text.split())}?")
    return asked


def _words(words: Sequence[str]) -> str:
    return " ".join(words[:_QUESTION_WORDS])
