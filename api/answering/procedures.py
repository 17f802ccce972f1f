"""The steps that answer an ask: those of a section in order, or of all of a runbook that is about what is asked."""

import re
from collections.abc import Sequence

from api.answering.answer import StatementKind
from api.answering.asks import Ask
from api.answering.evidence import Evidence, is_about
from api.answering.scoring import best_units, unit_score
from api.answering.units import Unit
from api.answering.views import PassageViews
from api.retrieval.words import stems
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.passages import StoredPassage

PROCEDURE_HEADING = re.compile(
    r"diagnos|mitigat|remed|resol|fix|steps?\b|procedure|what to do|action|recover|respon|troubleshoot|check|"
    r"verif|rollback|roll back|restore|how to|solution|workaround|investigat|debug",
    re.IGNORECASE,
)
_MEANING_HEADING = re.compile(r"meaning|summary|overview|description|about|symptom|impact|alert", re.IGNORECASE)
RUNBOOKS = (DocumentKind.RUNBOOK, DocumentKind.ALERT)
"""Documents whose steps are followed from the first one."""

_OF_A_SECTION = 8  # units that name what is asked for in a section that is about something else
_OF_PROSE = 4  # sentences of a passage without steps under a heading such as "Diagnosis"
_ROWS = 3  # rows of a table
_LONG = 12  # units; of a longer section whose heading tells of something else, the stretch that fits best
_ABOUT = 0.4  # share of the ask's words in the headings of a section that is about it
_WIDEST = 12_000  # characters; a larger part of a document is not about one thing


def procedure(evidence: Evidence, views: PassageViews) -> list[Unit]:
    """Return the steps of a section in order; for what has a runbook or a part of one, of all procedures in it."""
    ask = evidence.ask
    members: Sequence[StoredPassage] = evidence.section
    about = is_about(ask, members)
    acting = any(views.of(stored).acts for stored in members)
    if ask.identifiers and not about:
        if not any(views.of(stored).acts and _heading_matches(stored, PROCEDURE_HEADING) for stored in members):
            return best_units(ask, _units(members, views), at_most=_OF_A_SECTION)
    elif (about and (not ask.terms or ask.alert)) or not acting or (ask.told and not _has_procedure(members)):
        members = _procedural(_own_part(evidence), views) or members
    chosen = _fitting_rows(ask, _steps(ask, members, views))
    runbook = evidence.hit.stored.document.kind in RUNBOOKS  # its first steps are not to be passed over
    fits = runbook or bool(ask.identifiers) or _headings_cover(ask, evidence.section[0])
    return chosen if fits or len(chosen) <= _LONG else _stretch(ask, chosen)


def _own_part(evidence: Evidence) -> Sequence[StoredPassage]:
    """Return the part of the document that is about what is asked.

    That is the part below the heading that names it, where many alerts share a document, else the part that the
    section belongs to, else the document where its path or title names it.
    """
    document, path = evidence.document, evidence.section[0].passage.heading_path
    for level, heading in enumerate(path, start=1):
        if any(key in fold_identifier(heading) for _, key in evidence.ask.identifiers):
            return _below(document, path[:level])
    if evidence.ask.identifiers:
        return document
    around = _below(document, path[:-1])
    return around if sum(len(one.passage.text) for one in around) <= _WIDEST else evidence.section


def _below(document: Sequence[StoredPassage], path: tuple[str, ...]) -> list[StoredPassage]:
    return [stored for stored in document if stored.passage.heading_path[: len(path)] == path]


def _procedural(part: Sequence[StoredPassage], views: PassageViews) -> list[StoredPassage]:
    """Return what the thing is, and the passages that say what to do; none where none do."""
    steps = [stored for stored in part if _heading_matches(stored, PROCEDURE_HEADING) and views.of(stored).units]
    intro = [stored for stored in part if _heading_matches(stored, _MEANING_HEADING)][:1] or list(part[:1])
    unique = {stored.passage.id: stored for stored in (*intro, *steps)}
    return list(unique.values()) if steps else []


def _steps(ask: Ask, members: Sequence[StoredPassage], views: PassageViews) -> list[Unit]:
    chosen: list[Unit] = []
    for position, stored in enumerate(members):
        view = views.of(stored)
        if view.acts or (view.units and view.units[0].kind is StatementKind.TABLE_ROW):
            chosen.extend(view.units)
        elif _heading_matches(stored, PROCEDURE_HEADING):
            chosen.extend(view.units[:_OF_PROSE])
        elif position == 0 or len(members) == 1:
            chosen.extend(view.units[:2])
        else:
            chosen.extend(best_units(ask, view.units, at_most=1))
    return chosen


def _fitting_rows(ask: Ask, chosen: Sequence[Unit]) -> list[Unit]:
    """Leave out rows of tables that tell of something else, as the other alerts of a list do."""
    rows = [unit for unit in chosen if unit.kind is StatementKind.TABLE_ROW]
    fitting = {unit.span for unit in best_units(ask, rows, at_most=_ROWS)}
    return [unit for unit in chosen if unit.kind is not StatementKind.TABLE_ROW or unit.span in fitting]


def _stretch(ask: Ask, chosen: Sequence[Unit]) -> list[Unit]:
    """Return the stretch of units that holds most of the ask: the rest of a long section is about something else."""
    scores = [unit_score(ask, unit) for unit in chosen]
    start = max(range(len(chosen) - _LONG + 1), key=lambda at: (sum(scores[at : at + _LONG]), -at))
    return list(chosen[start : start + _LONG])


def _has_procedure(members: Sequence[StoredPassage]) -> bool:
    return any(_heading_matches(stored, PROCEDURE_HEADING) for stored in members)


def _headings_cover(ask: Ask, stored: StoredPassage) -> bool:
    words = frozenset(stems(" ".join((stored.document.title, *stored.passage.heading_path))))
    return ask.coverage(words) >= _ABOUT


def _heading_matches(stored: StoredPassage, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(heading) for heading in stored.passage.heading_path[1:])


def _units(members: Sequence[StoredPassage], views: PassageViews) -> list[Unit]:
    return [unit for stored in members for unit in views.of(stored).units]
