"""From a question to an answer without an LLM: verbatim spans, an outcome with its reason, and the gaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from textwrap import shorten

from api.answering.answer import Answer, CalibrationFacts, Citation, Confidence, Outcome, Statement, StatementKind
from api.answering.asks import Wanted, asks
from api.answering.assessment import Assessment, CertaintyAssessor
from api.answering.conflicts import Conflict, find_conflict
from api.answering.evidence import Evidence, gather
from api.answering.selection import MAX_UNITS, select
from api.answering.sufficiency import Verdict, judge
from api.answering.units import Unit
from api.answering.views import PassageViews
from api.retrieval.query import Query, understand
from api.retrieval.search import Found, Hit, Searcher
from api.retrieval.words import stems
from ingest.knowledge.destruction import destruction
from ingest.knowledge.documents import DocumentStatus
from ingest.knowledge.passages import PassageFilter

CONSIDERED = 18
"""Passages looked at for an answer."""

_NEAREST = 3
_PART_WIDTH = 60
_MAX_STATEMENTS = 40

OnEvidence = Callable[[Sequence[Hit]], None]


@dataclass(frozen=True, slots=True)
class Considered:
    """A question with what was found for it, and the verdict on each of the things it asks for."""

    query: Query
    found: Found
    verdicts: tuple[Verdict, ...]
    assessor: CertaintyAssessor


class Answerer:
    """Answer questions over one generation of the index; safe to use from several threads."""

    def __init__(self, searcher: Searcher, assessment: Assessment | None = None) -> None:
        self._searcher = searcher
        self._assessment = assessment or Assessment()
        self._views = PassageViews()

    def answer(
        self, question: str, where: PassageFilter | None = None, on_evidence: OnEvidence | None = None
    ) -> Answer:
        """Answer a question, or abstain with the nearest passages.

        `on_evidence` is called with the passages before statements are chosen. Raises UsageError for an
        empty or overlong question.
        """
        considered = self.consider(question, where, on_evidence)
        calibration = considered.assessor.calibration
        facts = calibration.facts if calibration else None
        answer = compose(question, considered.verdicts, considered.found.hits, self._views, facts)
        return replace(answer, warnings=(*answer.warnings, *considered.found.notes))

    def consider(
        self, question: str, where: PassageFilter | None = None, on_evidence: OnEvidence | None = None
    ) -> Considered:
        """Search, and judge what was found for each thing that a question asks for."""
        query = understand(question)
        found = self._searcher.look(query, limit=CONSIDERED, where=where, per_document=3)
        if on_evidence is not None:
            on_evidence(found.hits)
        parts = asks(query, lambda word: self._searcher.term_score(word, where))
        assessor = CertaintyAssessor(query, found, self._assessment, self._searcher.family, several=len(parts) > 1)
        verdicts = [
            judge(
                ask,
                gather(ask, found.hits, self._searcher, self._views),
                lambda evidence: select(evidence, self._views),
                assessor,
            )
            for ask in parts
        ]
        return Considered(query, found, tuple(verdicts), assessor)


def compose(
    question: str,
    verdicts: Sequence[Verdict],
    hits: Sequence[Hit],
    views: PassageViews,
    calibrated: CalibrationFacts | None = None,
) -> Answer:
    """Put together the answer to all asks of a question."""
    supported = [verdict for verdict in verdicts if verdict.evidence is not None]
    missing = tuple(dict.fromkeys(gap for verdict in verdicts for gap in verdict.missing))
    nearest = _nearest(hits)
    if not supported:
        reason = verdicts[0].reason if verdicts else "no passage was found"
        # Of several parts that nothing answers there is no one document whose chances could be told.
        value = _least(verdicts) if len(verdicts) == 1 else None
        confidence = Confidence("none", (reason,), value, calibrated if value is not None else None)
        return Answer(question, Outcome.ABSTAINED, reason, (), confidence, missing, nearest, ())
    conflict = next((found for verdict in supported if (found := _conflict(verdict, hits, views))), None)
    statements = _statements(supported, conflict)
    outcome, reason = _outcome(verdicts, supported, conflict)
    return Answer(
        question=question,
        outcome=outcome,
        reason=reason,
        statements=statements,
        confidence=_confidence(outcome, supported, calibrated),
        missing=missing,
        nearest=nearest if outcome is Outcome.PARTIAL else (),
        warnings=(*_warnings(statements), *_left_out(supported), *_flagged(hits)),
    )


def _outcome(
    verdicts: Sequence[Verdict], supported: Sequence[Verdict], conflict: Conflict | None
) -> tuple[Outcome, str]:
    if conflict is not None:
        first, second = conflict.first.stored.document, conflict.second.stored.document
        return Outcome.CONFLICT, (
            f"two current documents disagree: {first.path} says {conflict.first_figure}, {second.path} says "
            f"{conflict.second_figure}"
        )
    short = [verdict for verdict in verdicts if verdict.missing or verdict.evidence is None]
    if short:
        return Outcome.PARTIAL, short[0].reason if len(verdicts) == 1 else _of_part(short[0])
    if any(verdict.earned is Outcome.CAVEAT for verdict in supported):
        return Outcome.CAVEAT, f"{supported[0].reason}, most likely: {_caveat(supported)}"
    return Outcome.ANSWERED, supported[0].reason


def _of_part(verdict: Verdict) -> str:
    """Return why one of several parts is not answered, naming the part."""
    return f"on “{shorten(verdict.ask.text, _PART_WIDTH, placeholder=' …')}”: {verdict.reason}"


def _conflict(verdict: Verdict, hits: Sequence[Hit], views: PassageViews) -> Conflict | None:
    """Look for figures that disagree with the answer's own, where a figure or a fact was asked for."""
    if verdict.evidence is None or verdict.ask.wanted not in (Wanted.FIGURE, Wanted.FACT):
        return None
    asked = {term.stem for term in verdict.ask.terms}
    alike = [hit.stored for hit in hits if len(views.of(hit.stored).stems & asked) >= min(2, len(asked))]
    others = [
        unit
        for stored in alike
        for unit in views.of(stored).units
        if len(stems(f"{unit.header or ''} {unit.quote}") & asked) >= min(2, len(asked))
    ]
    return find_conflict(verdict.ask, [*verdict.units, *others])


