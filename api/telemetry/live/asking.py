"""Requests to one connected system, within what one investigation may ask of it: time, bytes, and how many at once."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from api.errors import TelemetryUnreadable
from api.telemetry.live.sources import Limits

if TYPE_CHECKING:
    import httpx

_MOST_ANSWER = 32_000_000  # bytes of one answer: parsed, JSON takes several times as much
_MOST_WORDS = 2_000  # bytes that are read of an answer that is a refusal
_CONNECT_SECONDS = 5.0
_AGAIN = frozenset({429, 502, 503, 504})
_MOST_TRIES = 5
_PACKING = "gzip"  # other ways make gigabytes of a few bytes before anything counts them
_REFUSED = frozenset({401, 403, 407})

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Unanswered(TelemetryUnreadable):
    """A system did not give what was asked; the text says why in words for a report, without credentials.

    `status` is the HTTP status where that is the reason. `spent` says that asking on is of no use: the
    limit on time or bytes is reached, it can't be reached, or it refuses who asks.
    """

    def __init__(self, text: str, *, status: int | None = None, spent: bool = False) -> None:
        super().__init__(text)
        self.status, self.spent = status, spent


@dataclass(frozen=True, slots=True)
class Connection:
    """How a system is reached; what proves who asks is never shown. `ca` is a file of certificates to trust."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    ca: Path | None = None


class Asking:
    """The requests of one investigation to one system; safe to use from several threads. Its time runs from the first.

    Every method that asks raises Unanswered, and nothing else, for whatever the other side does.
    """

    def __init__(self, connection: Connection, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection, self._limits, self._clock = connection, limits, clock
        self._lock = threading.Lock()
        self._at_once = threading.Semaphore(max(1, limits.at_once))
        self._client: httpx.Client | None = None
        self._deadline: float | None = None
        self._bytes = 0
        self._closed = threading.Event()

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] = (),
        *,
        accept: str = "application/json",
    ) -> Any:
        """Return the JSON of an answer."""
        return self._json("GET", path, {"params": _pairs(params), "headers": {"Accept": accept}})

    def post_form(self, path: str, form: Mapping[str, str]) -> Any:
        """Send a form and return the JSON of the answer: the way for queries that are too long for a URL."""
        return self._json("POST", path, {"data": dict(form)})

    def post_json(self, path: str, body: Any, params: Mapping[str, Any] | Sequence[tuple[str, Any]] = ()) -> Any:
        """Send JSON and return that of the answer."""
        return self._json("POST", path, {"json": body, "params": _pairs(params)})

    def delete(self, path: str, body: Any) -> None:
        """Ask for something to be removed, such as a cursor; whether that worked does not matter."""
        try:
            self._json("DELETE", path, {"json": body})
        except Unanswered:
            return

    def each(self, work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
        """Give what `work` makes of each item, in order, as many at once as the limits allow."""
        with ThreadPoolExecutor(max(1, self._limits.at_once), thread_name_prefix="asking") as pool:
            yield from pool.map(work, items)

    @property
    def seconds_left(self) -> float:
        """How much time is left."""
        with self._lock:
            if self._deadline is None:
                self._deadline = self._clock() + self._limits.seconds
            return self._deadline - self._clock()

    def close(self) -> None:
        """Let go of the connections; who waits to ask again gives up."""
        self._closed.set()
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _json(self, method: str, path: str, given: Mapping[str, Any]) -> Any:
        body = self._body(method, path, given)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unanswered(f"it answered {path} with something that is no JSON ({_words(body)!r})") from error

    def _body(self, method: str, path: str, given: Mapping[str, Any]) -> bytes:
        with self._at_once:
            for number in range(1, _MOST_TRIES + 1):
                try:
                    return self._once(method, path, given)
                except _Later as later:
                    wait = later.seconds if later.seconds is not None else 0.25 * 2**number
                    if number == _MOST_TRIES or wait >= self.seconds_left or self._closed.wait(wait):
                        raise Unanswered(f"{later.text}, and there is no time to wait longer", spent=True) from later
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, path: str, given: Mapping[str, Any]) -> bytes:
        import httpx

        left = self.seconds_left
        if left <= 0:
            raise Unanswered(f"the {self._limits.seconds:g} s that it may take were up", spent=True)
        try:
            url = f"{self._connection.url.rstrip('/')}{path}"
            timeout = httpx.Timeout(left, connect=min(left, _CONNECT_SECONDS))
            with self._opened().stream(method, url, timeout=timeout, **given) as answer:
                _check_packing(answer)
                _check_status(answer, path)
                return self._read(answer)
        except httpx.ConnectTimeout as error:
            text = f"it can't be reached at {self._connection.url}: no connection in time"
            raise Unanswered(text, spent=True) from error
        except httpx.TimeoutException as error:
            raise Unanswered(f"it did not answer {path} within {left:.3g} s", spent=True) from error
        except (httpx.ConnectError, httpx.ProxyError) as error:
            text = f"it can't be reached at {self._connection.url} ({_why(error)}); is it running?"
            raise Unanswered(text, spent=True) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise Unanswered(f"its answer to {path} broke off or can't be read ({_why(error)})") from error
        except RuntimeError as error:  # what httpx raises where the client was closed meanwhile
            if not self._closed.is_set():
                raise
            raise Unanswered("it is not asked any more", spent=True) from error

    def _opened(self) -> "httpx.Client":
        import httpx

        with self._lock:
            if self._closed.is_set():
                raise Unanswered("it is not asked any more", spent=True)
            if self._client is None:
                self._client = httpx.Client(
                    headers=[("Accept-Encoding", _PACKING), *self._connection.headers],
                    auth=self._connection.basic,
                    verify=self._trusted(),
                    follow_redirects=False,
                    limits=httpx.Limits(max_connections=max(1, self._limits.at_once)),
                )
            return self._client

    def _trusted(self) -> Any:
        import ssl

        if not self._connection.url.startswith("https:"):
            return False  # no certificates to look at, and loading those that are trusted takes time
        try:
            return ssl.create_default_context(cafile=str(self._connection.ca)) if self._connection.ca else True
        except OSError as error:  # SSLError is one too
            raise Unanswered(f"the certificates in {str(self._connection.ca)!r} can't be read ({error})") from error

    def _read(self, answer: "httpx.Response") -> bytes:
        """Return the body; stops reading, and closes the connection, where it is too long or takes too long."""
        pieces: list[bytes] = []
        size = 0
        for piece in answer.iter_bytes():  # as they come: a piece of a set size may take for ever to be full
            size += len(piece)
            with self._lock:
                self._bytes += len(piece)
                over = self._bytes > self._limits.bytes
            if over or size > _MOST_ANSWER:
                limit = self._limits.bytes if over else _MOST_ANSWER
                raise Unanswered(f"it answered with more than {limit:,} bytes", spent=over)
            if self.seconds_left <= 0:
                raise Unanswered(f"its answer was still coming after {self._limits.seconds:g} s", spent=True)
            pieces.append(piece)
        return b"".join(pieces)


