"""Where the answer to one ask stands: the sections that fit, best first, and how much of the ask each covers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.answering.answer import StatementKind
from api.answering.asks import Ask, Wanted
from api.answering.views import PassageViews
from api.retrieval.search import Hit, Searcher
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.passages import StoredPassage

CAUSE_HEADING = re.compile(r"root cause|cause|trigger|what happened|why|contributing|analysis", re.IGNORECASE)

_WEIGHED = 10  # sections that are looked at closely
_LONG_SECTION = 6_000  # characters; a longer one does not take its subsections in
_DIGIT = re.compile(r"\d")
_STEPS = (StatementKind.STEP, StatementKind.COMMAND)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A section of a document as evidence for an ask.

    `coverage` is the share (0..1) of the ask's words that it holds, `cosine` the likeness of its best
    passage to the question, `absent` the names, as written, that its document does not hold.
    """

    ask: Ask
    hit: Hit
    section: tuple[StoredPassage, ...]
    document: tuple[StoredPassage, ...]
    stems: frozenset[str]
    coverage: float
    cosine: float
    absent: tuple[str, ...]


def gather(ask: Ask, hits: Sequence[Hit], searcher: Searcher, views: PassageViews) -> list[Evidence]:
    """Return the evidence for an ask from the best sections, best first."""
    documents: dict[str, tuple[StoredPassage, ...]] = {}
    weighed: list[tuple[float, Evidence]] = []
    for hit in _sections(ask, hits, views)[:_WEIGHED]:
        key = hit.stored.document.id
        if key not in documents:
            documents[key] = tuple(searcher.reader.passages_of(key))
        evidence = _weigh(ask, hit, documents[key], views)
        weighed.append((hit.score * (0.4 + evidence.coverage) * _fit(evidence, views), evidence))
    weighed.sort(key=lambda scored: -scored[0])
    return [evidence for _, evidence in weighed]


def is_about(ask: Ask, section: Sequence[StoredPassage]) -> bool:
    """Whether a name asked for stands in the title, the path or a heading, not just somewhere in the text."""
    first = section[0]
    about = fold_identifier(" ".join((first.document.path, first.document.title, *first.passage.heading_path)))
    return any(key in about for _, key in ask.identifiers)


def _sections(ask: Ask, hits: Sequence[Hit], views: PassageViews) -> list[Hit]:
    """Return the best hit of each section, those first that hold most of the ask."""
    best: dict[tuple[str, tuple[str, ...]], Hit] = {}
    for hit in hits:
        best.setdefault((hit.stored.document.id, hit.stored.passage.heading_path), hit)
    return sorted(
        best.values(), key=lambda hit: -hit.score * (0.4 + ask.coverage(views.of(hit.stored).stems))
    )  # a stable sort: ties stay in search order


def _weigh(ask: Ask, hit: Hit, document: tuple[StoredPassage, ...], views: PassageViews) -> Evidence:
    section = _section(hit, document)
    words = frozenset[str]().union(*(views.of(stored).stems for stored in section))
    return Evidence(
        ask=ask,
        hit=hit,
        section=section,
        document=document,
        stems=words,
        coverage=ask.coverage(words),
        cosine=hit.cosine or 0.0,
        absent=tuple(name for name, key in ask.identifiers if not _holds(document, key, views)),
    )


def _section(hit: Hit, document: Sequence[StoredPassage]) -> tuple[StoredPassage, ...]:
    path = hit.stored.passage.heading_path
    members = tuple(stored for stored in document if stored.passage.heading_path[: len(path)] == path)
    if not path or sum(len(stored.passage.text) for stored in members) > _LONG_SECTION:
        members = tuple(stored for stored in members if stored.passage.heading_path == path)
    return members or (hit.stored,)


def _holds(document: Iterable[StoredPassage], key: str, views: PassageViews) -> bool:
    return any(key in stored.passage.identifiers or key in views.of(stored).folded for stored in document)


def _fit(evidence: Evidence, views: PassageViews) -> float:
    """Return a factor above 1 for a section of the kind that the ask wants."""
    first = evidence.section[0]
    pieces = [unit for stored in evidence.section for unit in views.of(stored).units]
    match evidence.ask.wanted:
        case Wanted.PROCEDURE:
            return 1.3 if any(unit.kind in _STEPS for unit in pieces) else 1.0
        case Wanted.CAUSE:
            told = first.passage.heading_path and CAUSE_HEADING.search(first.passage.heading_path[-1])
            past = first.document.kind is DocumentKind.POSTMORTEM
            return (1.5 if told else 1.0) * (1.3 if past else 1.0)
        case Wanted.FIGURE:
            return 1.1 if any(_DIGIT.search(unit.quote) for unit in pieces) else 0.8
        case Wanted.FACT:
            return 1.0
