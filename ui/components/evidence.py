"""Evidence cards: the passage behind a number, with the cited words marked in their surroundings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.answers import Citation, Statement
from api.schemas.places import Place
from api.schemas.search import DocumentName, SearchHit
from ui.components.ages import age_markup
from ui.components.excerpt import Highlight, excerpt_markup
from ui.components.hostile_text import hostile_band
from ui.components.pills import kind_pill, overdue_pill, status_pill
from ui.components.places import (
    document_address,
    document_link_markup,
    heading_path_markup,
    path_markup,
    place_address,
    source_link_markup,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All spans that an answer cites from one passage, under their common number."""

    number: int
    citations: tuple[Citation, ...]

    @property
    def place(self) -> Citation:
        """The citation that stands first in the document."""
        return min(self.citations, key=lambda citation: citation.char_start)

    @property
    def line_end(self) -> int:
        """The last line of all citations."""
        return max(citation.line_end for citation in self.citations)


def cited_evidence(statements: Iterable[Statement]) -> list[Evidence]:
    """Gather the citations of `statements` by number, each span once."""
    found: dict[int, dict[tuple[int, int], Citation]] = {}
    for statement in statements:
        for citation in statement.citations:
            found.setdefault(citation.number, {})[citation.char_start, citation.char_end] = citation
    return [Evidence(number, tuple(spans.values())) for number, spans in sorted(found.items())]


def card_markup(evidence: Evidence, text: str | None, also: Sequence[DocumentName] = ()) -> Markup:
    """Return the card of `evidence`; `text` is that of its document, None where it could not be had.

    `also` are other documents that nearly repeat it.
    """
    place = evidence.place
    return Markup(
        '<article class="gw-card{framed}" id="evidence-{n}" aria-label="Evidence {n}">'
        '<header><a class="gw-num" href="#evidence-{n}" aria-label="Select evidence {n}">{n}</a>'
        '<div class="gw-card-title">{title}</div>{status}{overdue}{kind}</header>{headings}{band}{excerpt}'
        '<footer><div>{path}</div><div class="gw-facts">{age}{here}{there}</div>{also}</footer></article>'
    ).format(
        framed=" gw-hostile" if place.flags else "",
        n=evidence.number,
        title=place.title,
        status=status_pill(place.status.value),
        overdue=overdue_pill(place.review_by),
        band=hostile_band(place.flags),
        also=also_markup(also),
        kind=kind_pill(place.kind.value),
        headings=heading_path_markup(place.heading_path, title=place.title),
        excerpt=_excerpt(evidence, text),
        path=path_markup(place, line_end=evidence.line_end),
        age=age_markup(place.updated_at),
        here=document_link_markup(place),
        there=source_link_markup(place.url),
    )


def also_markup(documents: Sequence[DocumentName]) -> Markup:
    """Return links to the documents that nearly repeat one; nothing where there are none."""
    if not documents:
        return Markup("")
    links = Markup(", ").join(
        Markup('<a href="{}" target="_blank" title="{}/{}">{}</a>').format(
            document_address(one.document_id), one.source, one.path, one.title or one.path
        )
        for one in documents
    )
    return Markup('<div class="gw-also">Also in: {}</div>').format(links)


def compact_markup(hits: Sequence[SearchHit], *, heading: str, numbers: Mapping[str, int] | None = None) -> Markup:
    """Return hits as one row each; with `numbers`, of cited passages by id, there is room for a number."""
    rows = Markup("").join(_row(hit, numbers) for hit in hits)
    return Markup('<section class="gw-compact"><h3>{}</h3>{}</section>').format(heading, rows) if hits else Markup("")


def _row(hit: SearchHit, numbers: Mapping[str, int] | None) -> Markup:
    number = "" if numbers is None else numbers.get(hit.passage_id, "")
    mark = "" if numbers is None else Markup('<span class="gw-num">{}</span>').format(number)
    return Markup(
        '<div class="gw-row">{}<div><div><a href="{}" target="_blank">{}</a> {} {}</div>{}{}'
        '<div class="gw-facts">{}{}</div>{}</div></div>'
    ).format(
        mark,
        place_address(hit),
        hit.title,
        status_pill(hit.status.value),
        overdue_pill(hit.review_by),
        heading_path_markup(hit.heading_path, title=hit.title),
        hostile_band(hit.flags),
        path_markup(hit),
        age_markup(hit.updated_at),
        also_markup(hit.also),
    )


def _excerpt(evidence: Evidence, text: str | None) -> Markup:
    """Return surroundings with marks; the bare quotes where the document is gone or another by now."""
    if text is not None and all(_still_there(citation, text) for citation in evidence.citations):
        spans = [Highlight(citation.char_start, citation.char_end) for citation in evidence.citations]
        return excerpt_markup(text, spans)
    why = "The document cannot be read now" if text is None else "The document has changed since"
    quotes = Markup("").join(_quote(citation) for citation in evidence.citations)
    return Markup('<div class="gw-excerpt">{}</div><div class="gw-muted">{}; this is what was cited.</div>').format(
        quotes, why
    )


def _still_there(place: Place, text: str) -> bool:
    return text[place.char_start : place.char_end] == place.quote


def _quote(citation: Citation) -> Markup:
    return Markup(
        '<div class="gw-line gw-hit"><span class="gw-no">{}</span><span class="gw-text"><mark>{}</mark></span></div>'
    ).format(citation.line_start, citation.quote)