class _Later(Exception):
    """It is too busy now; `seconds` is how long it says to wait."""

    def __init__(self, text: str, seconds: float | None) -> None:
        super().__init__(text)
        self.text, self.seconds = text, seconds


def _check_packing(answer: "httpx.Response") -> None:
    packing = answer.headers.get("Content-Encoding", "").strip().lower()
    if packing not in ("", "identity", _PACKING):
        raise Unanswered(f"its answer is packed as {packing[:40]!r}, which was not asked for")


def _check_status(answer: "httpx.Response", path: str) -> None:
    if answer.is_success:
        return
    status = answer.status_code
    if status in _AGAIN:
        told = answer.headers.get("Retry-After", "")
        seconds = float(told) if told.isdigit() and len(told) < 7 else None
        raise _Later(f"it was too busy to answer (HTTP {status})", seconds)
    if status in _REFUSED:
        raise Unanswered(
            f"it refused who asks (HTTP {status}); check its auth in the file of sources", status=status, spent=True
        )
    if answer.is_redirect:
        raise Unanswered(f"it sends us elsewhere (HTTP {status}); give the url that it sends to", status=status)
    raise Unanswered(f"it answered {path} with HTTP {status} ({_refusal(answer)!r})", status=status)


def _refusal(answer: "httpx.Response") -> str:
    read = b""
    for piece in answer.iter_bytes(_MOST_WORDS):
        read += piece
        if len(read) >= _MOST_WORDS:
            break
    return _words(read)


def _words(body: bytes) -> str:
    """Return the beginning of what others wrote, as one line."""
    text = body[:400].decode("utf-8", "replace")
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= 160 else f"{line[:160]}..."


def _why(error: BaseException) -> str:
    return _words((str(error) or type(error).__name__).encode("utf-8", "replace"))


def _pairs(params: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(str(key), value) for key, value in (params.items() if isinstance(params, Mapping) else params)]
