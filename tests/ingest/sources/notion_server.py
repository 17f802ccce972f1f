"""A small Notion on this machine: pages, databases and blocks behind its documented API."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.sources.notion import NotionSource
from ingest.sources.source import Source
from tests.ingest.sources.rest_server import Asked, Reply, RestServer, serving

PAGE_SIZE = 2
Json = dict[str, object]


def identifier(number: int) -> str:
    """Return an id with dashes, as Notion writes them."""
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def rich(text: str, **more: object) -> list[Json]:
    """Return a rich text of one run."""
    return [{"type": "text", "plain_text": text, "href": None, "annotations": {"code": False}, **more}]


def block(number: int, kind: str, *, children: bool = False, **content: object) -> Json:
    """Return a block; its content stands under the name of its type."""
    return {"object": "block", "id": identifier(number), "type": kind, "has_children": children, kind: content}


def text_block(number: int, kind: str, text: str, *, children: bool = False, **content: object) -> Json:
    """Return a block with words."""
    return block(number, kind, children=children, rich_text=rich(text), **content)


def title_property(title: str) -> Json:
    """Return the properties of a page that has a title only."""
    return {"Name": {"id": "title", "type": "title", "title": rich(title)}}


@dataclass
class NotionWorld:
    """Pages, databases and blocks by id, and an adapter that reads them."""

    server: RestServer = field(init=False)
    pages: dict[str, Json] = field(default_factory=dict)
    databases: dict[str, Json] = field(default_factory=dict)
    blocks: dict[str, list[Json]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    pauses: list[float] = field(default_factory=list)
    secret: str = "ntn_0123456789"
    accepted: str = "Bearer ntn_0123456789"
    first_page: str = r"/v1/search (?!.*start_cursor)"
    later_page: str = r"/v1/search .*start_cursor"

    def source(self, **settings: object) -> Source:
        return NotionSource(
            name="notes",
            token=self.secret,
            url=self.server.url,
            token_variable="THE_TOKEN",
            sleep=self.pauses.append,
            **settings,  # type: ignore[arg-type]  # a test's settings
        )

    def put(self, number: int, title: str, *blocks: Json, parent: Json | None = None, **more: object) -> Json:
        page: Json = {
            "object": "page",
            "id": identifier(number),
            "last_edited_time": "2026-03-01T10:00:00.000Z",
            "archived": False,
            "in_trash": False,
            "url": f"https://www.notion.so/{identifier(number).replace('-', '')}",
            "parent": parent or {"type": "workspace", "workspace": True},
            "properties": title_property(title),
            **more,
        }
        self.pages[identifier(number)] = page
        self.blocks[identifier(number)] = list(blocks)
        return page

    def put_database(self, number: int, title: str, parent: Json | None = None) -> None:
        self.databases[identifier(number)] = {
            "object": "database",
            "id": identifier(number),
            "title": rich(title),
            "parent": parent or {"type": "workspace", "workspace": True},
            "properties": {"Name": {"id": "title", "type": "title", "title": {}}},
        }

    def add(self) -> None:
        self.put(0x99, "Added later", text_block(0x9901, "paragraph", "New."))

    def change(self, path: str) -> None:
        page = self.pages[_dashed(path)]
        page["last_edited_time"] = "2026-03-02T11:00:00.000Z"
        self.blocks[_dashed(path)].append(text_block(0x9902, "paragraph", "More."))

    def remove(self, path: str) -> None:
        self.pages[_dashed(path)]["in_trash"] = True
        self.hidden.add(_dashed(path))

    def expire_token(self) -> None:
        self.accepted = "nothing"

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != self.accepted:
            return Reply.of({"object": "error", "status": 401, "code": "unauthorized"}, status=401)
        if asked.headers.get("notion-version") != "2022-06-28":
            return Reply.of({"object": "error", "status": 400, "code": "missing_version"}, status=400)
        cursor = json.loads(asked.body or b"{}").get("start_cursor") or asked.query.get("start_cursor")
        if asked.path == "/v1/search":
            things = [*self.pages.values(), *self.databases.values()]
            return _list([one for one in things if one["id"] not in self.hidden], cursor)
        found = re.fullmatch(r"/v1/(pages|databases|blocks)/([0-9a-f-]{32,36})(/children|/query)?", asked.path)
        return self._one(found[1], _dashed(found[2]), found[3] or "", cursor) if found else _missing()

    def _one(self, kind: str, key: str, below: str, cursor: str | None) -> Reply:
        if below == "/children":
            return _list(self.blocks[key], cursor) if key in self.blocks else _missing()
        if below == "/query":
            rows = [one for one in self.pages.values() if self._is_row(one, key)]
            return _list(rows, cursor) if key in self.databases else _missing()
        if kind == "blocks":
            known = {str(one["id"]): one for blocks in self.blocks.values() for one in blocks}
        else:
            known = dict(self.pages if kind == "pages" else self.databases)
        return Reply.of(known[key]) if key in known else _missing()

    def _is_row(self, page: Json, database: str) -> bool:
        parent = page["parent"]
        return isinstance(parent, dict) and parent.get("database_id") == database and not page["in_trash"]


def _dashed(path: str) -> str:
    return identifier(int(path.removesuffix(".md").replace("-", ""), 16))


def _list(items: list[Json], cursor: str | None) -> Reply:
    """Give a part of a list; a cursor is the id of the item it starts at, so a change shifts nothing."""
    start = next((number for number, one in enumerate(items) if one["id"] == cursor), 0)
    rest = items[start + PAGE_SIZE :]
    following = rest[0]["id"] if rest else None
    return Reply.of({
        "object": "list",
        "results": items[start : start + PAGE_SIZE],
        "has_more": bool(rest),
        "next_cursor": following,
    })  # fmt: skip


def _missing() -> Reply:
    return Reply.of({"object": "error", "status": 404, "code": "object_not_found"}, status=404)


def in_page(number: int) -> Json:
    return {"type": "page_id", "page_id": identifier(number)}


def in_database(number: int) -> Json:
    return {"type": "database_id", "database_id": identifier(number)}


@contextmanager
def notion_world() -> Iterator[NotionWorld]:
    """Run a Notion with a page that holds a page and a database of two rows, and another page at the top."""
    world = NotionWorld()
    with serving(world.answer) as world.server:
        world.put(
            1, "Operations",
            text_block(0x11, "paragraph", "Start here."),
            block(0x12, "toggle", children=True, rich_text=rich("More")),
            block(3, "child_database", title="Incidents"),
        )  # fmt: skip
        world.blocks[identifier(0x12)] = [block(2, "child_page", title="Disk full", children=True)]
        world.put(2, "Disk full", text_block(0x21, "heading_1", "Steps"), parent=in_block(0x12))
        world.blocks[identifier(1)][1]["parent"] = in_page(1)
        world.put_database(3, "Incidents", in_page(1))
        world.put(4, "Outage", text_block(0x41, "paragraph", "It was down."), parent=in_database(3))
        world.put(5, "Slow shop", text_block(0x51, "paragraph", "It was slow."), parent=in_database(3))
        world.put(6, "Alone", text_block(0x61, "paragraph", "Words."))
        yield world


def in_block(number: int) -> Json:
    return {"type": "block_id", "block_id": identifier(number)}
