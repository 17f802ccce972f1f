"""A small wiki on loopback that speaks as much of Confluence's REST API as its adapter asks, and fails on request."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from ingest.sources.confluence import ConfluenceSource
from ingest.sources.rest import RestLimits

SPACE = "OPS"
_PAGE = 25  # pages in one answer to a listing
_LIST = "/rest/api/content"


@dataclass
class Wiki:
    """Pages by file name, and what goes wrong.

    `dies_after` so many page bodies every request fails; of `bodies_fail` every third body is an error 500;
    `listing_fails` gives a 503 from the second part of the listing on.
    """

    pages: Mapping[str, str]
    dies_after: int | None = None
    bodies_fail: bool = False
    listing_fails: bool = False
    url: str = ""
    bodies: int = field(default=0)

    def answer(self, path: str, start: int) -> tuple[int, object]:
        """Return status and JSON for one request."""
        if self.dies_after is not None and self.bodies >= self.dies_after:
            return 503, {"message": "gone"}
        if path == _LIST:
            return self._listing(start)
        self.bodies += 1
        if self.bodies_fail and self.bodies % 3 == 0:
            return 500, {"message": "internal error"}
        number = int(path.removeprefix(f"{_LIST}/"))
        return 200, self._shown(_names(self.pages)[number]) if number in _names(self.pages) else {}

    def heal(self) -> None:
        """Let everything work again."""
        self.dies_after, self.bodies_fail, self.listing_fails = None, False, False

    def _listing(self, start: int) -> tuple[int, object]:
        if self.listing_fails and start:
            return 503, {"message": "overloaded"}
        names = list(_names(self.pages).values())
        following = f"{_LIST}?start={start + _PAGE}" if start + _PAGE < len(names) else None
        links = {"next": following} if following else {}
        shown = [self._shown(name) for name in names[start : start + _PAGE]]
        return 200, {"results": shown, "start": start, "limit": _PAGE, "size": len(shown), "_links": links}

    def _shown(self, name: str) -> dict[str, object]:
        text = self.pages[name]
        blocks = [line for line in text.split("\n") if line]
        body = "".join(f"<h2>{b[3:]}</h2>" if b.startswith("## ") else f"<p>{b}</p>" for b in blocks[1:])
        # A wiki counts a page's versions; here the text itself tells them apart.
        edition = 2 if "Edition 2" in text else 1
        return {
            "id": str(_number(name)),
            "type": "page",
            "status": "current",
            "title": blocks[0].removeprefix("# "),
            "version": {"number": edition, "when": "2026-03-01T10:00:00.000Z"},
            "space": {"key": SPACE},
            "body": {"storage": {"value": body, "representation": "storage"}},
        }


@contextmanager
def serving(pages: Mapping[str, str]) -> Iterator[Wiki]:
    """Serve a wiki on loopback for the length of a block."""
    wiki = Wiki(pages)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            start = int(parse_qs(parts.query).get("start", ["0"])[-1])
            status, answer = wiki.answer(parts.path, start)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        wiki.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield wiki
        finally:
            server.shutdown()
            thread.join()


def wiki_source(url: str, name: str) -> ConfluenceSource:
    """Return the source that reads the wiki; it gives up after two attempts and doesn't wait long for the second."""

    def brief(seconds: float) -> None:
        time.sleep(min(seconds, 0.01))

    limits = RestLimits(attempts=2, connect=5, read=5, deadline=10)
    return ConfluenceSource(name=name, url=url, spaces=(SPACE,), attachments=False, limits=limits, sleep=brief)


def wiki_path(name: str) -> str:
    """Return the path that the source gives the page of a file name."""
    return f"{SPACE}/{_number(name)}.html"


def _names(pages: Mapping[str, str]) -> dict[int, str]:
    return {_number(name): name for name in sorted(pages)}


def _number(name: str) -> int:
    return 1000 + int(name.removeprefix("page").removesuffix(".md"))
