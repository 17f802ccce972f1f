"""What every export says in the same words: outcomes, confidence, places, what is stale, who wrote it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from api.answering.answer import Outcome
from api.schemas.answers import Answer, Citation, Confidence, Writing
from api.schemas.conversations import SinceThen, StaleDocument

OUTCOMES: dict[Outcome, str] = {
    Outcome.ANSWERED: "Answered",
    Outcome.CAVEAT: "Answered, with a caveat",
    Outcome.PARTIAL: "Partly answered",
    Outcome.CONFLICT: "Sources disagree",
    Outcome.ABSTAINED: "Not enough evidence",
}


def moment_words(moment: datetime) -> str:
    """Return a moment to the minute, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def confidence_words(confidence: Confidence) -> str:
    """Return how far to trust an answer, with what the number rests on where there is one."""
    if confidence.words == "none":
        return ""
    value = "" if confidence.value is None else f" ({confidence.value:.0%})"
    facts = confidence.calibration
    rests = f"; calibrated on {facts.n} questions, Brier {facts.brier:.3f}, error {facts.ece:.3f}" if facts else ""
    return f"{confidence.words.capitalize()} confidence{value}{rests}"


def stale_words(stale: StaleDocument) -> str:
    """Return what became of a cited document since."""
    match stale.state:
        case SinceThen.GONE:
            return "A cited document was removed since, or may not be shown here: what it said is withheld."
        case SinceThen.EDITED:
            return f"{stale.title} was edited since; the cited words still stand in it."
        case SinceThen.CHANGED:
            return f"{stale.title} has changed since: the cited words are no longer in it."


def writing_words(writing: Writing) -> str:
    """Return how a language model took part."""
    if writing.fallback:
        return f"The documents' own words are given instead of those of {writing.model}: {writing.fallback}"
    removed = f"; {len(writing.removed)} of its sentences were removed" if writing.removed else ""
    return f"Written by {writing.model}, each sentence checked against its citations{removed}."


def observed_words(answer: Answer) -> list[str]:
    """Return what an investigation said in place of documents, with the observations that show it and where it is."""
    turn = answer.investigation
    if turn is None:
        return []
    said = [f"{one.text} ({', '.join(one.observations)})" if one.observations else one.text for one in turn.statements]
    return [*said, *([f"Investigation {turn.id}"] if turn.id else [])]


def sources(answer: Answer) -> Iterator[tuple[int, list[Citation]]]:
    """Yield the numbers of what is cited, each with its citations."""
    found: dict[int, list[Citation]] = {}
    for citation in (c for statement in answer.statements for c in statement.citations):
        found.setdefault(citation.number, []).append(citation)
    yield from sorted(found.items())


def place_words(citations: list[Citation]) -> str:
    """Return source, path and lines of the citations of one passage, and the revision that was read."""
    first = citations[0]
    start, end = min(one.line_start for one in citations), max(one.line_end for one in citations)
    lines = f"{start}" if start == end else f"{start}-{end}"
    revision = f", revision {first.revision[:12]}" if first.revision else ""
    return f"{first.source}/{first.path}:{lines}{revision}"


def web_link(url: str | None) -> str | None:
    """Return a link that is safe to follow: http and https only."""
    return (
        url if url and url.lower().startswith(("http://", "https://")) and not set(url) & set("<>\"' \n\r\t") else None
    )
