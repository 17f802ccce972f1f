"""What the documents of one generation state as structure, put together on first use and kept with it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.knowledge.alert_catalogue import AlertEntry, alert_catalogue
from ingest.knowledge.document_links import LinkResolver
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.extracts import DocumentExtract
from ingest.knowledge.index import IndexReader
from ingest.knowledge.services import Service, fold_component, service_catalogue


@dataclass(frozen=True, slots=True)
class Structure:
    """Documents, extracts, services and alerts of a generation; services by folded name and alias too."""

    facts: Mapping[str, DocumentFacts]
    extracts: tuple[DocumentExtract, ...]
    services: tuple[Service, ...]
    by_name: Mapping[str, Service]
    alerts: tuple[AlertEntry, ...]
    duplicates: Mapping[str, str]


@dataclass(slots=True)
class Catalogues:
    """The structure of the generation behind `reader`; threads share what the first of them puts together."""

    reader: IndexReader
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _built: Structure | None = None

    def structure(self) -> Structure:
        """Return the structure; the first call takes seconds for thousands of documents."""
        with self._lock:
            if self._built is None:
                self._built = _structure(self.reader)
            return self._built


def _structure(reader: IndexReader) -> Structure:
    documents = reader.documents()
    extracts = tuple(reader.extracts())
    services = service_catalogue(documents, extracts)
    names = {fold_component(alias): service for service in services for alias in service.aliases}
    names.update((fold_component(service.name), service) for service in services)
    return Structure(
        facts={facts.id: facts for facts in documents},
        extracts=extracts,
        services=services,
        by_name=names,
        alerts=alert_catalogue(documents, extracts, LinkResolver(documents)),
        duplicates=reader.duplicates(),
    )
