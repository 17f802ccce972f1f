"""A small client of JSON APIs: bounded retries, paging with a guard, and a token that stays with its host."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from ingest.errors import DocumentUnreadable
from ingest.sources.rest_calls import Answer, Call
from ingest.sources.rest_failures import (
    BrokenAnswer,
    ForeignHost,
    NotFound,
    RequestFailed,
    TokenRefused,
    Unreachable,
    asked_wait,
    is_throttled,
)

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx
    from tenacity import RetryCallState

T = TypeVar("T")
_PASSING_STATUSES = frozenset({502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class RestLimits:
    """How long and how often a request is tried; times in seconds.

    `longest_wait` bounds what an API may ask to wait: where it asks for more, the request fails at once.
    `deadline` bounds one request with its body, however slowly that drips in.
    """

    attempts: int = 5
    connect: float = 10.0
    read: float = 60.0
    deadline: float = 300.0
    longest_wait: float = 120.0
    most_pages: int = 10_000
    most_bytes: int = 50 * 1024 * 1024


USUAL_LIMITS = RestLimits()
"""What sources use unless they are told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestApi:
    """One API: `service` is its name for a person, `base` what every path is appended to.

    `token_variable` names where the token is set, for messages; `headers` carry it and are never shown.
    """

    service: str
    base: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    token_variable: str = ""
    limits: RestLimits = USUAL_LIMITS
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def session(self) -> Iterator["RestSession"]:
        """Keep connections open for the requests of one snapshot or fetch."""
        import httpx

        timeout = httpx.Timeout(self.limits.read, connect=self.limits.connect)
        with httpx.Client(timeout=timeout, headers={"user-agent": "groundwatch"}, verify=_tls()) as client:
            yield RestSession(self, client)


@cache
def _tls() -> "SSLContext":
    """Load the certificates of authorities once a process: it takes longer than most requests."""
    import httpx

    return httpx.create_ssl_context()


