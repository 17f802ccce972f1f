"""Polite requests to one site: paced, bounded in time and size, repeated where the server asks for it."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING

from ingest.sources.rest_failures import asked_wait
from ingest.sources.web_urls import Site

if TYPE_CHECKING:
    import httpx

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ABSENT = frozenset({404, 410})
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_REDIRECTS = 5


class AnswerKind(StrEnum):
    """What came of a request."""

    FRESH = "fresh"  # a body
    UNCHANGED = "unchanged"  # what is cached is still right
    ABSENT = "absent"  # there is no such page
    MOVED = "moved"  # a redirect, to `target`
    REFUSED = "refused"  # the page is there, and not for us
    OTHER = "other"  # a type of content that was not asked for
    TOO_LARGE = "too_large"
    FAILED = "failed"  # no usable answer; it may come next time


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `reason` says why there is no body, `lasting` whether a redirect is for good."""

    kind: AnswerKind
    url: str
    reason: str = ""
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    target: str = ""
    lasting: bool = False

    def header(self, name: str) -> str:
        """Return a header, "" where there is none."""
        return (self.headers or {}).get(name, "")

    @property
    def content_type(self) -> str:
        """The content type with its parameters, in lower case."""
        return self.header("content-type").lower()


@dataclass(frozen=True, slots=True)
class WebLimits:
    """How long and how often a page is tried; times in seconds.

    `pause` lies between two tries where the server names no time. `longest_wait` bounds what a server may
    ask to wait: where it asks for more, the request fails at once. `deadline` bounds one answer with its
    body, however slowly that drips in.
    """

    attempts: int = 3
    pause: float = 0.5
    connect: float = 10.0
    read: float = 30.0
    deadline: float = 120.0
    longest_wait: float = 120.0
    most_bytes: int = 20_000_000


class WebClient:
    """A client for one crawl; use it as a context manager. `delay` is the least time between two requests."""

    def __init__(self, site: Site, *, delay: float, user_agent: str, limits: WebLimits) -> None:
        self.delay = delay
        self._site = site
        self._limits = limits
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "text/html, text/markdown, text/plain, application/pdf, */*;q=0.1",
        }
        self._next = 0.0
        self._client: httpx.Client | None = None

    def __enter__(self) -> "WebClient":
        import httpx

        limits = self._limits
        timeout = httpx.Timeout(limits.read, connect=limits.connect)
        self._client = httpx.Client(headers=self._headers, timeout=timeout, follow_redirects=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        follow: bool = False,
        wanted: Callable[[str], bool] | None = None,
    ) -> Answer:
        """Request an address of the site, again where that may help; nothing is raised for what a server does.

        `etag` and `last_modified` make it a conditional request. A body is read only where `wanted` takes its
        content type. With `follow`, redirects inside the site are followed.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        answer = self._tried(url, headers, wanted)
        for _ in range(_MOST_REDIRECTS if follow else 0):
            target = self._site.resolve(answer.target, answer.url) if answer.kind is AnswerKind.MOVED else None
            if target is None:
                break
            answer = self._tried(target, headers, wanted)
        return answer

    def _tried(self, url: str, headers: Mapping[str, str], wanted: Callable[[str], bool] | None) -> Answer:
        for attempt in range(self._limits.attempts):
            answer, wait = self._once(url, headers, wanted)
            last = attempt == self._limits.attempts - 1
            if wait is None or last or wait > self._limits.longest_wait:
                break
            # Up to a quarter more, so that several crawls do not come back together.
            time.sleep(wait * (1 + random.random() / 4))
        return answer

    def _once(
        self, url: str, headers: Mapping[str, str], wanted: Callable[[str], bool] | None
    ) -> tuple[Answer, float | None]:
        """Return the answer, and the seconds after which to try again, None where that is of no use."""
        import httpx

        assert self._client is not None, "a WebClient is used as a context manager"
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + self.delay
        try:
            with self._client.stream("GET", url, headers=dict(headers)) as response:
                return self._judged(response, url, wanted)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            words = str(error) or type(error).__name__
            return Answer(AnswerKind.FAILED, url, f"no whole answer: {words[:200]}"), self._limits.pause

    def _judged(
        self, response: "httpx.Response", url: str, wanted: Callable[[str], bool] | None
    ) -> tuple[Answer, float | None]:
        status = response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        if status == 304:
            return Answer(AnswerKind.UNCHANGED, url, headers=headers), None
        if status in _REDIRECTS:
            target, lasting = headers.get("location", ""), status in (301, 308)
            return Answer(AnswerKind.MOVED, url, f"HTTP {status}", target=target, lasting=lasting), None
        if status in _ABSENT:
            return Answer(AnswerKind.ABSENT, url, f"HTTP {status}"), None
        if status in _AGAIN or status >= 500:
            asked = asked_wait(status, headers, datetime.now(UTC)) if status in (429, 503) else None
            told = f", asks to wait {asked:.0f} s" if asked else ""
            wait = (self._limits.pause if asked is None else asked) if status in _AGAIN else None
            return Answer(AnswerKind.FAILED, url, f"HTTP {status}{told}"), wait
        if status != 200:
            return Answer(AnswerKind.REFUSED, url, f"HTTP {status}"), None
        if wanted is not None and not wanted(headers.get("content-type", "").lower()):
            return Answer(AnswerKind.OTHER, url, headers.get("content-type", ""), headers=headers), None
        return self._body(response, url, headers)

    def _body(self, response: "httpx.Response", url: str, headers: Mapping[str, str]) -> tuple[Answer, float | None]:
        until, body = time.monotonic() + self._limits.deadline, bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > self._limits.most_bytes:
                reason = f"more than {self._limits.most_bytes:,} bytes"
                return Answer(AnswerKind.TOO_LARGE, url, reason, headers=headers), None
            if time.monotonic() > until:
                return Answer(AnswerKind.FAILED, url, f"sent no whole page within {self._limits.deadline:.0f} s"), None
        return Answer(AnswerKind.FRESH, url, body=bytes(body), headers=headers), None
