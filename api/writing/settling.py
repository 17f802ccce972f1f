"""Whether checked statements stand as the answer, or the documents' own words are given instead, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.answering.answer import Answer, Confidence, Outcome, Removed, Statement
from api.retrieval.words import content_words, stem, stems
from api.writing.draft_stream import Envelope
from api.writing.procedures import is_procedure, lost_from_procedure, lost_side

_WORSE = {"high": "moderate"}


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a model's text: statements that passed, sentences that did not, and what it said of gaps."""

    statements: tuple[Statement, ...]
    removed: tuple[Removed, ...]
    envelope: Envelope


def objection(question: str, given: Answer, written: Written, *, removed_share: float) -> str:
    """Return why a written text must not stand in the place of the documents' own words; empty where it may."""
    said = len(written.statements) + len(written.removed)
    if not written.statements:
        if written.removed:
            return f"none of the {said} sentences of the model's text is borne out by what it cites"
        if written.envelope.insufficient:
            return "the model found that the documents do not answer the question, and wrote nothing"
        return "the model's text holds no sentence that could be read"
    if len(written.removed) > removed_share * said:
        return f"{len(written.removed)} of the {said} sentences of the model's text are not borne out by what they cite"
    if lost := lost_side(given, written.statements):
        return f"the model's text names one side of a conflict only: {lost}"
    if is_procedure(question, given) and (lost := lost_from_procedure(given, written.statements)):
        return f"the model's text changes the procedure: {lost}"
    return ""


def with_gaps(question: str, answer: Answer, envelope: Envelope) -> Answer:
    """Return the answer, partial where the model found a gap that code finds as well.

    A gap counts where words of the question, which the model names as missing, stand nowhere in what the
    answer cites. The question's own words are shown for it, never the model's. An outcome never gets better.
    """
    if not envelope.insufficient or answer.outcome not in (Outcome.ANSWERED, Outcome.CAVEAT):
        return answer
    gaps = confirmed_gaps(question, answer.statements, envelope.missing)
    if not gaps:
        return answer
    reason = f"the passages cited do not speak of {', '.join(gaps)}"
    words = _WORSE.get(answer.confidence.words, answer.confidence.words)
    confidence: Confidence = replace(answer.confidence, words=words, reasons=(*answer.confidence.reasons, reason))
    return replace(
        answer,
        outcome=Outcome.PARTIAL,
        reason=reason,
        missing=(*answer.missing, *(gap for gap in gaps if gap not in answer.missing)),
        confidence=confidence,
    )


def confirmed_gaps(question: str, statements: Sequence[Statement], missing: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a question that a model says are missing and that no cited passage holds."""
    passages = {c.stored.passage.id: c.stored for one in statements for c in one.citations}
    told = {one for stored in passages.values() for one in stems(f"{stored.document.path} {stored.passage.index_text}")}
    named = {stem(word) for gap in missing for word in content_words(gap)}
    asked = [word for word in content_words(question) if stem(word) in named and stem(word) not in told]
    return tuple(f"“{word}”" for word in asked[:4])
