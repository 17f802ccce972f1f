"""The one way to a provider: its host only, our headers only, no more bytes and time than were granted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import httpx

from api.errors import LanguageModelError
from api.llm import failures
from api.llm.failures import Endpoint

if TYPE_CHECKING:
    from ssl import SSLContext

_CONNECT_SECONDS = 10.0
_MOST_ERROR_BYTES = 65_536
# What vendors' libraries add beyond these (their telemetry, organisations and keys from the environment) stays here.
_KEPT_HEADERS = frozenset({"host", "content-type", "content-length", "anthropic-version", "anthropic-beta"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """What one call may take: seconds from now on, and bytes of the answer as they come over the wire."""

    seconds: float
    most_bytes: int


@contextmanager
def bounded_client(
    endpoint: Endpoint, limits: CallLimits, *, media_types: tuple[str, ...], headers: dict[str, str]
) -> Iterator[httpx.Client]:
    """Keep a client for one call. What goes wrong is raised as a LanguageModelError, whatever the library makes of it.

    An answer of none of the `media_types` is refused before a byte of it is read; `headers` carry the key.
    """
    # No connection is kept: the second request of a call is rare, and a server may have closed it meanwhile.
    kept = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(verify=_tls(), limits=kept, follow_redirects=False) as inner:
        transport = _BoundedTransport(endpoint, limits, inner, media_types, headers)
        with httpx.Client(transport=transport, follow_redirects=False) as client:
            yield client


@cache
def _tls() -> "SSLContext":
    """Load the certificates of authorities once a process: it takes longer than most requests."""
    return httpx.create_ssl_context()


class _BoundedTransport(httpx.BaseTransport):
    """Send a request through a plain client, which knows the proxies of the environment."""

    def __init__(
        self,
        endpoint: Endpoint,
        limits: CallLimits,
        inner: httpx.Client,
        media_types: tuple[str, ...],
        headers: dict[str, str],
    ) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._inner = inner
        self._media_types = media_types
        self._headers = headers
        self._end = time.monotonic() + limits.seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response once its headers say that it is an answer; raises LanguageModelError."""
        self._check_host(request)
        try:
            answer = self._inner.send(self._bare(request), stream=True)
        except httpx.TransportError as error:
            raise self._failed(error) from error
        if answer.status_code != 200:
            raise self._refused(answer)
        self._check_shape(answer)
        body = _BoundedBody(self._endpoint, self._limits, self._end, answer)
        return httpx.Response(200, headers=answer.headers, stream=body, request=request)

    def _bare(self, request: httpx.Request) -> httpx.Request:
        kept = {name: value for name, value in request.headers.items() if name.lower() in _KEPT_HEADERS}
        said = {"accept": ", ".join(self._media_types), "accept-encoding": "identity", "user-agent": "groundwatch"}
        left = max(0.01, self._end - time.monotonic())
        waits = {"connect": min(_CONNECT_SECONDS, left), "read": left, "write": left, "pool": left}
        return httpx.Request(
            request.method,
            request.url,
            headers={**kept, **said, **self._headers},
            stream=request.stream,
            extensions={"timeout": waits},
        )

    def _check_host(self, request: httpx.Request) -> None:
        base = httpx.URL(self._endpoint.base_url)
        if (request.url.scheme, request.url.host, request.url.port) != (base.scheme, base.host, base.port):
            raise LanguageModelError(
                f"{self._endpoint.where} is not at {request.url.host!r}, where its library turns to; nothing was sent. "
                "Set GROUNDWATCH_LLM_BASE_URL"
            )

    def _check_shape(self, answer: httpx.Response) -> None:
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        coding = answer.headers.get("content-encoding", "identity").lower()
        wrong = media_type if media_type and media_type not in self._media_types else ""
        if wrong or coding not in ("", "identity"):
            answer.close()
            raise failures.broken(
                self._endpoint, f"{wrong or coding!r} where a stream of {self._media_types[0]} is due"
            )

    def _refused(self, answer: httpx.Response) -> LanguageModelError:
        body = b""
        try:
            for chunk in answer.iter_raw():
                body += chunk
                if len(body) > _MOST_ERROR_BYTES or time.monotonic() > self._end:
                    break
        except httpx.TransportError:
            pass  # the status says what is wrong; the rest of the text would only explain it
        finally:
            answer.close()
        return failures.of_status(self._endpoint, answer.status_code, body[:_MOST_ERROR_BYTES], answer.headers)

    def _failed(self, error: httpx.TransportError) -> LanguageModelError:
        return _failure(self._endpoint, self._limits, error)


class _BoundedBody(httpx.SyncByteStream):
    """The bytes of an answer, as long as they keep to the limits."""

    def __init__(self, endpoint: Endpoint, limits: CallLimits, end: float, answer: httpx.Response) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._end = end
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        try:
            for chunk in self._answer.iter_raw():
                received += len(chunk)
                if received > self._limits.most_bytes:
                    raise failures.too_much(self._endpoint)
                if time.monotonic() > self._end:
                    raise failures.out_of_time(self._endpoint, self._limits.seconds)
                yield chunk
        except httpx.TransportError as error:
            raise _failure(self._endpoint, self._limits, error) from error

    def close(self) -> None:
        self._answer.close()


def _failure(endpoint: Endpoint, limits: CallLimits, error: httpx.TransportError) -> LanguageModelError:
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        return failures.out_of_time(endpoint, limits.seconds)
    return failures.of_connection(endpoint, error)
