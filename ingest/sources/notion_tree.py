"""Which pages a Notion integration may read, and what stands above each of them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import TypeAdapter

from ingest.errors import DocumentUnreadable
from ingest.sources.notion_answers import Block, Blocks, Content, Thing, Things, bare, title_of
from ingest.sources.remote_listing import RemoteListing
from ingest.sources.rest import RestSession
from ingest.sources.rest_calls import Call
from ingest.sources.rest_failures import NotFound, TokenRefused

_THING = TypeAdapter(Thing)
_THINGS = TypeAdapter(Things)
_BLOCK = TypeAdapter(Block)
_BLOCKS = TypeAdapter(Blocks)
_PAGE_SIZE = 100  # the most that Notion gives at once
_MOST_ABOVE = 50
_MOST_BLOCKS = 20_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """A page with the titles that stand above it, outermost first."""

    thing: Thing
    ancestors: tuple[str, ...]


class BlockReader:
    """Read the blocks inside of pages and blocks; one reader serves one page, and bounds how much that is."""

    def __init__(self, session: RestSession) -> None:
        self._session = session
        self._known: dict[str, Sequence[Block]] = {}
        self._count = 0

    def __call__(self, block: Block) -> Sequence[Block]:
        """Return what lies inside a block; a synced copy shows what its original holds."""
        original = block.content.synced_from.block_id if block.content.synced_from is not None else None
        if original is None:
            return self.of(block.id)
        try:
            return self.of(original)
        except NotFound:
            return (Block(id=block.id, type="synced_block, whose original is not shared", content=Content()),)

    def of(self, identifier: str) -> Sequence[Block]:
        """Return the blocks directly inside of a page or block, without those in the trash."""
        if identifier not in self._known:
            target = f"/v1/blocks/{bare(identifier)}/children"
            pages = self._session.pages(_BLOCKS, _listed(target, None), lambda page, _: _next(target, page))
            self._known[identifier] = [
                block for page in pages for block in page.results if not (block.archived or block.in_trash)
            ]
        # Copies of synced blocks may show the same block again and again, so it counts each time.
        self._count += len(self._known[identifier])
        if self._count > _MOST_BLOCKS:
            raise DocumentUnreadable(f"has more than {_MOST_BLOCKS:,} blocks; split the page")
        return self._known[identifier]


class NotionTree:
    """The pages of a workspace, listed into `listing` as far as problems go."""

    def __init__(self, session: RestSession, listing: RemoteListing) -> None:
        self._session = session
        self._listing = listing
        self._things: dict[str, Thing] = {}
        self._pages: dict[str, PlacedPage] = {}

    def found(self) -> Iterable[PlacedPage]:
        """Return the pages that search finds, with all rows of the databases that it finds."""
        with self._listing.part("search"):
            self._keep(self._posted("/v1/search"))
        for database in [thing for thing in self._things.values() if thing.kind == "database"]:
            with self._listing.part(f"database {title_of(database)!r}"):
                self._keep(self._rows(database))
        for thing in list(self._things.values()):
            if thing.kind == "page" and not thing.is_gone:
                with self._listing.part(f"page {title_of(thing)!r}"):
                    self._pages[bare(thing.id)] = PlacedPage(thing, self._above(thing))
        return self._pages.values()

    def below(self, roots: Iterable[str]) -> Iterable[PlacedPage]:
        """Return the pages at and below `roots`, which are ids of pages and databases."""
        for root in roots:
            with self._listing.part(f"root {root!r}"):
                thing = self._thing("pages", root) or self._thing("databases", root)
                if thing is None:
                    raise NotFound("Notion has no such page or database for this token; share it with the integration")
                self._walk(thing)
        return self._pages.values()

    def _walk(self, root: Thing) -> None:
        waiting = [PlacedPage(root, self._above(root))]
        seen: set[str] = set()
        while waiting:
            place = waiting.pop()
            thing = place.thing
            if bare(thing.id) in seen or thing.is_gone:
                continue
            seen.add(bare(thing.id))
            if thing.kind == "page":
                self._pages.setdefault(bare(thing.id), place)
            title = title_of(thing)
            above = (*place.ancestors, title) if title else place.ancestors
            with self._listing.part(f"below {title!r}"):
                inside = self._rows(thing) if thing.kind == "database" else self._subpages(thing)
                waiting.extend(PlacedPage(one, above) for one in inside)

    def _rows(self, database: Thing) -> Iterator[Thing]:
        try:
            yield from self._posted(f"/v1/databases/{bare(database.id)}/query")
        except NotFound:
            return  # a view of a database that is not shared itself

    def _subpages(self, page: Thing) -> Iterator[Thing]:
        """Return the pages and databases inside of a page, at whatever depth of its blocks."""
        reader = BlockReader(self._session)
        waiting = [page.id]
        while waiting:
            for block in reader.of(waiting.pop()):
                if block.type in ("child_page", "child_database"):
                    thing = self._thing("pages" if block.type == "child_page" else "databases", block.id)
                    if thing is not None:
                        yield thing
                elif block.has_children and block.content.synced_from is None:
                    waiting.append(block.id)

    def _thing(self, kind: str, identifier: str) -> Thing | None:
        try:
            return self._session.get(_THING, Call(f"/v1/{kind}/{bare(identifier)}"))
        except NotFound:
            return None

    def _above(self, thing: Thing) -> tuple[str, ...]:
        """Return the titles above a thing, as far up as the integration may see."""
        titles: list[str] = []
        seen: set[str] = set()
        parent = thing.parent
        while (identifier := parent.id) is not None and identifier not in seen and len(seen) < _MOST_ABOVE:
            seen.add(identifier)
            if parent.block_id is not None:
                block = self._looked_up(_BLOCK, f"/v1/blocks/{bare(parent.block_id)}")
                if block is None:
                    break
                parent = block.parent
                continue
            above = self._known_thing("pages" if parent.page_id else "databases", identifier)
            if above is None:
                break
            titles.append(title_of(above))
            parent = above.parent
        return tuple(title for title in reversed(titles) if title)

    def _known_thing(self, kind: str, identifier: str) -> Thing | None:
        key = bare(identifier)
        if key not in self._things:
            found = self._looked_up(_THING, f"/v1/{kind}/{key}")
            if found is None:
                return None
            self._things[key] = found
        return self._things[key]

    def _looked_up(self, shape: TypeAdapter[T], target: str) -> T | None:
        """Return what stands above something; None where the integration was not given it."""
        try:
            return self._session.get(shape, Call(target))
        except NotFound:
            return None
        except TokenRefused as error:
            if error.expired:
                raise
            return None

    def _posted(self, target: str) -> Iterator[Thing]:
        first = Call(target, body=json.dumps({"page_size": _PAGE_SIZE}))
        for page in self._session.pages(_THINGS, first, lambda page, _: _posted_next(target, page)):
            yield from page.results

    def _keep(self, things: Iterable[Thing]) -> None:
        for thing in things:
            self._things.setdefault(bare(thing.id), thing)


def _listed(target: str, cursor: str | None) -> Call:
    params = (("page_size", str(_PAGE_SIZE)), *([("start_cursor", cursor)] if cursor else []))
    return Call(target, params)


def _next(target: str, page: Blocks) -> Call | None:
    return _listed(target, page.next_cursor) if page.has_more and page.next_cursor else None


def _posted_next(target: str, page: Things) -> Call | None:
    if not (page.has_more and page.next_cursor):
        return None
    return Call(target, body=json.dumps({"page_size": _PAGE_SIZE, "start_cursor": page.next_cursor}))
