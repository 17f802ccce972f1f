"""The crawl of one site: from its sitemap or start pages to the pages that are documents."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

from ingest.sources.globs import matches_any
from ingest.sources.web_cache import CachedAnswer, WebCache
from ingest.sources.web_client import Answer, AnswerKind, WebClient
from ingest.sources.web_pages import WebPage, read_page
from ingest.sources.web_robots import Robots
from ingest.sources.web_sitemap import Place, moment
from ingest.sources.web_urls import Site, document_path, identity, may_be_page, site_path

HTML_TYPES = ("text/html", "application/xhtml+xml")
"""The types of content that a page's main part is taken from."""

_EXTENSIONS = {
    "text/html": (".html", ".htm", ".xhtml"),
    "application/xhtml+xml": (".html", ".htm", ".xhtml"),
    "text/markdown": (".md", ".markdown", ".mdx"),
    "text/x-markdown": (".md", ".markdown", ".mdx"),
    "text/plain": (".txt", ".md", ".markdown", ".rst", ".adoc", ".asciidoc"),
    "application/pdf": (".pdf",),
}
_MOST_FAILURES_IN_A_ROW = 5
_MOST_RESPELLINGS = 3
_MOST_REQUESTS_PER_PAGE = 5  # redirects and dead links count too
_SUSPICIOUS_FROM = 10


@dataclass(frozen=True, slots=True)
class CrawlRules:
    """What of a site is read; patterns are over the paths of addresses, without their first slash."""

    max_pages: int
    max_depth: int
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def lists(self, url: str) -> bool:
        """Tell whether the page counts as a document."""
        path = site_path(url) or "index.html"
        return not matches_any(path, self.exclude) and (not self.include or matches_any(path, self.include))


@dataclass(frozen=True, slots=True)
class Visit:
    """One page that was read: `digest` stays while its content says the same."""

    url: str
    path: str
    size: int
    digest: str
    title: str | None = None
    modified: datetime | None = None
    canonical: str = ""
    problem: str | None = None


@dataclass(slots=True)
class Crawled:
    """What a crawl found, by the identity of each address, and what it could not look at."""

    visits: dict[str, Visit] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Step:
    url: str
    depth: int
    follow: bool
    modified: datetime | None = None
    is_start: bool = False


class Crawl:
    """One pass over a site. A page is requested once; what it links to is visited level by level."""

    def __init__(self, client: WebClient, site: Site, robots: Robots, rules: CrawlRules, cache: WebCache) -> None:
        self._client = client
        self._site = site
        self._robots = robots
        self._rules = rules
        self._cache = cache
        self._seen: set[str] = set()
        self._waiting: deque[_Step] = deque()
        self._failures = 0
        self._found = Crawled()

    def run(self, places: Sequence[Place], start: Sequence[str]) -> Crawled:
        """Visit the places of a sitemap, and the start pages with what they link to."""
        for place in places:
            self._add(_Step(place.url, 0, follow=False, modified=place.modified))
        for url in start:
            self._add(_Step(url, 0, follow=True, is_start=True))
        requests, most = 0, self._rules.max_pages
        while self._waiting:
            if len(self._found.visits) >= most or requests >= most * _MOST_REQUESTS_PER_PAGE:
                self._found.problems.append(
                    f"stopped at max_pages ({most}) with at least {len(self._waiting)} addresses left; raise it, or "
                    "leave parts of the site out with exclude"
                )
                break
            if self._failures >= _MOST_FAILURES_IN_A_ROW:
                self._found.problems.append(
                    f"stopped after {self._failures} pages in a row without an answer; check that the site is up, and "
                    "raise delay_seconds where it slows crawlers down"
                )
                break
            requests += 1
            self._visit(self._waiting.popleft())
        return self._found

    def _add(self, step: _Step) -> None:
        key = identity(step.url)
        if key in self._seen or not may_be_page(step.url):
            return
        self._seen.add(key)
        if not self._robots.allows(step.url):
            if step.is_start:
                self._found.problems.append(f"start page {step.url!r} is refused by robots.txt")
            return
        if step.is_start or self._rules.lists(step.url):
            self._waiting.append(step)

    def _visit(self, step: _Step, respelled: int = 0) -> None:
        before = self._cache.answer(step.url)
        answer = self._client.get(
            step.url,
            etag=before.etag if before else "",
            last_modified=before.last_modified if before else "",
            wanted=_is_wanted,
        )
        self._failures = self._failures + 1 if answer.kind is AnswerKind.FAILED else 0
        match answer.kind:
            case AnswerKind.FRESH:
                page = _kept(answer)
                self._cache.keep(page)
                self._take(step, page)
            case AnswerKind.UNCHANGED if before is not None:
                self._take(step, before)
            case AnswerKind.MOVED:
                self._move(step, answer, respelled)
            case AnswerKind.TOO_LARGE:
                self._list(step, _misfit(answer, f"has {answer.reason}; split it, or exclude it"))
            case AnswerKind.REFUSED:
                self._refuse(step, before, answer)
            case AnswerKind.FAILED | AnswerKind.UNCHANGED:
                self._found.problems.append(
                    f"page {step.url!r}: {answer.reason or 'no page came'}; the next sync asks again, and a page that "
                    "never answers can be left out with exclude"
                )
            case AnswerKind.ABSENT | AnswerKind.OTHER if step.is_start:
                self._found.problems.append(
                    f"start page {step.url!r}: {answer.reason or 'no page'}; correct the address in `start`"
                )

    def _take(self, step: _Step, page: CachedAnswer) -> None:
        modified = step.modified or _http_date(page.last_modified)
        if media_type(page.content_type) not in HTML_TYPES:
            self._list(step, _plain(page, modified))
            return
        read = read_page(page.body, page.content_type, page.url)
        target = self._resolved(read.redirect, read.base)
        if target and identity(target) != identity(step.url):
            self._add(replace(step, url=target))
            return
        if step.follow and step.depth < self._rules.max_depth:
            for link in read.links:
                there = self._resolved(link, read.base)
                if there:
                    self._add(_Step(there, step.depth + 1, follow=True))
        self._list(step, _html(page, read, modified, self._resolved(read.canonical, read.base)))

    def _resolved(self, link: str, base: str) -> str:
        return (self._site.resolve(link, base) or "") if link else ""

    def _list(self, step: _Step, visit: Visit) -> None:
        if self._rules.lists(step.url):
            self._found.visits[identity(step.url)] = visit

    def _move(self, step: _Step, answer: Answer, respelled: int) -> None:
        """Go where a redirect inside the site leads; a temporary one off the site looks like a login."""
        target = self._site.resolve(answer.target, step.url)
        if target is None:
            told = f"page {step.url!r} redirects to {answer.target[:200]!r}, off the site"
            if answer.lasting and not step.is_start:
                self._found.notes.append(told)
            else:
                self._found.problems.append(f"{told}; if it asks for a login, give an address that needs none")
        elif identity(target) != identity(step.url):
            self._add(replace(step, url=target))
        elif target != step.url and respelled < _MOST_RESPELLINGS:  # only a slash or the like: the same page
            self._visit(replace(step, url=target), respelled + 1)
        else:
            self._found.problems.append(f"page {step.url!r} redirects to itself")

    def _refuse(self, step: _Step, before: CachedAnswer | None, answer: Answer) -> None:
        """A page that was readable once and is refused now may be so by mistake: it keeps its last version."""
        told = f"page {step.url!r} is refused ({answer.reason})"
        if before is None and not step.is_start:
            self._found.notes.append(told)
        else:
            self._found.problems.append(f"{told}; let the crawler in, or exclude the page")