class RestSession:
    """Requests to one API over kept connections."""

    def __init__(self, api: RestApi, client: "httpx.Client") -> None:
        import httpx

        self._api = api
        self._client = client
        self._base = httpx.URL(api.base)
        self._down = ""

    def get(self, shape: TypeAdapter[T], call: Call) -> T:
        """Return the decoded answer to one request; raises RequestFailed."""
        return self._decoded(shape, call)[0]

    def pages(self, shape: TypeAdapter[T], first: Call, following: Callable[[T, Answer], Call | None]) -> Iterator[T]:
        """Return the pages from `first` on; `following` finds the request for the page after one.

        Raises RequestFailed where a page fails, repeats, or is one too many.
        """
        call: Call | None = first
        seen: set[Call] = set()
        while call is not None:
            if call in seen or len(seen) >= self._api.limits.most_pages:
                raise BrokenAnswer(f"{self._said(call)} leads in a circle or beyond {len(seen)} pages; report it there")
            seen.add(call)
            page, answer = self._decoded(shape, call)
            yield page
            call = following(page, answer)

    def numbered_pages(
        self, shape: TypeAdapter[T], first: Call, following: Callable[[T, Answer], Call | None]
    ) -> Iterator[T]:
        """Return the pages of a list that is cut by position, twice where there are several.

        What leaves such a list while it is read shifts the rest, so that one item slips over a page's border
        unseen, and would be taken for removed. The caller leaves out what it has already.
        """
        count = 0
        for page in self.pages(shape, first, following):
            count += 1
            yield page
        if count > 1:
            yield from self.pages(shape, first, following)

    def download(self, call: Call) -> bytes:
        """Return the bytes of a file; a redirect to another host is followed without the token."""
        return self._retried(lambda: self._once(call, elsewhere=True)).body

    def _decoded(self, shape: TypeAdapter[T], call: Call) -> tuple[T, Answer]:
        def once() -> tuple[T, Answer]:
            answer = self._once(call)
            try:
                return shape.validate_json(answer.body), answer
            except ValidationError as error:
                said = f"{self._said(call)} {_misshapen(answer, error)}"
                raise BrokenAnswer(said, passing=not _is_page(answer)) from error

        return self._retried(once)

    def _retried(self, once: Callable[[], T]) -> T:
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        if self._down:
            raise Unreachable(self._down)
        retrying = Retrying(
            stop=stop_after_attempt(self._api.limits.attempts),
            retry=retry_if_exception(lambda error: isinstance(error, RequestFailed) and error.passing),
            wait=_pause,
            sleep=self._api.sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except Unreachable as error:
            self._down = str(error)  # a listing of many parts must not wait for each of them in turn
            raise

    def _once(self, call: Call, *, elsewhere: bool = False) -> Answer:
        """Send a request and follow its redirects; `elsewhere` allows other hosts, which get no credentials."""
        import httpx

        url, params = self._url(call), httpx.QueryParams(call.params) if call.params else None
        trusted = True
        for _ in range(_MOST_REDIRECTS + 1):
            trusted = trusted and self._is_ours(url)
            if not trusted and not elsewhere:
                self._refuse_host(call, url)
            headers = dict(self._api.headers) if trusted else {}
            request = self._request(call, url, params, headers)
            found = self._sent(call, request)
            if isinstance(found, Answer):
                return found
            url, params = self._joined(call, url, found), None
        raise BrokenAnswer(f"{self._said(call)} redirects in a circle; set `url` to the address it ends at")

    def _request(
        self, call: Call, url: "httpx.URL", params: "httpx.QueryParams | None", headers: dict[str, str]
    ) -> "httpx.Request":
        if call.body is None:
            return self._client.build_request("GET", url, params=params, headers=headers)
        headers["content-type"] = "application/json"
        return self._client.build_request("POST", url, content=call.body.encode(), headers=headers)

    def _sent(self, call: Call, request: "httpx.Request") -> Answer | str:
        """Return the answer, or the address that it redirects to."""
        import httpx

        end = time.monotonic() + self._api.limits.deadline
        try:
            response = self._client.send(request, stream=True)
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
            raise Unreachable(f"{self._said(call)} gave no answer ({_words(error)})", passing=True) from error
        try:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                if call.body is not None and response.status_code < 307:
                    raise BrokenAnswer(f"{self._said(call)} redirects; set `url` to the address that it leads to")
                return response.headers["location"]
            self._check(call, response)
            return Answer(dict(response.headers), self._body(call, response, end))
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise BrokenAnswer(f"{self._said(call)} was cut off ({_words(error)})", passing=True) from error
        finally:
            response.close()

    def _body(self, call: Call, response: "httpx.Response", end: float) -> bytes:
        limit, parts, size = self._api.limits.most_bytes, [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > limit:
                raise DocumentUnreadable(f"{self._said(call)} has more than {limit:,} bytes; split or shorten it")
            if time.monotonic() > end:
                raise BrokenAnswer(f"{self._said(call)} took more than {self._api.limits.deadline:g} s; try later")
            parts.append(part)
        return b"".join(parts)

    def _check(self, call: Call, response: "httpx.Response") -> None:
        status, headers = response.status_code, response.headers
        if 200 <= status < 300:
            return
        said = f"{self._said(call)} answers HTTP {status}"
        if is_throttled(status, headers) or status in _PASSING_STATUSES:
            wait = asked_wait(status, headers, datetime.now(UTC))
            if wait is not None and wait > self._api.limits.longest_wait:
                raise RequestFailed(f"{said} and asks to wait {wait:.0f} s, too long for a run; run it again then")
            raise RequestFailed(f"{said} again and again; run it later", passing=True, wait=wait)
        if status in (401, 403):
            raise TokenRefused(f"{said}: {self._next_step()}", expired=status == 401)
        if status in (404, 410):
            raise NotFound(f"{said}: it is not there, or not for this token")
        if status >= 500:
            raise RequestFailed(
                f"{said}: the server failed on this request; the next sync asks again, and its administrator finds why "
                "in its log"
            )
        raise RequestFailed(f"{said}; check `url` and what this source is set to read")

    def _next_step(self) -> str:
        where = self._api.token_variable or "the environment variable that this source takes its token from"
        if not any(name in ("authorization", "private-token") for name, _ in self._api.headers):
            return f"it asks for a token; make one that may read this and set it in {where}"
        return f"the token was refused, has expired or may not read this; make a new one and set it in {where}"

    def _url(self, call: Call) -> "httpx.URL":
        whole = call.target.startswith(("http://", "https://"))
        return self._joined(call, self._base, call.target if whole else self._api.base + call.target)

    def _joined(self, call: Call, base: "httpx.URL", address: str) -> "httpx.URL":
        import httpx

        try:
            return base.join(address)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise BrokenAnswer(f"{self._said(call)} names an address that is none; report it there") from error

    def _is_ours(self, url: "httpx.URL") -> bool:
        return (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)

    def _refuse_host(self, call: Call, url: "httpx.URL") -> NoReturn:
        where = f"{url.scheme}://{url.netloc.decode('ascii', 'replace').rpartition('@')[2]}"
        raise ForeignHost(
            f"{self._said(call)} leads to {where!r}, where the token is not sent; "
            f"if that is the same {self._api.service}, set `url` to its address"
        )

    def _said(self, call: Call) -> str:
        """Name a request without its parameters, which may hold what is nobody's business."""
        path = call.target.split("?")[0].removeprefix(self._api.base)
        return f"{self._api.service} at {self._api.base!r}, {path!r}," if path else f"{self._api.service}"


def _pause(state: "RetryCallState") -> float:
    """Wait as long as the API asks, else twice as long each time; the rest is jitter against common rhythm."""
    error = state.outcome.exception() if state.outcome is not None else None
    wait = error.wait if isinstance(error, RequestFailed) else None
    jitter = random.random()
    return wait + 0.1 * jitter if wait is not None else min(20.0, 0.5 * 2**state.attempt_number) * (0.5 + jitter / 2)


def _misshapen(answer: Answer, error: ValidationError) -> str:
    if _is_page(answer):
        return "answers with a web page, not with JSON; check `url`, and whether the token is set"
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the whole"
    return f"is no answer that can be read ({place}: {first['type']}); it was cut off, or `url` is another service"


def _is_page(answer: Answer) -> bool:
    return "html" in answer.headers.get("content-type", "")


def _words(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
