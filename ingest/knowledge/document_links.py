"""From a URL or a path to the document it means; a wrong document is worse than none."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from ingest.knowledge.documents import DocumentFacts, DocumentKind
from ingest.knowledge.link_places import (
    SITE_WORDS,
    Place,
    fold_segment,
    is_camel_case,
    is_telling,
    page_segments,
    place_of,
    telling_words,
    words_of,
)

_NEAR_ENOUGH = 2  # segments that must agree, from the end, where the name alone does not tell
_LONG_NAME = 3  # words of a name that is enough in the right house
_RUNBOOKS = (DocumentKind.RUNBOOK, DocumentKind.ALERT)

How = Literal["url", "path", "suffix"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The document that a link means, the place in it that the link names ("" for none), and how it was found."""

    document_id: str
    anchor: str
    how: How


@dataclass(frozen=True, slots=True)
class _Known:
    """A document as links see it."""

    facts: DocumentFacts
    exact: tuple[str, ...]
    segments: tuple[str, ...]
    place: Place | None


@dataclass(slots=True)
class LinkResolver:
    """Resolve links against a fixed set of documents."""

    documents: Sequence[DocumentFacts]
    _by_path: dict[tuple[str, str], _Known] = field(default_factory=dict, init=False)
    _by_page: dict[tuple[str, tuple[str, ...]], list[_Known]] = field(init=False)
    _by_url: dict[tuple[str, ...], list[_Known]] = field(init=False)
    _by_name: dict[str, list[_Known]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_page, self._by_url, self._by_name = defaultdict(list), defaultdict(list), defaultdict(list)
        for facts in self.documents:
            known = _known(facts)
            self._by_path[facts.source, facts.path] = known
            self._by_page[facts.source, known.segments].append(known)
            if known.segments:
                self._by_name[known.segments[-1]].append(known)
            if known.place is not None:
                self._by_url[_url_key(known.place)].append(known)

    def resolve(self, url: str, *, near: DocumentFacts | None = None) -> Resolution | None:
        """Return the document that `url` means, or None where that is not certain.

        `near` is the document that holds the link: a relative path is looked up in its source first.
        """
        place = place_of(url)
        if place is None or (not place.segments and not place.host):
            return None
        found = self._same_url(place) if place.host else None
        if found is not None:
            return Resolution(found.facts.id, place.anchor, "url")
        if near is not None and not place.host:
            page = self.page(near.source, near.path, url)
            if page is not None:
                return Resolution(page.id, place.anchor, "path")
        found = self._by_suffix(place, near)
        return Resolution(found.facts.id, place.anchor, "suffix") if found else None

    def page(self, source: str, path: str, link: str) -> DocumentFacts | None:
        """Return the document of `source` that a relative link on the page at `path` means.

        The link counts from the page's folder, from the page as a folder of its own (as sites without
        endings have it), and from the root of the source.
        """
        target = unquote(link.partition("#")[0].partition("?")[0])
        roots = (posixpath.dirname(path), posixpath.splitext(path)[0], "")
        for root in roots[2:] if target.startswith("/") else roots:
            found = self.at(source, posixpath.normpath(posixpath.join(root, target.lstrip("/"))))
            if found is not None:
                return found
        return None

    def at(self, source: str, path: str) -> DocumentFacts | None:
        """Return the document at `path` of `source`, its ending and an index page's name aside."""
        exact = self._by_path.get((source, path))
        if exact is not None:
            return exact.facts
        segments = page_segments([segment for segment in path.split("/") if segment not in ("", ".")])
        pages = self._by_page.get((source, tuple(map(fold_segment, segments))), [])
        same_case = [page for page in pages if page.exact == segments]
        for choice in (same_case, pages):
            if len(choice) == 1:
                return choice[0].facts
        return None

    def _same_url(self, place: Place) -> _Known | None:
        pages = self._by_url.get(_url_key(place), [])
        same_case = [page for page in pages if page.place and page.place.exact == place.exact]
        return _only(same_case) or _only(pages) or _by_anchor(pages, place.anchor)

    def _by_suffix(self, place: Place, near: DocumentFacts | None) -> _Known | None:
        """Return the one document whose path agrees longest with the place, counted from the end."""
        if not place.segments:
            return None
        named = [each for each in self._by_name.get(place.segments[-1], []) if not _elsewhere(each, place)]
        reach = {each.facts.id: _agreement(each.segments, place.segments) for each in named}
        fit = [each for each in named if self._certain(each, place, reach[each.facts.id], len(named))]
        related = [each for each in fit if _related(each, place, reach[each.facts.id])] or fit
        if near is not None and not place.host:
            related = [each for each in related if each.facts.source == near.source] or related
        longest = max((reach[each.facts.id] for each in related), default=0)
        best = [each for each in related if reach[each.facts.id] == longest]
        same_case = [each for each in best if each.exact[-longest:] == place.exact[-longest:]]
        return _only(best) or _only(same_case) or _by_anchor(best, place.anchor)

    def _certain(self, known: _Known, place: Place, reach: int, namesakes: int) -> bool:
        """Tell whether a document may be taken for the place: agreement of paths alone happens by chance."""
        whole = reach in (len(place.segments), len(known.segments))
        related = _related(known, place, reach)
        if reach < _NEAR_ENOUGH:
            # The name is all that agrees: it must be an alert's, or a long one in the right house.
            runbook = known.facts.kind in _RUNBOOKS and is_camel_case(known.exact[-1])
            long = related and telling_words(place.exact[-1]) >= _LONG_NAME
            return namesakes == 1 and (runbook or long) and (whole or not place.repository)
        if not place.host:
            return whole or is_telling(place.exact[-1])
        # Below a repository the path is complete, so that one of the two must hold the other.
        return (related or is_telling(place.exact[-1])) and (whole or not place.repository)


def _known(facts: DocumentFacts) -> _Known:
    exact = page_segments([segment for segment in facts.path.split("/") if segment])
    place = place_of(facts.url) if facts.url else None
    return _Known(facts, exact, tuple(map(fold_segment, exact)), place if place and place.host else None)


def _url_key(place: Place) -> tuple[str, ...]:
    return (place.host, *place.repository, "", *place.segments)


def _elsewhere(known: _Known, place: Place) -> bool:
    """Tell whether a document's own link says that it stands in another repository, or on another site."""
    own = known.place
    if own is None or not place.host or bool(own.repository) != bool(place.repository):
        return False  # a site is often built from a repository
    return (own.host, own.repository) != (place.host, place.repository)


def _related(known: _Known, place: Place, reach: int) -> bool:
    """Tell whether the link's host, repository or upper folders share a word with the document's source or folders.

    Only what stands above the `reach` segments that agree anyway is compared.
    """
    words = words_of(" ".join((place.host, *place.repository, *place.exact[: len(place.exact) - reach])))
    above = words_of(" ".join((known.facts.source, *known.exact[: len(known.exact) - reach])))
    return bool(above & (words - SITE_WORDS))


def _agreement(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        count += 1
    return count


def _only(pages: Sequence[_Known]) -> _Known | None:
    return pages[0] if len(pages) == 1 else None


def _by_anchor(pages: Iterable[_Known], anchor: str) -> _Known | None:
    """Return the one page whose name or title the anchor names."""
    wanted = fold_segment(anchor)
    named = [page for page in pages if wanted and wanted in (page.segments[-1:] or ("",))[0]]
    return _only(named) or _only([page for page in pages if wanted and fold_segment(page.facts.title) == wanted])