def media_type(content_type: str) -> str:
    """Return the type alone; a page without one is taken for HTML, as browsers do."""
    return content_type.partition(";")[0].strip() or "text/html"


def without_duplicates(visits: Sequence[Visit]) -> Iterator[Visit]:
    """Leave out pages that name another listed page as their canonical address and say the same as it."""
    by_identity = {identity(visit.url): visit for visit in visits}
    for visit in visits:
        original = by_identity.get(identity(visit.canonical)) if visit.canonical else None
        if original is None or original is visit or original.digest != visit.digest:
            yield visit


def without_build_dates(visits: Sequence[Visit]) -> list[Visit]:
    """Drop the date where most pages have one of the same hour: then the site was built, not each page changed."""
    hours = Counter(_hour(visit.modified) for visit in visits if visit.modified)
    hour, times = hours.most_common(1)[0] if hours else ("", 0)
    if times < _SUSPICIOUS_FROM or times * 2 <= len(visits):
        return list(visits)
    return [replace(visit, modified=None) if _hour(visit.modified) == hour else visit for visit in visits]


def _hour(modified: datetime | None) -> str:
    return modified.astimezone(UTC).strftime("%Y-%m-%dT%H") if modified else ""


def _is_wanted(content_type: str) -> bool:
    return media_type(content_type) in _EXTENSIONS


def _kept(answer: Answer) -> CachedAnswer:
    etag, modified = answer.header("etag"), answer.header("last-modified")
    return CachedAnswer(answer.url, answer.body, answer.content_type, etag, modified)


def _plain(page: CachedAnswer, modified: datetime | None) -> Visit:
    path = document_path(page.url, _EXTENSIONS[media_type(page.content_type)])
    return Visit(page.url, path, len(page.body), sha256(page.body).hexdigest(), modified=modified)


def _html(page: CachedAnswer, read: WebPage, modified: datetime | None, canonical: str) -> Visit:
    path = document_path(page.url, _EXTENSIONS[media_type(page.content_type)])
    problem = None if read.content else "holds no text without running its scripts; give a page that is plain HTML"
    return Visit(page.url, path, len(read.content), read.digest, read.title, modified, canonical, problem)


def _misfit(answer: Answer, problem: str) -> Visit:
    path = document_path(answer.url, _EXTENSIONS[media_type(answer.content_type)])
    return Visit(answer.url, path, 0, "misfit", problem=problem)


def _http_date(text: str) -> datetime | None:
    try:
        stated = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment((stated if stated.tzinfo else stated.replace(tzinfo=UTC)).isoformat())
