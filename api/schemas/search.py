"""Search on the wire."""

from pydantic import Field

from api.schemas.places import Filters, Place, Wire


class SearchRequest(Wire):
    """What to look for."""

    query: str = Field(examples=["KubePodCrashLooping"])
    limit: int = Field(10, ge=1, le=100)
    filters: Filters = Filters()


class DocumentName(Wire):
    """A document, just enough to find it."""

    document_id: str
    source: str
    path: str
    title: str
    url: str | None


class SearchHit(Place):
    """A passage that was found. `score` orders the hits of one search; it is not a confidence.

    `legs` names what found it: identifiers, lexical, phrase, dense. `also` are other documents that nearly
    repeat its document.
    """

    score: float
    legs: list[str] = []
    also: list[DocumentName] = []


class SearchResponse(Wire):
    """Hits, best first, of one generation of the index."""

    query: str
    hits: list[SearchHit]
    generation: int
    took_ms: float
