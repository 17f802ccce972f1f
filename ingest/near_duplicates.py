"""Find documents that nearly repeat each other, and say which of them leads.

Estimated Jaccard similarity of word 5-shingles by MinHash, candidates by locality-sensitive hashing
(Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3).
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from ingest.knowledge.documents import DocumentStatus

if TYPE_CHECKING:
    from datasketch import LeanMinHash, MinHash  # type: ignore[import-untyped]  # it ships no hints

_PERMUTATIONS = 128
_SHINGLE = 5
_SHORT = 50
"""A document of fewer words repeats another only where it is the same: one word already changes much of it."""

_NET = 0.7
"""Where the hashing casts its net: pairs above the threshold are then hardly ever missed, and compared exactly."""

_SAME_TEXT = 0.98
"""From here on two documents repeat each other whatever they are called. Below, they need a name in common: pages
for "add" and "remove", or for an alert's warning and its critical form, differ in little else than what matters."""

_FEW_TOUCHED = 64  # documents; beyond that all are grouped anew
_GENERIC_NAMES = frozenset({"index", "readme", "home", "overview", "main"})
_SEED = 1
_SCHEME: Any = "affine32"
_SHORT_FORM, _LONG_FORM = b"s", b"m"
_WORD = re.compile(r"\w+")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_STANDING = {DocumentStatus.CURRENT: 0, DocumentStatus.DRAFT: 1, DocumentStatus.DEPRECATED: 2}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document with its signature and what decides whether it leads."""

    id: str
    signature: bytes
    source: str
    status: DocumentStatus
    updated_at: datetime | None
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Other:
    """A document that nearly repeats the leader of its group; `similarity` is from 0 to 1."""

    id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Documents that nearly repeat each other: the one that leads and the others, most alike first."""

    leader: str
    others: tuple[Other, ...]


