"""Where a passage stands, in words that every form of an answer shares."""

from api.schemas.places import Place
from ingest.knowledge.documents import DocumentStatus


def titles_of(place: Place) -> list[str]:
    """Return the title of the document and the headings down to the passage, a heading that repeats it left out."""
    return [place.title, *(heading for heading in place.heading_path if heading != place.title)]


def spot_of(place: Place, lines: tuple[int, int] | None = None) -> str:
    """Return source, path and lines: those given, else the place's own."""
    first, last = lines or (place.line_start, place.line_end)
    span = f"{first}-{last}" if last != first else f"{first}"
    return f"{place.source}/{place.path}:{span}"


def facts_of(place: Place) -> str:
    """Return kind, status where it is not current, page, and the day of the last change, which comes last."""
    facts: list[str] = [place.kind.value]
    if place.status is not DocumentStatus.CURRENT:
        facts.append(place.status.value.upper())
    if place.page is not None:
        facts.append(f"page {place.page}")
    if place.updated_at is not None:
        facts.append(f"updated {place.updated_at:%Y-%m-%d}")
    return ", ".join(facts)