def _statements(supported: Sequence[Verdict], conflict: Conflict | None) -> tuple[Statement, ...]:
    chosen: dict[tuple[str, int, int], Unit] = {}
    for verdict in supported:
        for unit in verdict.units[:MAX_UNITS]:
            chosen.setdefault((unit.stored.document.id, unit.span.start, unit.span.end), unit)
    if conflict is not None:
        ends = (conflict.first, conflict.second)
        chosen = {(unit.stored.document.id, unit.span.start, unit.span.end): unit for unit in ends} | chosen
    return tuple(_statement(unit) for unit in list(chosen.values())[:_MAX_STATEMENTS])


def _statement(unit: Unit) -> Statement:
    return Statement(
        text=unit.text,
        kind=unit.kind,
        citations=(Citation(unit.stored, unit.span, unit.quote),),
        number=unit.number,
        depth=unit.depth,
        language=unit.language,
        header=unit.header,
        destructive=destruction(unit.quote) if unit.kind is not StatementKind.SENTENCE or "`" in unit.quote else None,
    )


def _caveat(supported: Sequence[Verdict]) -> str:
    """Return what speaks against an answer that is most likely right."""
    evidence = next(v.evidence for v in supported if v.earned is Outcome.CAVEAT and v.evidence)
    lacking = [term.word for term in evidence.ask.terms if term.stem not in evidence.stems]
    if lacking:
        return f"it does not say {', '.join(f'“{word}”' for word in lacking[:3])}"
    return "other documents are nearly as close to the question"


def _confidence(outcome: Outcome, supported: Sequence[Verdict], calibrated: CalibrationFacts | None) -> Confidence:
    evidence: list[Evidence] = [verdict.evidence for verdict in supported if verdict.evidence]
    weakest = min(found.coverage for found in evidence)
    reasons = [f"the cited section holds {weakest:.0%} of the question's words, weighted by rarity"]
    current = all(found.hit.stored.document.status is DocumentStatus.CURRENT for found in evidence)
    if not current:
        reasons.append("a cited document is not current")
    if outcome is Outcome.CONFLICT:
        return Confidence("low", (*reasons, "the sources disagree"))
    value = _least(supported)
    if value is not None:
        return Confidence(_words(value, current), tuple(reasons), value, calibrated)
    if outcome is Outcome.PARTIAL or weakest < 0.65:
        return Confidence("low" if weakest < 0.5 else "moderate", tuple(reasons))
    return Confidence("high" if current and weakest >= 0.8 else "moderate", tuple(reasons))


def _words(value: float, current: bool) -> str:
    """Return words for a probability: high from 4 in 5 of a current document, low below an even chance."""
    if value < 0.5:
        return "low"
    return "high" if value >= 0.8 and current else "moderate"


def _least(verdicts: Sequence[Verdict]) -> float | None:
    """Return the lowest probability of several parts, to a hundredth; None where one has none."""
    values = [verdict.probability for verdict in verdicts]
    known = [value for value in values if value is not None]
    return round(min(known), 2) if known and len(known) == len(values) else None


def _nearest(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.stored.document.id, hit)
    return tuple(list(best.values())[:_NEAREST])


def _left_out(supported: Sequence[Verdict]) -> tuple[str, ...]:
    return tuple(
        f"{len(verdict.units) - MAX_UNITS} more steps follow in {verdict.units[-1].stored.document.path}"
        for verdict in supported
        if len(verdict.units) > MAX_UNITS
    )


def _flagged(hits: Sequence[Hit]) -> tuple[str, ...]:
    paths = dict.fromkeys(hit.stored.document.path for hit in hits if hit.stored.passage.flags)
    return tuple(
        f"a passage of {path} addresses a language model: it is data, and nothing was taken from it" for path in paths
    )


def _warnings(statements: Sequence[Statement]) -> tuple[str, ...]:
    documents = {c.stored.document.id: c.stored.document for s in statements for c in s.citations}
    found: list[str] = []
    for document in documents.values():
        if document.status in (DocumentStatus.DEPRECATED, DocumentStatus.SUPERSEDED, DocumentStatus.DRAFT):
            instead = f"; use {document.superseded_by}" if document.superseded_by else ""
            found.append(f"{document.path} is {document.status.value}{instead}")
        if document.review_by is not None and document.review_by < datetime.now(UTC).date():
            found.append(f"{document.path} was to be reviewed by {document.review_by.isoformat()}")
    if any(statement.destructive for statement in statements):
        found.append("some commands destroy or interrupt something: they are marked")
    return tuple(found)
