"""What can go wrong between Groundwatch and a remote API, and how long the API asks to wait.

RequestFailed (a DocumentUnavailable: the next run tries again)
├── TokenRefused     the token was refused, has expired, or may not see this
├── NotFound         the API has nothing at this address
├── BrokenAnswer     an answer came, and it is cut off, no JSON, or of another shape
├── ForeignHost      a link or redirect leads to another host, where the token must not go
└── Unreachable      no answer came
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.errors import DocumentUnavailable


class RequestFailed(DocumentUnavailable):
    """A request got no usable answer.

    `passing` tells whether asking again soon may help, `wait` how many seconds the API asks to wait first.
    """

    def __init__(self, message: str, *, passing: bool = False, wait: float | None = None) -> None:
        super().__init__(message)
        self.passing = passing
        self.wait = wait


class TokenRefused(RequestFailed):
    """The API does not let this token, or nobody without a token, read this; `expired` is True for HTTP 401."""

    def __init__(self, message: str, *, expired: bool) -> None:
        super().__init__(message)
        self.expired = expired


class NotFound(RequestFailed):
    """The API has nothing at this address, or not for this token."""


class BrokenAnswer(RequestFailed):
    """An answer came that cannot be used: cut off, no JSON, of another shape."""


class ForeignHost(RequestFailed):
    """A link or redirect of the API leads to another host."""


class Unreachable(RequestFailed):
    """No answer came."""


def asked_wait(status: int, headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how many seconds an answer asks to wait; None where it names no time.

    Reads Retry-After as seconds or as an HTTP date (RFC 9110, section 10.2.3), and GitHub's
    `x-ratelimit-reset`, seconds since 1970, which counts where `x-ratelimit-remaining` is 0.
    """
    stated = headers.get("retry-after", "").strip()
    if stated:
        return _seconds(stated, now)
    if status in (403, 429) and headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = headers.get("x-ratelimit-reset", "").strip()
        return max(0.0, float(reset) - now.timestamp()) if reset.isascii() and reset.isdigit() else None
    return None


def is_throttled(status: int, headers: Mapping[str, str]) -> bool:
    """Tell a rate limit from a refusal: GitHub answers 403 to both."""
    limited = "retry-after" in headers or headers.get("x-ratelimit-remaining", "").strip() == "0"
    return status == 429 or (status == 403 and limited)


def _seconds(stated: str, now: datetime) -> float | None:
    try:
        seconds = float(stated)
    except ValueError:
        try:
            moment = parsedate_to_datetime(stated)
        except (ValueError, TypeError, OverflowError):
            return None
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