def signature(text: str) -> bytes:
    """Return what documents are compared by, the same in every process; empty for a text without words."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if not words:
        return b""
    if len(words) < _SHORT:
        return _SHORT_FORM + hashlib.sha256(" ".join(words).encode("utf-8", "replace")).digest()
    encoded = [word.encode("utf-8", "replace") for word in words]
    shingles = {b" ".join(encoded[start : start + _SHINGLE]) for start in range(len(encoded) - _SHINGLE + 1)}
    sketch = _empty_sketch().copy()
    # A CRC is enough: the sketch mixes the bits of every hash it is given.
    sketch.update_batch(sorted(shingles))
    return _LONG_FORM + bytes(sketch.hashvalues.astype("<u4").tobytes())


def group_duplicates(
    candidates: Sequence[Candidate], threshold: float = 0.85, *, order: Sequence[str] = ()
) -> tuple[DuplicateGroup, ...]:
    """Return the groups of near-duplicates; each document is in one at most, and each other is like its leader.

    Documents that are not the same word for word need a title or a file name in common.

    The leader is current rather than draft, deprecated or superseded, then the one changed last, then of the
    source that comes first in `order`, then the first by path.
    """
    rank = {source: number for number, source in enumerate(order)}
    ordered = sorted(candidates, key=lambda one: _precedence(one, rank))
    groups = [*_identical(ordered), *_alike(ordered, threshold)]
    return tuple(sorted(groups, key=lambda group: group.leader))


def leaders_after(
    candidates: Sequence[Candidate],
    before: Mapping[str, str],
    touched: Collection[str],
    *,
    order: Sequence[str] = (),
) -> dict[str, str]:
    """Return the leader of each other document, given those before a run that `touched` some documents by id.

    A run that touched few looks at what is like those only, and at the groups that they were in or now join;
    all others stay as they were.
    """
    concerned = candidates
    if len(touched) <= _FEW_TOUCHED:
        near = {*touched, *_like(candidates, touched)}
        families = {before.get(one, one) for one in near}
        near |= families | {one for one, leader in before.items() if leader in families}
        concerned = [one for one in candidates if one.id in near]
    again = {one.id for one in concerned} | set(touched)
    kept = {one: leader for one, leader in before.items() if one not in again and leader not in again}
    groups = group_duplicates(concerned, order=order)
    fresh = {other.id: group.leader for group in groups for other in group.others}
    return (kept if concerned is not candidates else {}) | fresh


def _like(candidates: Sequence[Candidate], touched: Collection[str]) -> set[str]:
    """Return the candidates that are about as like a touched one as members of a group are, or more."""
    rows = [one for one in candidates if one.signature.startswith(_LONG_FORM)]
    short = {one.signature for one in candidates if one.id in touched and one.signature.startswith(_SHORT_FORM)}
    found = {one.id for one in candidates if one.signature in short}
    if not rows:
        return found
    values = np.stack([np.frombuffer(one.signature[1:], dtype="<u4") for one in rows])
    for number, row in enumerate(rows):
        if row.id in touched:
            alike = (values == values[number]).mean(axis=1) >= _NET
            found |= {rows[other].id for other in np.flatnonzero(alike)}
    return found


def _precedence(candidate: Candidate, rank: Mapping[str, int]) -> tuple[int, float, int, str, str, str]:
    changed = candidate.updated_at or _LONG_AGO
    return (
        _STANDING.get(candidate.status, len(_STANDING)),
        -(changed - _LONG_AGO).total_seconds(),
        rank.get(candidate.source, len(rank)),
        candidate.source,
        candidate.path,
        candidate.id,
    )


def _identical(ordered: Sequence[Candidate]) -> Iterator[DuplicateGroup]:
    by_signature: dict[bytes, list[str]] = defaultdict(list)
    for candidate in ordered:
        if candidate.signature.startswith(_SHORT_FORM):
            by_signature[candidate.signature].append(candidate.id)
    for ids in by_signature.values():
        if len(ids) > 1:
            yield DuplicateGroup(ids[0], tuple(Other(each, 1.0) for each in ids[1:]))


def _alike(ordered: Sequence[Candidate], threshold: float) -> Iterator[DuplicateGroup]:
    """Let each document in turn lead those like it that no earlier one leads."""
    long = [candidate for candidate in ordered if candidate.signature.startswith(_LONG_FORM)]
    if len(long) < 2:
        return
    values = np.stack([np.frombuffer(candidate.signature[1:], dtype="<u4") for candidate in long])
    sketches = [_sketch_of(row) for row in values]
    near = _neighbours(sketches)
    names = [_names(candidate) for candidate in long]
    taken = np.zeros(len(long), dtype=bool)
    for number in range(len(long)):
        if taken[number]:
            continue
        taken[number] = True
        found = np.array([other for other in near.query(sketches[number]) if not taken[other]], dtype=np.intp)
        if not found.size:
            continue
        similarity = (values[found] == values[number]).mean(axis=1)
        members = sorted(
            (
                (float(alike), int(other))
                for other, alike in zip(found, similarity, strict=True)
                if alike >= _SAME_TEXT or (alike >= threshold and names[other] & names[number])
            ),
            key=lambda pair: (-pair[0], pair[1]),
        )
        taken[[other for _, other in members]] = True
        if members:
            yield DuplicateGroup(long[number].id, tuple(Other(long[other].id, alike) for alike, other in members))


def _names(candidate: Candidate) -> frozenset[str]:
    """Return what a document is called, folded: its title, and the name of its file where that says anything."""
    names = {_folded(candidate.title), _folded(PurePosixPath(candidate.path).name.split(".")[0])}
    return frozenset(names - _GENERIC_NAMES - {""})


def _folded(name: str) -> str:
    return "".join(_WORD.findall(name.casefold())).replace("_", "")


def _neighbours(sketches: Sequence["LeanMinHash"]) -> Any:
    from datasketch import MinHashLSH

    near = MinHashLSH(threshold=_NET, num_perm=_PERMUTATIONS)
    with near.insertion_session() as session:
        for number, sketch in enumerate(sketches):
            session.insert(number, sketch, check_duplication=False)
    return near


def _sketch_of(row: np.ndarray[Any, Any]) -> "LeanMinHash":
    from datasketch import LeanMinHash

    return LeanMinHash(seed=_SEED, hashvalues=row.astype(np.uint32), scheme=_SCHEME)


@cache
def _empty_sketch() -> "MinHash":
    from datasketch import MinHash

    return MinHash(num_perm=_PERMUTATIONS, seed=_SEED, hashfunc=crc32, scheme=_SCHEME)
