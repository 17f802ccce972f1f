"""Word of a run that went wrong, posted as JSON to a webhook; what goes wrong with that is logged, no more."""

import logging
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

import httpx

_LOG = logging.getLogger(__name__)

_ATTEMPTS = 3
_TIMEOUT = httpx.Timeout(5.0)
_DEADLINE_SECONDS = 30.0
"""All attempts together: a server that sends a byte now and then would hold a run up for ever otherwise."""

_LONGEST_PAUSE_SECONDS = 10.0
_SHOWN_FAILURES = 10
_LONGEST_REASON = 2000


class Outcome(StrEnum):
    """What a notice is about."""

    FAILED = "failed"
    REFUSED = "refused"  # a new generation failed its checks
    CRASHED = "crashed"
    NEW_FAILURES = "new_failures"  # the run succeeded, and documents failed that did not before
    REGRESSED = "regressed"  # an evaluation measured worse answers than the last


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """One document that could not be read."""

    source: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Documents of a run."""

    indexed: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told about a run; the fields are those of the JSON that is posted, `text` beside them.

    `check` names the promotion check that failed, `run_url` opens the run in Prefect; "" where there is none.
    `served` says what is served now, which is what a person at night asks first.
    """

    flow: str
    outcome: Outcome
    reason: str
    sources: tuple[str, ...] = ()
    check: str = ""
    run_url: str = ""
    served: str = ""
    counts: Counts | None = None
    failures: tuple[FailedDocument, ...] = field(default=())

    @property
    def text(self) -> str:
        """The notice as a line or two for a chat."""
        about = f" ({', '.join(self.sources)})" if self.sources else ""
        lines = [f"Groundwatch: {self.flow}{about} {_WORDS[self.outcome]}: {self.reason}"]
        lines += [f"- {one.source}/{one.path}: {one.reason}" for one in self.failures[:_SHOWN_FAILURES]]
        lines += [self.served] * bool(self.served) + [self.run_url] * bool(self.run_url)
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """Return what is posted: `text` is what Slack, Mattermost and others show, the rest is for programs."""
        return {"text": self.text, **asdict(self), "failures": [asdict(one) for one in self.failures[:_SHOWN_FAILURES]]}


_WORDS = {
    Outcome.FAILED: "failed",
    Outcome.REFUSED: "was not promoted",
    Outcome.CRASHED: "crashed",
    Outcome.NEW_FAILURES: "finished with new failures",
    Outcome.REGRESSED: "measured worse answers than the last run",
}


def shortened(text: str) -> str:
    """Return the first 2,000 characters of a reason: chats refuse longer messages."""
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def post(url: str, notice: Notice, *, pause: float = 1.0, deadline: float = _DEADLINE_SECONDS) -> bool:
    """Post a notice, three times at most, and return whether it was taken; never raises.

    What may pass (no connection, timeouts, 429, 5xx) is tried again after about `pause` seconds and twice
    that; all together ends after `deadline` seconds.
    """
    where = _host(url)
    taken: list[bool] = []
    # Not in this thread: no timeout of the client bounds a whole exchange.
    worker = threading.Thread(target=lambda: taken.append(_try(url, where, notice.as_json(), pause)), daemon=True)
    worker.start()
    worker.join(deadline)
    if worker.is_alive():
        _LOG.warning("the webhook at %s did not answer within %g s; the notice may not have arrived", where, deadline)
    return taken == [True]


def _try(url: str, where: str, message: dict[str, object], pause: float) -> bool:
    trouble = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(min(_LONGEST_PAUSE_SECONDS, pause * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)))
        try:
            # The answer's body is never read: nothing in it is wanted, and it may have no end. No redirects
            # either: a message goes where a person said.
            with httpx.stream("POST", url, json=message, timeout=_TIMEOUT, follow_redirects=False) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            trouble = type(error).__name__  # its text may hold the address, and that a secret
            if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
                continue
            break
        if 200 <= status < 300:
            return True
        trouble = f"HTTP {status}"
        if status != httpx.codes.TOO_MANY_REQUESTS and status < 500:
            break
    _LOG.warning(
        "the notice to the webhook at %s was not taken: %s; look at GROUNDWATCH_NOTIFY_WEBHOOK", where, trouble
    )
    return False


def _host(url: str) -> str:
    """Return the host of a URL: paths and queries of webhooks are secrets."""
    try:
        return urlsplit(url).hostname or "(no host)"
    except ValueError:
        return "(not a URL)"


def failed_documents(rows: Sequence[FailedDocument]) -> tuple[FailedDocument, ...]:
    """Return the first failures, with their reasons shortened."""
    return tuple(FailedDocument(one.source, one.path, shortened(one.reason)) for one in rows[:_SHOWN_FAILURES])
