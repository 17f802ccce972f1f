"""The evidence that a language model may write from: numbered excerpts, fenced so that none can end its fence."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from api.answering.answer import Answer
from api.answering.units import Unit, units
from api.retrieval.search import Hit
from api.writing.addressing import addresses_a_model
from ingest.knowledge.documents import DocumentStatus
from ingest.knowledge.passages import StoredPassage

_CHARACTERS_PER_TOKEN = 3.5  # of English with commands; an estimate, and on the safe side of it


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage under the label that the model cites it by, cut into its units."""

    label: str
    stored: StoredPassage
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class EvidencePack:
    """What the model is shown; `fence` occurs in none of the texts, `left_out` counts passages beyond the budget."""

    excerpts: tuple[Excerpt, ...]
    fence: str
    left_out: int = 0

    def find(self, label: str) -> Excerpt | None:
        """Return the excerpt with a label, or None."""
        wanted = label.strip().strip("[]").upper()
        return next((one for one in self.excerpts if one.label == wanted), None)

    def render(self, now: datetime | None = None) -> str:
        """Return the excerpts as the model reads them."""
        return "\n\n".join("\n".join(self._lines(one, now or datetime.now(UTC))) for one in self.excerpts)

    def _lines(self, excerpt: Excerpt, now: datetime) -> Iterator[str]:
        yield f"<<{self.fence} {excerpt.label}"
        yield f"title: {_about(excerpt.stored, now)}"
        header: str | None = None
        for number, unit in enumerate(excerpt.units, start=1):
            if unit.header is not None and unit.header != header:
                yield f"columns: {unit.header}"
            header = unit.header
            yield f"({number}) {unit.quote}"
        yield f"{excerpt.label} {self.fence}>>"


def build_pack(answer: Answer, hits: Sequence[Hit], *, budget: int) -> EvidencePack:
    """Return the passages that the answer cites, then those found beside them, within `budget` tokens.

    What addresses a language model is left out, and so is what may no longer hold, unless the answer itself
    rests on it: the text that is written must not be worse founded than the answer that it replaces.
    """
    cited = [citation.stored for statement in answer.statements for citation in statement.citations]
    found = [hit.stored for hit in hits if _holds_now(hit.stored)]
    chosen: list[Excerpt] = []
    left = budget
    unique = {stored.passage.id: stored for stored in (*cited, *found) if _is_plain(stored)}
    for stored in unique.values():
        cost = estimate_tokens(stored.passage.index_text) + 30  # fence, status and age
        pieces = tuple(units(stored))
        if pieces and cost <= left:
            chosen.append(Excerpt(f"E{len(chosen) + 1}", stored, pieces))
            left -= cost
    return EvidencePack(tuple(chosen), _fence(chosen), len(unique) - len(chosen))


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has; bytes count, so that other scripts are not taken for cheap."""
    return ceil(len(text.encode("utf-8", "replace")) / _CHARACTERS_PER_TOKEN)


def _is_plain(stored: StoredPassage) -> bool:
    """Whether a passage speaks to people only, its title and headings included."""
    return not stored.passage.flags and not addresses_a_model(f"{stored.document.title} {stored.passage.header}")


def _holds_now(stored: StoredPassage) -> bool:
    document = stored.document
    overdue = document.review_by is not None and document.review_by < datetime.now(UTC).date()
    return document.status is DocumentStatus.CURRENT and not overdue


def _fence(excerpts: Sequence[Excerpt]) -> str:
    """Return a mark that no excerpt holds: a hash of them all, which none of them can have been written to contain."""
    whole = "\n".join(one.stored.passage.text for one in excerpts)
    digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()
    while (mark := digest[:12].upper()) in whole.upper():
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return mark


def _about(stored: StoredPassage, now: datetime) -> str:
    document = stored.document
    headings = [heading for heading in stored.passage.heading_path if heading != document.title]
    facts: list[str] = [document.kind.value, document.status.value]
    if document.updated_at is not None:
        facts.append(f"updated {document.updated_at:%Y-%m-%d}, {max(0, (now - document.updated_at).days)} days ago")
    title = " > ".join([document.title, *headings])
    return f"{' '.join(title.split())} ({', '.join(facts)})"
