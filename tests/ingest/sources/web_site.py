"""A site on this machine that behaves as sites do: conditional requests, redirects, rate limits, broken answers."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ingest.sources.source import SourceEntry
from ingest.sources.web import WebSource
from ingest.sources.web_client import WebLimits

LIMITS = WebLimits(attempts=2, pause=0.01, read=5, deadline=10, longest_wait=3, most_bytes=200_000)
TEXT = "when the disk is full, remove old logs and tell the team about it in the channel. " * 5


@dataclass
class Reply:
    """What the site answers at one address; `cut` bytes of the body are announced and never sent."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    etag: bool = True


def page(text: str, *, links: tuple[str, ...] = (), title: str = "", head: str = "", footer: str = "") -> Reply:
    """Return a page of documentation with a menu, the text, and a footer."""
    anchors = " ".join(f'<a href="{link}">{link}</a>' for link in links)
    return Reply(
        f"<!doctype html><html><head><title>{title or text[:20]}</title>{head}</head><body><nav>menu {anchors}</nav>"
        f"<main><h1>{title or text[:20]}</h1><p>{text}</p><pre><code>systemctl restart {text[:5]}</code></pre></main>"
        f"<footer>{footer}</footer></body></html>".encode()
    )


def sitemap(*urls: str, lastmod: str = "") -> Reply:
    """Return a sitemap of addresses."""
    stated = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    entries = "".join(f"<url><loc>{url}</loc>{stated}</url>" for url in urls)
    return Reply(
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode(),
        content_type="application/xml",
    )


def sitemap_index(*urls: str) -> Reply:
    """Return a sitemap that refers to others."""
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return Reply(f"<sitemapindex>{entries}</sitemapindex>".encode(), content_type="application/xml")


def zipped(reply: Reply) -> Reply:
    """Return the same body as a .gz file."""
    return Reply(gzip.compress(reply.body), content_type="application/gzip")


class FakeSite(ThreadingHTTPServer):
    """Answer from `replies`: by path, a reply or a list of them, of which each request takes the next."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, Reply | list[Reply]] = {}
        self.asked: list[tuple[str, int]] = []

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        """Return the paths that were asked for, without robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def reply(self, path: str) -> Reply:
        """Return what is answered at `path` this time."""
        found = self.replies.get(path, Reply(status=404))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found


class _Handler(BaseHTTPRequestHandler):
    server: FakeSite

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        reply = self.server.reply(self.path)
        etag = f'"{sha256(reply.body).hexdigest()[:16]}"' if reply.etag and reply.status == 200 else ""
        status = 304 if etag and self.headers.get("If-None-Match") == etag else reply.status
        self.server.asked.append((self.path, status))
        body = b"" if status == 304 else reply.body
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        for name, value in {"Content-Type": reply.content_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + reply.cut))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def fake_site() -> Iterator[FakeSite]:
    """Serve a site while the block runs."""
    site = FakeSite()
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


def make(site: FakeSite, folder: Path, **terms: object) -> WebSource:
    """Return a source over the site that waits for nothing; it starts at the front page unless told otherwise."""
    values = {"name": "wiki", "cache_dir": folder / "cache", "delay_seconds": 0.0, "limits": LIMITS, **terms}
    if not {"start", "sitemap"} & terms.keys():
        values["start"] = [site.url]
    return WebSource(**values)  # type: ignore[arg-type]  # the values of each test fit


def listed(source: WebSource) -> dict[str, SourceEntry]:
    """Take a snapshot and return its entries by path."""
    return {entry.path: entry for entry in source.snapshot().entries}
