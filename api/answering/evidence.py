"""Where the answer to one ask stands: the best section, how much of the ask it covers, and its units."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.answering.answer import StatementKind
from api.answering.asks import Ask, Wanted
from api.answering.units import Unit, units
from api.retrieval.search import Hit, Searcher
from api.retrieval.words import stems
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.passages import StoredPassage

MAX_UNITS = 30
"""Most statements that one ask gets; the rest of a long procedure is a click away."""

_PROCEDURE_HEADING = re.compile(
    r"diagnos|mitigat|remed|resol|fix|steps?\b|procedure|what to do|action|recover|respon|troubleshoot|check|verif|rollback|"
    r"roll back|restore|how to|solution|workaround|investigat|debug",
    re.IGNORECASE,
)
_MEANING_HEADING = re.compile(r"meaning|summary|overview|description|about|symptom|impact|alert", re.IGNORECASE)
_CAUSE_HEADING = re.compile(r"root cause|cause|trigger|what happened|why|contributing|analysis", re.IGNORECASE)
_IMPERATIVE_KINDS = (StatementKind.STEP, StatementKind.COMMAND, StatementKind.ITEM)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Section:
    """Passages of one document under one heading path, with the best hit among them."""

    passages: tuple[StoredPassage, ...]
    hit: Hit
    stems: frozenset[str]

    @property
    def heading(self) -> str:
        """The innermost heading."""
        path = self.passages[0].passage.heading_path
        return path[-1] if path else ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for one ask: its section, the share of the ask's words that it covers (0..1), its units.

    `absent` are the identifiers, as written, that the document does not hold.
    """

    ask: Ask
    section: Section
    coverage: float
    cosine: float
    absent: tuple[str, ...]
    units: tuple[Unit, ...]


def gather(ask: Ask, hits: Sequence[Hit], searcher: Searcher) -> list[Evidence]:
    """Return the evidence for an ask from the best sections, best first."""
    documents: dict[str, list[StoredPassage]] = {}
    found: list[tuple[float, Evidence]] = []
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for hit in hits:
        document = hit.stored.document.id
        key = (document, hit.stored.passage.heading_path)
        if key in seen:
            continue
        seen.add(key)
        if document not in documents:
            documents[document] = searcher.reader.passages_of(document)
        evidence = _weigh(ask, hit, documents[document])
        found.append((hit.score * (0.4 + evidence.coverage) * _fit(ask, evidence.section), evidence))
    found.sort(key=lambda scored: -scored[0])
    return [evidence for _, evidence in found]


def _weigh(ask: Ask, hit: Hit, document: Sequence[StoredPassage]) -> Evidence:
    section = _section(hit, document)
    absent = tuple(name for name, key in ask.identifiers if not _holds(document, key))
    coverage = ask.coverage(set(section.stems))
    return Evidence(ask, section, coverage, hit.cosine or 0.0, absent, _select(ask, section, document))


def _section(hit: Hit, document: Sequence[StoredPassage]) -> Section:
    path = hit.stored.passage.heading_path
    members = tuple(stored for stored in document if stored.passage.heading_path[: len(path)] == path)
    if not path or sum(len(stored.passage.text) for stored in members) > 6_000:
        members = tuple(stored for stored in members if stored.passage.heading_path == path)
    members = members or (hit.stored,)
    words = stems(" ".join([hit.stored.document.path, *(stored.passage.index_text for stored in members)]))
    return Section(members, hit, frozenset(words))


def _holds(document: Iterable[StoredPassage], key: str) -> bool:
    return any(
        key in stored.passage.identifiers
        or key in fold_identifier(f"{stored.document.path} {stored.passage.index_text}")
        for stored in document
    )


