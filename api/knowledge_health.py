"""What is wrong with the documents: out of date, unused, contradicting, broken, missing, repeated, flagged."""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.answering.contradictions import find_contradictions
from api.catalogues import Structure
from api.schemas.structure import NamedDocument
from api.schemas.upkeep import (
    Contradiction,
    DeadLink,
    DuplicateGroup,
    FlaggedDocument,
    KnowledgeHealth,
    OldDocument,
    ServiceGap,
)
from api.serving import ServedKnowledge, Serving
from api.structure_pages import Places, named_document
from ingest.knowledge.dead_links import dead_links
from ingest.knowledge.documents import DocumentFacts, DocumentStatus
from ingest.knowledge.manifest import ManifestRow

LONGEST_LIST = 100


@dataclass(frozen=True, slots=True)
class Retrievals:
    """How often each document was retrieved since some time; None where nothing was counted yet."""

    since: datetime | None
    counts: Mapping[str, int]


class KnowledgeHealthReport:
    """The report over the generation being served; put together once a generation, but for retrievals.

    `rows` returns what ingest knows of every document, `counted` how often each was retrieved.
    """

    def __init__(
        self, knowledge: ServedKnowledge, rows: Callable[[], list[ManifestRow]], counted: Callable[[], Retrievals]
    ) -> None:
        self._knowledge, self._rows, self._counted = knowledge, rows, counted
        self._lock = threading.Lock()
        self._kept: KnowledgeHealth | None = None

    def health(self) -> KnowledgeHealth:
        """Return the report."""
        with self._knowledge.reading() as serving:
            structure = serving.catalogues.structure()
            with self._lock:
                if self._kept is None or self._kept.generation != serving.description.generation:
                    self._kept = _report(serving, structure, self._rows())
                kept = self._kept
            return self._with_retrievals(kept, structure)

    def _with_retrievals(self, report: KnowledgeHealth, structure: Structure) -> KnowledgeHealth:
        found = self._counted()
        if found.since is None:
            return report
        never = [named_document(facts) for key, facts in structure.facts.items() if not found.counts.get(key)]
        totals = {**report.totals, "never_retrieved": len(never)}
        changes = {"never_retrieved": never[:LONGEST_LIST], "totals": totals, "retrieved_since": found.since}
        return report.model_copy(update=changes)


def _report(serving: Serving, structure: Structure, rows: Sequence[ManifestRow]) -> KnowledgeHealth:
    places = Places(serving, structure)
    facts = list(structure.facts.values())
    lists: dict[str, list[Any]] = {
        "oldest": _oldest(facts),
        "overdue": _overdue(facts),
        "contradictions": list(_contradictions(serving, structure, places)),
        "dead_links": list(_dead_links(structure, rows, places)),
        "alerts_without_runbook": [entry.name for entry in structure.alerts if not entry.has_runbook],
        "services_without_architecture": list(_gaps(structure)),
        "duplicates": list(_duplicates(structure)),
        "flagged": list(_flagged(serving, structure, rows)),
    }
    return KnowledgeHealth.model_validate(
        {
            "generation": serving.description.generation,
            "checked_at": datetime.now(UTC),
            "secrets": sum(row.secrets for row in rows if row.document_id not in serving.hidden),
            "totals": {name: len(found) for name, found in lists.items()},
            **{name: found[:LONGEST_LIST] for name, found in lists.items()},
        }
    )


def _oldest(facts: Sequence[DocumentFacts]) -> list[OldDocument]:
    dated = [one for one in facts if one.updated_at is not None and one.status is DocumentStatus.CURRENT]
    dated.sort(key=lambda one: (one.updated_at, one.source, one.path))
    return [_old(one) for one in dated]


def _overdue(facts: Sequence[DocumentFacts]) -> list[OldDocument]:
    today = datetime.now(UTC).date()
    late = [one for one in facts if one.review_by is not None and one.review_by < today]
    return [_old(one) for one in sorted(late, key=lambda one: (str(one.review_by), one.source, one.path))]


def _old(facts: DocumentFacts) -> OldDocument:
    return OldDocument(document=named_document(facts), updated_at=facts.updated_at, review_by=facts.review_by)


def _contradictions(serving: Serving, structure: Structure, places: Places) -> Iterator[Contradiction]:
    for found in find_contradictions(serving.reader, list(structure.facts.values()), structure.duplicates):
        first = places.at(found.first.stored.document.id, found.first.span)
        second = places.at(found.second.stored.document.id, found.second.span)
        if first is not None and second is not None:
            yield Contradiction(about=found.about, first=first, second=second)


def _dead_links(structure: Structure, rows: Sequence[ManifestRow], places: Places) -> Iterator[DeadLink]:
    listed: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        listed[row.source].add(row.path)
    known: Mapping[str, Collection[str]] = listed
    for found in dead_links(list(structure.facts.values()), structure.extracts, listed=known):
        stated = places.at(found.document_id, found.link.span)
        if stated is not None:
            yield DeadLink(stated=stated, target=found.link.target)


def _gaps(structure: Structure) -> Iterator[ServiceGap]:
    for service in structure.services:
        documents = len(service.runbooks) + len(service.postmortems) + len(service.alerts)
        if documents and not service.architecture:
            yield ServiceGap(name=service.name, documents=documents)


def _duplicates(structure: Structure) -> Iterator[DuplicateGroup]:
    families: dict[str, list[str]] = defaultdict(list)
    for other, leader in structure.duplicates.items():
        families[leader].append(other)
    for leader, others in sorted(families.items(), key=lambda family: (-len(family[1]), family[0])):
        facts = [structure.facts[key] for key in (leader, *sorted(others)) if key in structure.facts]
        if len(facts) > 1:
            yield DuplicateGroup(documents=[named_document(one) for one in facts])


def _flagged(serving: Serving, structure: Structure, rows: Sequence[ManifestRow]) -> Iterator[FlaggedDocument]:
    for row in rows:
        facts = structure.facts.get(row.document_id)
        if row.hostile and facts is not None:
            stored = serving.reader.passages_of(facts.id)
            flags = dict.fromkeys(flag for one in stored for flag in one.passage.flags)
            document: NamedDocument = named_document(facts)
            yield FlaggedDocument(document=document, flags=list(flags), passages=row.hostile)
