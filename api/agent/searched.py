"""Our search as what the agent reads of documents."""

from collections.abc import Callable, Sequence

from api.agent.guidance import Guidance
from api.retrieval.search import Hit


class SearchedKnowledge:
    """Guidance from a search; `search` gives the best passages, only such as the asker may read."""

    def __init__(self, search: Callable[[str], Sequence[Hit]]) -> None:
        self._search = search

    def guidance(self, query: str) -> Sequence[Guidance]:
        """Return the best passages; raises GroundwatchError."""
        return tuple(_guidance(hit) for hit in self._search(query))


def _guidance(hit: Hit) -> Guidance:
    passage, document = hit.stored.passage, hit.stored.document
    headings = " > ".join(passage.heading_path)
    place = f"{document.path} ({document.kind.value}, {document.status.value})"
    return Guidance(f"{place}, {headings}" if headings else place, passage.text)