def _fit(ask: Ask, section: Section) -> float:
    """Return a factor above 1 for a section of the kind that the ask wants."""
    pieces = [unit for stored in section.passages for unit in units(stored)]
    match ask.wanted:
        case Wanted.PROCEDURE:
            acts = any(unit.kind in (StatementKind.STEP, StatementKind.COMMAND) for unit in pieces)
            return 1.3 if acts else 1.0
        case Wanted.CAUSE:
            past = section.passages[0].document.kind is DocumentKind.POSTMORTEM
            return (1.5 if _CAUSE_HEADING.search(section.heading) else 1.0) * (1.3 if past else 1.0)
        case Wanted.FIGURE:
            return 1.1 if any(_DIGIT.search(unit.quote) for unit in pieces) else 0.8
        case Wanted.FACT:
            return 1.0


def _select(ask: Ask, section: Section, document: Sequence[StoredPassage]) -> tuple[Unit, ...]:
    if ask.wanted is Wanted.PROCEDURE:
        return tuple(_procedure(ask, section, document))
    pieces = [unit for stored in section.passages for unit in units(stored)]
    if ask.wanted is Wanted.CAUSE:
        causes = [s for s in document if s.passage.heading_path and _CAUSE_HEADING.search(s.passage.heading_path[-1])]
        if causes:
            return tuple([unit for stored in causes for unit in units(stored)][:6])
    return tuple(_best(ask, pieces, at_most=5))


def _procedure(ask: Ask, section: Section, document: Sequence[StoredPassage]) -> list[Unit]:
    """Return the steps of a section in order; for a runbook asked for by name, of all of its procedural sections."""
    members: Sequence[StoredPassage] = section.passages
    if ask.identifiers and not _is_about(ask, members):
        mentions = _best(ask, [unit for stored in members for unit in units(stored)], at_most=8)
        if not any(_acts(stored) and _heading_matches(stored, _PROCEDURE_HEADING) for stored in members):
            return mentions
    elif (ask.identifiers and not ask.terms) or not any(_acts(stored) for stored in members):
        procedural = [s for s in document if _heading_matches(s, _PROCEDURE_HEADING) and _acts(s)]
        intro = [s for s in document if _heading_matches(s, _MEANING_HEADING)][:1] or list(document[:1])
        members = list(dict.fromkeys([*intro, *procedural])) if procedural else members
    chosen: list[Unit] = []
    for position, stored in enumerate(members):
        pieces = units(stored)
        if not _acts(stored):
            pieces = pieces[:2] if position == 0 or len(members) == 1 else _best(ask, pieces, at_most=1)
        chosen.extend(pieces)
    return chosen[:MAX_UNITS]


def _is_about(ask: Ask, members: Sequence[StoredPassage]) -> bool:
    """Whether the names asked for stand in a title, a path or a heading, not just somewhere in the text."""
    first = members[0]
    about = fold_identifier(" ".join((first.document.path, first.document.title, *first.passage.heading_path)))
    return any(key in about for _, key in ask.identifiers)


def _acts(stored: StoredPassage) -> bool:
    return any(unit.kind in _IMPERATIVE_KINDS for unit in units(stored))


def _heading_matches(stored: StoredPassage, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(heading) for heading in stored.passage.heading_path[1:])


def _best(ask: Ask, pieces: Sequence[Unit], *, at_most: int) -> list[Unit]:
    """Return the units that hold most of the ask's words, in document order."""
    scored = [(_unit_score(ask, unit), number) for number, unit in enumerate(pieces)]
    if not scored:
        return []
    top = max(score for score, _ in scored)
    good = [(score, number) for score, number in scored if score >= max(0.5 * top, 0.15)]
    kept = sorted(number for _, number in sorted(good, key=lambda item: (-item[0], item[1]))[:at_most])
    return [pieces[number] for number in kept]


def _unit_score(ask: Ask, unit: Unit) -> float:
    folded = fold_identifier(unit.quote)
    named = sum(key in folded for _, key in ask.identifiers)
    score = ask.coverage(stems(f"{unit.header or ''} {unit.quote}")) if ask.terms else 0.0
    if unit.kind is StatementKind.TABLE_ROW and ask.identifiers and not named:
        score *= 0.3
    if ask.wanted is Wanted.FIGURE:
        score *= 1.3 if _DIGIT.search(unit.quote) else 0.5
    return (score + named) * (0.6 if len(unit.quote) < 25 else 1.0)
