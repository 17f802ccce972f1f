"""What a past incident was, from its postmortem: what it did, why it came about, and what ended it."""

import re
from collections.abc import Sequence

from api.answering.evidence import CAUSE_HEADING, Evidence
from api.answering.scoring import best_units
from api.answering.units import Unit
from api.answering.views import PassageViews
from ingest.knowledge.passages import StoredPassage

_ENDED = re.compile(r"resol|mitigat|remed|recover|\bfix|solution|workaround|what went well|response", re.IGNORECASE)
_WAS = re.compile(r"summary|overview|impact|description|synopsis|issue|symptom|background", re.IGNORECASE)
_LATER = re.compile(r"action|follow|todo|next step|prevent|lesson|improve|timeline|when\b", re.IGNORECASE)
_OF_WAS, _OF_CAUSE, _OF_END = 2, 4, 4  # units
_MATCHING = 2  # units of the section that was found, by its words


def incident_units(evidence: Evidence, views: PassageViews) -> list[Unit]:
    """Return what the report says, in document order; nothing where it has no section on a cause or an end.

    What was to be done later, and the timeline, answer nobody who tells of a symptom.
    """
    cause = [stored for stored in evidence.document if _told(stored, CAUSE_HEADING)]
    ended = [stored for stored in evidence.document if _told(stored, _ENDED)]
    if not cause and not ended:
        return []
    was = [stored for stored in evidence.document if _told(stored, _WAS)]
    near = best_units(evidence.ask, _units(evidence.section, views), at_most=_MATCHING)
    chosen = [
        *_first(was, views, _OF_WAS),
        *_first(cause, views, _OF_CAUSE),
        *_first(ended, views, _OF_END),
        *(near if not _told(evidence.section[0], _LATER) else ()),
    ]
    unique = {(unit.span.start, unit.span.end): unit for unit in chosen}
    return [unique[place] for place in sorted(unique)]


def _told(stored: StoredPassage, pattern: re.Pattern[str]) -> bool:
    path = stored.passage.heading_path
    last = path[-1] if path else ""
    if pattern is _LATER:
        return bool(pattern.search(last))
    return bool(pattern.search(last)) and not _LATER.search(last)


def _first(members: Sequence[StoredPassage], views: PassageViews, at_most: int) -> list[Unit]:
    """Return the opening of some sections, where a writer says the most important first."""
    return _units(members, views)[:at_most]


def _units(members: Sequence[StoredPassage], views: PassageViews) -> list[Unit]:
    return [unit for stored in members for unit in views.of(stored).units]
