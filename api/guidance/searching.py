"""Find guidance in the index: runbooks with their steps, and past incidents, as far as the asker may read them."""

from collections.abc import Sequence
from dataclasses import replace

from api.answering.answer import StatementKind
from api.answering.units import Unit, units
from api.investigation.guidance import LedgerStep, PastIncident, Runbook, Source
from api.retrieval.search import Hit, Searcher
from ingest.knowledge.destruction import destruction
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.passages import PassageFilter, StoredPassage

_LONGEST_QUERY = 400  # characters
_STEPS = (StatementKind.STEP, StatementKind.COMMAND, StatementKind.ITEM)
_MOST_STEPS = 40


class SearchedKnowledge:
    """Guidance from a search; the searcher's reader (api.visibility) leaves out what the asker may not read."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def runbooks(self, alert: str, component: str, words: Sequence[str], *, limit: int) -> Sequence[Runbook]:
        """Return runbooks, best first, with every step open."""
        hits = self._search((alert, component, *words), DocumentKind.RUNBOOK, limit)
        return tuple(self._runbook(hit) for hit in hits)

    def similar(self, words: Sequence[str], *, limit: int) -> Sequence[PastIncident]:
        """Return past incidents of different documents, best first, not yet re-checked."""
        hits = self._search(words, DocumentKind.POSTMORTEM, limit)
        return tuple(
            PastIncident(hit.stored.document.title, _source(hit.stored), hit.stored.passage.text) for hit in hits
        )

    def _search(self, words: Sequence[str], kind: DocumentKind, limit: int) -> list[Hit]:
        query = " ".join(word for word in words if word)[:_LONGEST_QUERY].strip()
        if not query:
            return []
        where = PassageFilter(kinds=(kind,))
        return self._searcher.search(query, limit=limit, where=where, per_document=1)

    def _runbook(self, hit: Hit) -> Runbook:
        passages = self._searcher.reader.passages_of(hit.stored.document.id)
        # What addresses a language model is shown as a place with its marks, and no step is taken from it.
        said = (unit for stored in passages if not stored.passage.flags for unit in units(stored))
        steps = [_step(unit) for unit in said if unit.kind in _STEPS]
        flags = tuple(dict.fromkeys(flag for stored in passages for flag in stored.passage.flags))
        source = replace(_source(hit.stored), flags=flags)
        return Runbook(hit.stored.document.title, source, tuple(steps[:_MOST_STEPS]))


def _step(unit: Unit) -> LedgerStep:
    is_command = unit.kind is StatementKind.COMMAND
    return LedgerStep(unit.text, _source(unit.stored, unit), is_command, destruction(unit.quote))


def _source(stored: StoredPassage, unit: Unit | None = None) -> Source:
    document, span = stored.document, unit.span if unit else stored.passage.span
    return Source(
        document=document.id,
        title=document.title,
        path=document.path,
        revision=document.revision,
        first_line=span.line_start,
        last_line=span.line_end,
        url=document.url,
        flags=stored.passage.flags,
    )
