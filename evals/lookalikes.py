"""Documents that say nearly the same as another, so that leaving one out leaves its answer out too.

Two documents look alike where the Jaccard similarity of their five-word shingles, estimated from bottom-k
sketches (Broder, 1997), is at least 0.6, or where both files carry the same alert name (a file name in
CamelCase): two organisations' runbooks for one alert answer the same question.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.6
"""Jaccard similarity from which two documents count as the same."""

_SHINGLE = 5
_SKETCH = 256
_WORD = re.compile(r"\w+")
_ALERT_NAME = re.compile(r"[A-Z]\w*[a-z]\w*[A-Z]\w*")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: spreads what it multiplies (Knuth, TAOCP 3, 6.4)

Sketch = NDArray[np.uint64]


class Lookalikes:
    """Sketches of documents by path, to find those that look alike."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self._sketches: dict[str, Sketch] = {}
        self._names: dict[str, set[str]] = {}
        self._holding: dict[int, list[str]] = {}
        for path, text in texts:
            self._add(path, text)

    def of(self, path: str) -> frozenset[str]:
        """Return the paths of the documents that look like the one at `path`, itself left out."""
        found = set(self._names.get(_alert_name(path), ()))
        sketch = self._sketches.get(path)
        if sketch is not None:
            shared = Counter(other for value in sketch.tolist() for other in self._holding[value])
            likely = [other for other, count in shared.items() if count >= ALIKE * len(sketch) / 3]
            found.update(other for other in likely if similarity(sketch, self._sketches[other]) >= ALIKE)
        return frozenset(found - {path})

    def _add(self, path: str, text: str) -> None:
        name = _alert_name(path)
        if name:
            self._names.setdefault(name, set()).add(path)
        sketch = sketch_of(text)
        self._sketches[path] = sketch
        for value in sketch.tolist():
            self._holding.setdefault(value, []).append(path)


def sketch_of(text: str) -> Sketch:
    """Return the smallest 256 hashes of the five-word shingles of a text, ascending; all where there are fewer."""
    words = [zlib.crc32(word.encode()) for word in _WORD.findall(text.lower())]
    words += [0] * (_SHINGLE - len(words))
    column = np.array(words, dtype=np.uint64)
    count = len(column) - _SHINGLE + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(_SHINGLE):
        hashes = (hashes ^ column[offset : offset + count]) * _FACTOR
        hashes ^= hashes >> np.uint64(29)
    return np.unique(hashes)[:_SKETCH]


def similarity(one: Sketch, other: Sketch) -> float:
    """Estimate the Jaccard similarity (0..1) of the texts of two sketches."""
    smallest = np.union1d(one, other)[:_SKETCH]
    both = np.intersect1d(one, other, assume_unique=True)
    return float(np.isin(smallest, both, assume_unique=True).mean())


def _alert_name(path: str) -> str:
    stem = PurePosixPath(path).stem
    return stem.lower() if _ALERT_NAME.fullmatch(stem) else ""
