"""Links inside a source that lead to no document of it; only those that leave no doubt are reported."""

import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.knowledge.document_links import LinkResolver
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.extracts import DocumentExtract, InternalLink
from ingest.knowledge.link_places import fold_segment, page_segments

_NOTHING_LISTED: Mapping[str, Collection[str]] = {}


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A link of the document `document_id` whose target is no document of the same source."""

    document_id: str
    link: InternalLink


def dead_links(
    facts: Sequence[DocumentFacts],
    extracts: Sequence[DocumentExtract],
    *,
    listed: Mapping[str, Collection[str]] = _NOTHING_LISTED,
) -> list[DeadLink]:
    """Return the internal links that lead nowhere, in the order of documents and links.

    A link is reported only where the folder that it names holds documents, so that the target would be
    among them if it were one. Index pages of folders, links counted from a page as a folder of its own,
    links by a page's name alone, and site paths below any root count as alive. `listed` names, by source,
    paths that exist though they are no indexed document (failed or left out).
    """
    resolver = LinkResolver(facts)
    by_id = {each.id: each for each in facts}
    sources = {name: _Tree.of(paths) for name, paths in _paths(facts, listed).items()}
    return [
        DeadLink(each.document_id, link)
        for each in extracts
        if each.document_id in by_id
        for link in each.extract.links
        if _is_dead(resolver, sources[by_id[each.document_id].source], by_id[each.document_id], link.target)
    ]


@dataclass(frozen=True, slots=True)
class _Tree:
    """The paths of one source: `folders` hold documents of their own, `above` are those that only lead to such."""

    paths: frozenset[str]
    pages: frozenset[tuple[str, ...]]
    folders: frozenset[str]
    above: frozenset[str]
    tails: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, paths: Iterable[str]) -> "_Tree":
        """Index the paths of a source."""
        every = frozenset(paths)
        pages = frozenset(_folded(path) for path in every)
        folders = frozenset(posixpath.dirname(path) for path in every)
        above = frozenset(
            "/".join(parts[:end]).lower()
            for folder in folders
            for parts in (folder.split("/"),)
            for end in range(1, len(parts) + 1)
        )
        tails = frozenset(page[start:] for page in pages for start in range(len(page)))
        return cls(every, pages, folders, above, tails)


def _paths(facts: Sequence[DocumentFacts], listed: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in facts:
        found[each.source].add(each.path)
    for source, paths in listed.items():
        found[source].update(paths)
    return found


def _is_dead(resolver: LinkResolver, tree: _Tree, page: DocumentFacts, target: str) -> bool:
    # The target was counted from the page's folder; sites without endings count from the page itself.
    relative = posixpath.relpath(target, posixpath.dirname(page.path) or ".")
    from_page = posixpath.normpath(posixpath.join(posixpath.splitext(page.path)[0], relative))
    variants = [posixpath.normpath(target)] + ([] if from_page.startswith("..") else [from_page])
    folder, name = posixpath.split(variants[0])
    if folder not in tree.folders:
        return False
    if not posixpath.splitext(name)[1] and (not folder or _folded(name) in tree.tails):
        return False  # a page that the site makes, or one that is linked by its name alone
    return not any(_lives(resolver, tree, page.source, variant) for variant in variants)


def _lives(resolver: LinkResolver, tree: _Tree, source: str, path: str) -> bool:
    pages = _folded(path)
    if path in tree.paths or pages in tree.pages or path.lower() in tree.above or pages in tree.tails:
        return True
    return not pages or resolver.at(source, path) is not None or "/".join(pages) in tree.above


def _folded(path: str) -> tuple[str, ...]:
    segments = page_segments([segment for segment in path.split("/") if segment not in ("", ".")])
    return tuple(fold_segment(segment) for segment in segments)
