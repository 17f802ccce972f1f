"""Which units of the evidence are said: sentences that speak of the ask, the steps, or what an incident was."""

from collections.abc import Sequence

from api.answering.asks import Ask, Wanted
from api.answering.evidence import CAUSE_HEADING, Evidence
from api.answering.incident_reports import incident_units
from api.answering.procedures import RUNBOOKS, procedure
from api.answering.scoring import best_units
from api.answering.units import Unit
from api.answering.views import PassageViews
from api.retrieval.words import stems
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.passages import StoredPassage

MAX_UNITS = 30
"""Most statements that one ask gets; the answer's warnings tell how many more there are."""

_MOST_FACTS = 5
_MOST_CAUSES = 6
_MOST_UNDER_HEADING = 8
_ASKED_BY_HEADING = 0.7  # share of the ask's words in a heading that puts the same question


def select(evidence: Evidence, views: PassageViews) -> tuple[Unit, ...]:
    """Return the units that answer the ask, in document order; a procedure whole.

    Who tells of a symptom and asks nothing is told what a past incident was, or what a runbook has done about it.
    """
    ask, kind = evidence.ask, evidence.hit.stored.document.kind
    if ask.told and kind is DocumentKind.POSTMORTEM and (found := incident_units(evidence, views)):
        return tuple(found)
    if ask.wanted is Wanted.PROCEDURE or (ask.told and kind in RUNBOOKS):
        return tuple(procedure(evidence, views))
    if ask.wanted is not Wanted.FIGURE and _asked_by_heading(evidence):
        return tuple(_units(evidence.section, views)[:_MOST_UNDER_HEADING])
    if ask.wanted is Wanted.CAUSE and kind is DocumentKind.POSTMORTEM:
        causes = [stored for stored in evidence.document if _tells_causes(stored)]
        if causes:
            return tuple(_units(causes, views)[:_MOST_CAUSES])
    return tuple(best_units(ask, _units(evidence.section, views), at_most=_MOST_FACTS))


def _asked_by_heading(evidence: Evidence) -> bool:
    """Whether the section's own heading puts the question, so that what stands under it is the answer."""
    path = evidence.section[0].passage.heading_path
    return bool(path) and bool(evidence.ask.terms) and _covers(evidence.ask, path[-1])


def _covers(ask: Ask, heading: str) -> bool:
    held = frozenset(stems(heading))
    counted = sum(term.stem in held for term in ask.terms) / len(ask.terms)
    return min(counted, ask.coverage(held)) >= _ASKED_BY_HEADING


def _tells_causes(stored: StoredPassage) -> bool:
    path = stored.passage.heading_path
    return bool(path and CAUSE_HEADING.search(path[-1]))


def _units(members: Sequence[StoredPassage], views: PassageViews) -> list[Unit]:
    return [unit for stored in members for unit in views.of(stored).units]
