"""Which units of the evidence are said: sentences that speak of the ask, or a procedure's steps in order."""

import re
from collections.abc import Sequence

from api.answering.answer import StatementKind
from api.answering.asks import Ask, Wanted
from api.answering.evidence import CAUSE_HEADING, Evidence, is_about
from api.answering.units import Unit
from api.answering.views import PassageViews
from api.retrieval.words import stems
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.passages import StoredPassage

MAX_UNITS = 30
"""Most statements that one ask gets; the answer's warnings tell how many more there are."""

_MOST_FACTS = 5
_MOST_CAUSES = 6
_PROCEDURE_HEADING = re.compile(
    r"diagnos|mitigat|remed|resol|fix|steps?\b|procedure|what to do|action|recover|respon|troubleshoot|check|"
    r"verif|rollback|roll back|restore|how to|solution|workaround|investigat|debug",
    re.IGNORECASE,
)
_MEANING_HEADING = re.compile(r"meaning|summary|overview|description|about|symptom|impact|alert", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SHORT = 25  # characters; a shorter unit rarely says something alone


def select(evidence: Evidence, views: PassageViews) -> tuple[Unit, ...]:
    """Return the units that answer the ask, in document order; a procedure whole."""
    ask = evidence.ask
    if ask.wanted is Wanted.PROCEDURE:
        return tuple(_procedure(evidence, views))
    if ask.wanted is Wanted.CAUSE:
        causes = [stored for stored in evidence.document if _last_heading_matches(stored, CAUSE_HEADING)]
        if causes:
            return tuple(_units(causes, views)[:_MOST_CAUSES])
    return tuple(_best(ask, _units(evidence.section, views), at_most=_MOST_FACTS))


def _procedure(evidence: Evidence, views: PassageViews) -> list[Unit]:
    """Return the steps of a section in order; for a runbook asked for by name, of all of its procedural sections."""
    ask, document = evidence.ask, evidence.document
    members: Sequence[StoredPassage] = evidence.section
    about = is_about(ask, members)
    if ask.identifiers and not about:
        if not any(views.of(stored).acts and _heading_matches(stored, _PROCEDURE_HEADING) for stored in members):
            return _best(ask, _units(members, views), at_most=8)
    elif (about and (not ask.terms or ask.alert)) or not any(views.of(stored).acts for stored in members):
        procedural = [s for s in document if _heading_matches(s, _PROCEDURE_HEADING) and views.of(s).acts]
        intro = [s for s in document if _heading_matches(s, _MEANING_HEADING)][:1] or list(document[:1])
        unique = {stored.passage.id: stored for stored in (*intro, *procedural)}
        members = list(unique.values()) if procedural else members
    chosen: list[Unit] = []
    for position, stored in enumerate(members):
        pieces: Sequence[Unit] = views.of(stored).units
        if not views.of(stored).acts:
            pieces = pieces[:2] if position == 0 or len(members) == 1 else _best(ask, pieces, at_most=1)
        chosen.extend(pieces)
    return chosen


def _best(ask: Ask, pieces: Sequence[Unit], *, at_most: int) -> list[Unit]:
    """Return the units that hold most of the ask's words, in document order."""
    scored = [(_score(ask, unit), number) for number, unit in enumerate(pieces)]
    if not scored:
        return []
    top = max(score for score, _ in scored)
    good = [(score, number) for score, number in scored if score >= max(0.5 * top, 0.15)]
    kept = sorted(number for _, number in sorted(good, key=lambda item: (-item[0], item[1]))[:at_most])
    return [pieces[number] for number in kept]


def _score(ask: Ask, unit: Unit) -> float:
    folded = fold_identifier(unit.quote)
    named = sum(key in folded for _, key in ask.identifiers)
    score = ask.coverage(frozenset(stems(f"{unit.header or ''} {unit.quote}"))) if ask.terms else 0.0
    if unit.kind is StatementKind.TABLE_ROW and ask.identifiers and not named:
        score *= 0.3
    if ask.wanted is Wanted.FIGURE:
        score *= 1.3 if _DIGIT.search(unit.quote) else 0.5
    return (score + named) * (0.6 if len(unit.quote) < _SHORT else 1.0)


def _units(members: Sequence[StoredPassage], views: PassageViews) -> list[Unit]:
    return [unit for stored in members for unit in views.of(stored).units]


def _heading_matches(stored: StoredPassage, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(heading) for heading in stored.passage.heading_path[1:])


def _last_heading_matches(stored: StoredPassage, pattern: re.Pattern[str]) -> bool:
    path = stored.passage.heading_path
    return bool(path and pattern.search(path[-1]))
