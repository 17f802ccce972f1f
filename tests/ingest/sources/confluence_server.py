"""A small Confluence on this machine: pages, attachments and restrictions behind its documented REST API."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from ingest.sources.confluence import ConfluenceSource
from ingest.sources.source import Source
from tests.ingest.sources.rest_server import Asked, Reply, RestServer, serving

PAGE_SIZE = 2


@dataclass
class WikiPage:
    """A page as the server keeps it."""

    id: str
    title: str
    text: str = "<p>Words.</p>"
    space: str = "OPS"
    parent: str | None = None
    labels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    status: str = "current"
    version: int = 1
    files: dict[str, bytes] = field(default_factory=dict)
    media_type: str = "application/octet-stream"


@dataclass
class ConfluenceWorld:
    """The pages, and an adapter that reads them; `context` is the path below which the site lies."""

    server: RestServer = field(init=False)
    pages: dict[str, WikiPage] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    secret: str = "pat-0123456789"
    accepted: str = "Bearer pat-0123456789"
    context: str = "/confluence"
    has_content_list: bool = True
    next_host: str = ""
    first_page: str = r"/rest/api/content\?(?!.*start=)"
    later_page: str = r"/rest/api/content\?.*start="

    def source(self, **settings: object) -> Source:
        stated = {"spaces": ("OPS",), "token": self.secret, **settings}
        url = self.server.url + self.context
        return ConfluenceSource(
            name="wiki",
            url=url,
            token_variable="THE_TOKEN",
            sleep=self.pauses.append,
            **stated,  # type: ignore[arg-type]  # a test's settings
        )

    def put(self, page: WikiPage) -> WikiPage:
        self.pages[page.id] = page
        return page

    def add(self) -> None:
        self.put(WikiPage("250", "Added later"))

    def change(self, path: str) -> None:
        page = self.pages[path.split("/")[1].removesuffix(".html")]
        page.text, page.version = page.text + "<p>More.</p>", page.version + 1

    def remove(self, path: str) -> None:
        self.pages.pop(path.split("/")[1].removesuffix(".html"), None)

    def expire_token(self) -> None:
        self.accepted = "nothing"

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization", "") != self.accepted:
            return Reply.of({"message": "unauthorized"}, status=401)
        path = asked.path.removeprefix(self.context)
        if path == "/rest/api/content" and self.has_content_list:
            return self._list(asked, self._of_space(asked.query.get("spaceKey")))
        if path == "/rest/api/content/search":
            return self._list(asked, self._searched(asked.query["cql"]))
        found = re.fullmatch(r"/rest/api/content/(\d+)(/.+)?", path)
        page = self.pages.get(found[1]) if found else None
        if found and page:
            return self._about(asked, page, found[2] or "")
        download = re.fullmatch(r"/download/attachments/(\d+)/(.+)", path)
        if download and download[1] in self.pages:
            return Reply(self.pages[download[1]].files[unquote(download[2])])
        return Reply.of({"statusCode": 404}, status=404)

    def _about(self, asked: Asked, page: WikiPage, below: str) -> Reply:
        if below == "/child/attachment":
            return Reply.of(self._attachments(asked, page))
        if below == "/restriction/byOperation/read":
            return Reply.of({"operation": "read", "restrictions": _readers(page)})
        return Reply.of(self._shown(page, asked.query.get("expand", "")))

    def _of_space(self, space: str | None) -> list[WikiPage]:
        return [page for page in self.pages.values() if space in (None, page.space) and page.status == "current"]

    def _searched(self, cql: str) -> list[WikiPage]:
        space, labels = re.search(r'space="(\w+)"', cql), re.search(r"label in \(([^)]*)\)", cql)
        found = re.search(r"id=(\d+)", cql)
        pages = self._of_space(space[1] if space else None)
        if found:
            pages = [page for page in pages if page.id == found[1]]
        if labels:
            wanted = set(re.findall(r'"([^"]*)"', labels[1]))
            pages = [page for page in pages if wanted & set(page.labels)]
        return pages

    def _list(self, asked: Asked, pages: list[WikiPage]) -> Reply:
        shown = [self._shown(page, asked.query.get("expand", "")) for page in pages]
        return Reply.of(self._cut(asked, shown))

    def _cut(self, asked: Asked, items: list[dict[str, object]]) -> dict[str, object]:
        """Give a part of a list; the link to the next part leaves the context out, as Confluence does."""
        start = asked.number("start", 0)
        links: dict[str, str] = {"base": self.server.url + self.context, "context": self.context}
        if start + PAGE_SIZE < len(items):
            query = "&".join(f"{name}={value}" for name, value in asked.query.items() if name != "start")
            links["next"] = f"{self.next_host}{asked.path.removeprefix(self.context)}?{query}&start={start + PAGE_SIZE}"
        part = items[start : start + PAGE_SIZE]
        return {"results": part, "start": start, "limit": PAGE_SIZE, "size": len(part), "_links": links}

    def _shown(self, page: WikiPage, expand: str) -> dict[str, object]:
        shown: dict[str, object] = {
            "id": page.id,
            "type": "page",
            "status": page.status,
            "title": page.title,
            "_links": {"webui": f"/display/{page.space}/{page.id}"},
        }
        parts = {
            "version": {"number": page.version, "when": "2026-03-01T10:00:00.000Z"},
            "space": {"key": page.space},
            "ancestors": [{"id": one.id, "title": one.title} for one in self._above(page)],
            "metadata.labels": {"labels": {"results": [{"prefix": "global", "name": one} for one in page.labels]}},
            "restrictions.read.restrictions.user": {"read": {"operation": "read", "restrictions": _readers(page)}},
            "history.lastUpdated": {"lastUpdated": {"when": "2026-03-02T10:00:00.000Z", "number": page.version}},
            "body.storage": {"storage": {"value": page.text, "representation": "storage"}},
            "children.attachment.version": {"attachment": self._attached(page)},
        }
        for name in set(expand.split(",")) & parts.keys():
            shown[name.split(".")[0]] = parts[name]
        return shown

    def _above(self, page: WikiPage) -> list[WikiPage]:
        parent = self.pages.get(page.parent or "")
        return [*self._above(parent), parent] if parent else []

    def _files(self, page: WikiPage) -> list[dict[str, object]]:
        return [
            {
                "id": f"att{page.id}{number}",
                "type": "attachment",
                "title": name,
                "status": "current",
                "version": {"number": page.version, "when": "2026-02-01T10:00:00.000Z"},
                "extensions": {"mediaType": page.media_type, "fileSize": len(body)},
                "_links": {"download": f"/download/attachments/{page.id}/{name}?version=1"},
            }
            for number, (name, body) in enumerate(page.files.items())
        ]

    def _attached(self, page: WikiPage) -> dict[str, object]:
        files = self._files(page)
        return {"results": files[:PAGE_SIZE], "limit": PAGE_SIZE, "size": min(PAGE_SIZE, len(files)), "_links": {}}

    def _attachments(self, asked: Asked, page: WikiPage) -> dict[str, object]:
        return self._cut(asked, self._files(page))


def _readers(page: WikiPage) -> dict[str, object]:
    return {
        "user": {"results": [{"type": "known", "username": one, "userKey": f"key-{one}"} for one in page.users]},
        "group": {"results": [{"type": "group", "name": one} for one in page.groups]},
    }


@contextmanager
def confluence_world() -> Iterator[ConfluenceWorld]:
    """Run a Confluence with a tree of five pages; the second has three attachments."""
    world = ConfluenceWorld()
    with serving(world.answer) as world.server:
        world.put(WikiPage("100", "Operations"))
        files = {"plan.txt": b"plan", "sizes.csv": b"a,b\n", "logo.png": b"png", "notes.md": b"# Notes\n"}
        world.put(WikiPage("101", "Runbooks", parent="100", labels=("runbook",), files=files))
        world.put(WikiPage("102", "Disk full", parent="101", labels=("disk", "runbook")))
        world.put(WikiPage("103", "Postmortems", parent="100"))
        world.put(WikiPage("104", "Outage of 3 March", parent="103"))
        yield world
