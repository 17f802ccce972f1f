"""A web site as a source: the pages that its sitemap lists or that its start pages lead to."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, StorageFailed, UsageError
from ingest.sources.source import Snapshot, SourceEntry
from ingest.sources.web_cache import CachedAnswer, WebCache
from ingest.sources.web_client import WebClient, WebLimits
from ingest.sources.web_crawl import (
    HTML_TYPES,
    Crawl,
    Crawled,
    CrawlRules,
    Visit,
    media_type,
    without_build_dates,
    without_duplicates,
)
from ingest.sources.web_pages import read_page
from ingest.sources.web_robots import ROBOT_NAME, RobotsUnknown, read_robots
from ingest.sources.web_sitemap import SitemapListing, read_sitemaps
from ingest.sources.web_urls import Site


class WebSource:
    """The pages of one site, by `sitemap` or from the pages `start` on; only this host is ever asked.

    A snapshot crawls the site; `fetch` serves what the crawl saw, from a cache in `cache_dir`, which processes
    that fetch must share. `include` and `exclude` are patterns over the paths of addresses. `max_depth` counts
    links from a start page, `max_pages` the pages that are listed.
    """

    def __init__(
        self,
        *,
        name: str,
        cache_dir: Path,
        start: Sequence[str] = (),
        sitemap: str | None = None,
        max_pages: int = 500,
        max_depth: int = 5,
        delay_seconds: float = 0.5,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        limits: WebLimits | None = None,
    ) -> None:
        addresses = [*start, *([sitemap] if sitemap else [])]
        if not addresses:
            raise UsageError(f"source {name!r} has no address; give a sitemap or start pages")
        sites = {Site.of(address) for address in addresses}
        if len(sites) > 1:
            hosts = ", ".join(sorted(repr(site.root) for site in sites))
            raise UsageError(f"source {name!r} names several sites ({hosts}); declare each as a source of its own")
        self._name = name
        (self._site,) = sites
        self._start, self._sitemap = tuple(start), sitemap
        self._rules = CrawlRules(max_pages, max_depth, tuple(include), tuple(exclude))
        self._delay = delay_seconds
        self._limits = limits or WebLimits()
        digest = sha256("\n".join(addresses).encode()).hexdigest()
        self._cache = WebCache(cache_dir / f"web-{digest[:12]}.sqlite")
        self._snapshot = 0

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""
        return self._name

    @property
    def location(self) -> str:
        """The address of the sitemap, or those of the start pages, one a line."""
        return "\n".join([*([self._sitemap] if self._sitemap else []), *self._start])

    @property
    def url_prefix(self) -> str | None:
        """None: each entry has the address of its page."""
        return None

    def snapshot(self) -> Snapshot:
        """Crawl the site; what could not be looked at makes the snapshot partial, so that nothing is removed."""
        with self._storing():
            crawled = self._crawl()
            visits = list(without_duplicates(without_build_dates(list(crawled.visits.values()))))
            if not visits and crawled.problems:
                raise SourceUnreadable(f"source {self._name!r}: {crawled.problems[0]}")
            placed = _placed(visits)
            complete = not crawled.problems
            urls = {path: visit.url for path, visit in placed.items()}
            self._snapshot = self._cache.record(urls, datetime.now(UTC).isoformat(), complete=complete)
        entries = tuple(_entry(path, placed[path]) for path in sorted(placed))
        return Snapshot(self._name, entries, complete, (*crawled.problems, *crawled.notes))

    def fetch(self, path: str) -> bytes:
        """Return a page as the snapshot saw it: of HTML the main content, else the bytes that the site sent."""
        with self._storing():
            page = self._cache.listed(self._snapshot, path)
            if page is None and self._snapshot and not self._cache.knows(self._snapshot):
                raise DocumentUnavailable(
                    "the crawl that listed it is not in the cache; sync again, with one cache for all processes"
                )
        if page is None:
            raise DocumentUnreadable(f"{path!r} is not among the pages of the last crawl")
        return _content(page)

    def _crawl(self) -> Crawled:
        with WebClient(self._site, delay=self._delay, user_agent=ROBOT_NAME, limits=self._limits) as client:
            try:
                robots = read_robots(client, self._site)
            except RobotsUnknown as error:
                raise SourceUnreadable(
                    f"source {self._name!r}: {error}, so it is not known what may be read; check that the site is up"
                ) from error
            client.delay = max(self._delay, robots.delay)
            listing = read_sitemaps(client, self._site, self._sitemap) if self._sitemap else SitemapListing()
            crawl = Crawl(client, self._site, robots, self._rules, self._cache)
            crawled = crawl.run(listing.places, self._start)
        crawled.problems[:0] = listing.problems
        if self._sitemap and not (listing.places or listing.problems):
            crawled.problems.append(f"sitemap {self._sitemap!r} lists no page of {self._site.root!r}")
        return crawled

    @contextmanager
    def _storing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StorageFailed(
                f"source {self._name!r}: its cache of pages cannot be used: {error}; check the space and permissions "
                f"there, or remove it: the next sync makes it anew"
            ) from error


def _placed(visits: Sequence[Visit]) -> dict[str, Visit]:
    """Give each page a path of its own; of two that would share one, the later address gets a digest."""
    placed: dict[str, Visit] = {}
    for visit in sorted(visits, key=lambda one: one.url):
        path = visit.path
        if path in placed:
            pure = PurePosixPath(path)
            path = str(pure.with_stem(f"{pure.stem}~{sha256(visit.url.encode()).hexdigest()[:6]}"))
        placed[path] = visit
    return placed


def _entry(path: str, visit: Visit) -> SourceEntry:
    return SourceEntry(
        path=path,
        fingerprint=visit.digest,
        size=visit.size,
        url=visit.url,
        updated_at=visit.modified,
        problem=visit.problem,
        title=visit.title,
    )


def _content(page: CachedAnswer) -> bytes:
    if media_type(page.content_type) not in HTML_TYPES:
        return page.body
    content = read_page(page.body, page.content_type, page.url).content
    if not content:
        raise DocumentUnreadable("holds no text without running its scripts")
    return content
