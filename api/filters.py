"""From the names in a filter to the documents they mean; an unknown name is an error, not an empty result."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches

from api.errors import UsageError
from api.schemas.places import Filters
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.passages import PassageFilter

_NAMED = 12  # known names that an error lists


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """What documents of one generation can be called by: `ids` by id, by path and by source/path."""

    generation: int
    sources: frozenset[str]
    services: frozenset[str]
    ids: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, documents: Sequence[DocumentFacts], generation: int) -> "DocumentNames":
        """Collect the names of all documents of a generation."""
        ids: dict[str, tuple[str, ...]] = {}
        for facts in documents:
            for name in (facts.id, facts.path, f"{facts.source}/{facts.path}"):
                ids[name] = (*ids.get(name, ()), facts.id)
        return cls(
            generation=generation,
            sources=frozenset(facts.source for facts in documents),
            services=frozenset(service for facts in documents for service in facts.services),
            ids=ids,
        )


def passage_filter(
    filters: Filters, names: DocumentNames, *, also_known: Callable[[], Set[str]] = frozenset
) -> PassageFilter:
    """Return the filter over passages; a path that several sources hold excludes it in all of them.

    `also_known` gives names of documents that the index does not hold (they failed), which may be excluded
    too. Raises UsageError for a name that nothing bears.
    """
    _require_known("source", filters.sources, names.sources)
    _require_known("service", filters.services, names.services)
    strangers = [name for name in filters.exclude_documents if name not in names.ids]
    if strangers and (unknown := sorted(set(strangers) - also_known())):
        near = get_close_matches(unknown[0], names.ids, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(map(repr, near))}?" if near else "see groundwatch status"
        raise UsageError(f"exclude_documents: no document has the id, path or source/path {unknown[0]!r}; {hint}")
    return PassageFilter(
        sources=tuple(filters.sources),
        kinds=tuple(filters.kinds),
        services=tuple(filters.services),
        exclude_documents=tuple(
            dict.fromkeys(key for name in filters.exclude_documents for key in names.ids.get(name, ()))
        ),
    )


def _require_known(what: str, asked: Iterable[str], known: Set[str]) -> None:
    for name in asked:
        if name not in known:
            near = get_close_matches(name, known, n=_NAMED, cutoff=0.4)
            listed = list(dict.fromkeys([*near, *sorted(known)]))[:_NAMED]
            more = f" and {len(known) - len(listed)} more" if len(known) > len(listed) else ""
            there = ", ".join(map(repr, listed)) + more if listed else "none"
            raise UsageError(f"unknown {what} {name!r}; known: {there}")
