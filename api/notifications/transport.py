"""Requests sent: within a time, no redirect followed, little of an answer read, and no secret in what is told of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from api.errors import GroundwatchError
from api.notifications.posting import Posting, Reply
from api.notifications.wording import one_line

if TYPE_CHECKING:
    import httpx

_MOST_BYTES = 2_000_000
_AGAIN = frozenset({408, 425, 429})
_HIDDEN = "[hidden]"


class Outcome(StrEnum):
    """What came of a try: LATER may be tried again, REFUSED not."""

    DELIVERED = "delivered"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Try:
    """One try: its outcome, in words what came back, and the answer where there is one."""

    outcome: Outcome
    told: str
    reply: Reply | None = None


class Unsent(GroundwatchError):
    """No answer came, or not in time; whether the request arrived is not known."""


class Transport(Protocol):
    """What sends requests."""

    def send(self, posting: Posting, *, seconds: float) -> Reply:
        """Send a request and return the answer, whatever it is. Raises Unsent."""

    def close(self) -> None:
        """Let go of connections."""


class HttpTransport:
    """Sends by HTTP; for one thread at a time."""

    def __init__(self) -> None:
        self._clients: dict[tuple[bool, bool], httpx.Client] = {}

    def send(self, posting: Posting, *, seconds: float) -> Reply:
        """Send a request and return the answer. Raises Unsent, whose text has neither URL nor headers."""
        import httpx

        until = time.monotonic() + seconds
        try:
            asked = self._client(posting.url).stream(
                posting.method,
                posting.url,
                headers=dict(posting.headers),
                content=posting.body,
                timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0)),
            )
            with asked as answer:
                body = _read(answer, until, seconds)
                return Reply(answer.status_code, body, retry_after(answer.headers.get("Retry-After", "")))
        except httpx.TimeoutException as error:
            raise Unsent(f"it did not answer within {seconds:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            raise Unsent(f"it can't be reached, or its answer broke off ({type(error).__name__}: {error})") from error

    def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _client(self, url: str) -> "httpx.Client":
        import httpx

        local, plain = _is_local(url), url.startswith("http:")
        if (local, plain) not in self._clients:
            # No proxy stands between this machine and itself; without TLS there are no certificates to load.
            self._clients[local, plain] = httpx.Client(
                follow_redirects=False,
                trust_env=not local,
                verify=not plain,
                headers={"User-Agent": "groundwatch", "Accept-Encoding": "identity"},
            )
        return self._clients[local, plain]


def tried(transport: Transport, posting: Posting, *, seconds: float, secrets: Sequence[str]) -> Try:
    """Send a request and return what came of it, in words without secrets."""
    try:
        reply = transport.send(posting, seconds=seconds)
    except Unsent as error:
        return Try(Outcome.LATER, without(str(error), secrets))
    said = one_line(without(reply.body[:600].decode("utf-8", "replace"), secrets), 200)
    told = f"HTTP {reply.status}" + (f" ({said})" if said else "")
    if 200 <= reply.status < 300:
        return Try(Outcome.DELIVERED, told, reply)
    if 300 <= reply.status < 400:
        return Try(Outcome.REFUSED, f"it sends us elsewhere (HTTP {reply.status}); correct its url", reply)
    if reply.status in _AGAIN or reply.status >= 500 or reply.status < 200:
        return Try(Outcome.LATER, f"it could not take it now: {told}", reply)
    return Try(Outcome.REFUSED, f"it refused it: {told}; check its settings", reply)


def without(text: str, secrets: Sequence[str]) -> str:
    """Return words with each secret replaced by a mark."""
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    return text


def retry_after(told: str, now: datetime | None = None) -> float | None:
    """Return the seconds of a `Retry-After` header, a number or a date (RFC 9110, 10.2.3); None where it says none."""
    if told.strip().isdigit() and len(told.strip()) < 8:
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except (TypeError, ValueError, IndexError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - (now or datetime.now(UTC))).total_seconds())


def _read(answer: "httpx.Response", until: float, seconds: float) -> bytes:
    """Return the beginning of a body; what comes after is not waited for. Raises Unsent where it takes too long."""
    body = b""
    for piece in answer.iter_raw():  # packed, a small answer may unfold into a huge one
        body += piece
        if len(body) >= _MOST_BYTES:
            return body[:_MOST_BYTES]
        if time.monotonic() > until:
            raise Unsent(f"its answer was still coming after {seconds:g} s")
    return body


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
