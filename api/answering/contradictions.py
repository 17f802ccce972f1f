"""Pairs of current documents about the same named thing that state different figures for the same measure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from api.answering.conflicts import figures_of, may_contradict, said_by
from api.answering.units import Unit, units
from api.retrieval.words import content_words, stem
from ingest.knowledge.documents import DocumentFacts, DocumentKind, DocumentStatus
from ingest.knowledge.identifiers import find_identifiers
from ingest.knowledge.index import IndexReader

_LARGEST_GROUP = 6  # documents that share a name; a name of more of them is not what they are about
_MIN_SHARED = 5  # content words that two statements share
_MIN_LIKENESS = 0.6  # of the shorter statement's content words
_MIN_LIKENESS_OF_TITLES = 0.5  # of the shorter title's content words beside the shared name; exclusive
_NUMBER = re.compile(r"\d+")
_PLAIN_KINDS = (DocumentKind.RUNBOOK, DocumentKind.ARCHITECTURE, DocumentKind.REFERENCE)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that disagree; `about` is the name that both documents have in their title."""

    about: str
    first: Unit
    second: Unit


def find_contradictions(
    reader: IndexReader, documents: Sequence[DocumentFacts], duplicates: Mapping[str, str]
) -> Iterator[Contradiction]:
    """Yield contradictions between documents that have an identifier of their title in common, one a pair of them.

    Near-duplicates are left out: they are versions of one text, and shown as such.
    """
    read: dict[str, list[Unit]] = {}
    for about, group in _groups(documents):
        for first, second in combinations(group, 2):
            family = duplicates.get(first.id, first.id) == duplicates.get(second.id, second.id)
            if family or not _same_subject(about, first.title, second.title):
                continue
            for one in (first, second):
                if one.id not in read:
                    read[one.id] = _figured(reader, one.id)
            found = _pair(read[first.id], read[second.id])
            if found is not None:
                yield Contradiction(about, *found)


def _groups(documents: Sequence[DocumentFacts]) -> Iterator[tuple[str, list[DocumentFacts]]]:
    named: dict[str, list[DocumentFacts]] = defaultdict(list)
    written: dict[str, str] = {}
    for facts in documents:
        if facts.status is DocumentStatus.CURRENT and facts.kind in _PLAIN_KINDS:
            for found in find_identifiers(facts.title):
                named[found.key].append(facts)
                written.setdefault(found.key, found.text)
    for key in sorted(named):
        if 2 <= len(named[key]) <= _LARGEST_GROUP:
            yield written[key], named[key]


def _same_subject(about: str, first: str, second: str) -> bool:
    """Whether two titles agree beside the name that they share; one version's facts do not contradict another's."""
    if _NUMBER.findall(first.replace(about, "")) != _NUMBER.findall(second.replace(about, "")):
        return False
    words = [{stem(word) for word in content_words(title.replace(about, " "))} for title in (first, second)]
    fewer = min(map(len, words))
    return fewer == 0 or len(words[0] & words[1]) / fewer > _MIN_LIKENESS_OF_TITLES


def _figured(reader: IndexReader, document_id: str) -> list[Unit]:
    """Return the statements of a document that hold figures with a measure."""
    said = (unit for stored in reader.passages_of(document_id) if not stored.passage.flags for unit in units(stored))
    return [unit for unit in said if may_contradict(unit) and any(figures_of(unit.quote))]


def _pair(first: Sequence[Unit], second: Sequence[Unit]) -> tuple[Unit, Unit] | None:
    for one in first:
        for other in second:
            ours, theirs = figures_of(one.quote), figures_of(other.quote)
            shared = [measure for measure in ours.keys() & theirs.keys() if measure]
            if any(not ours[measure].keys() & theirs[measure].keys() for measure in shared) and _alike(one, other):
                return one, other
    return None


def _alike(one: Unit, other: Unit) -> bool:
    words = [{stem(word) for word in content_words(said_by(unit)) if not word.isdigit()} for unit in (one, other)]
    shared = words[0] & words[1]
    return len(shared) >= _MIN_SHARED and len(shared) / (min(map(len, words)) or 1) >= _MIN_LIKENESS
