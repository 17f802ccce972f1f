"""Who may send alerts: an API key, a token of the sender's own, or, at PagerDuty's door, a signature."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import NotAllowed, UsageError
from api.routes.problems import problem_response
from api.schemas.problems import problem_of

SENDERS = ("alertmanager", "pagerduty", "grafana", "datadog", "opsgenie", "generic")
WEBHOOK_PATHS = frozenset(f"/webhooks/{sender}" for sender in SENDERS)
"""Paths whose callers this door checks, and nobody else."""

LONG_PATHS = WEBHOOK_PATHS - {"/webhooks/pagerduty"}
"""Paths whose bodies may be long: one group of a storm holds thousands of alerts. PagerDuty's signature is checked
only once the body is read, and its events are short."""

MAX_WEBHOOK_BYTES = 32_000_000


class WebhookDoor:
    """Let a message pass that shows an API key or its sender's token; without any of them set, all pass.

    A token is shown as a bearer token, as the password of basic authentication, or as `?token=`. Messages of
    PagerDuty pass here where its secrets are set: they are signed, which the route checks.
    """

    def __init__(
        self, app: ASGIApp, keys: Sequence[str], tokens: Mapping[str, Sequence[str]], *, signed: bool = False
    ) -> None:
        self._app, self._signed = app, signed
        self._digests = {
            f"/webhooks/{sender}": [_digest(one) for one in (*keys, *tokens.get(sender, ()))] for sender in SENDERS
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] not in WEBHOOK_PATHS or self._opens(scope):
            await self._app(scope, receive, send)
            return
        error = NotAllowed(
            "the key or token is missing or wrong; send one of GROUNDWATCH_API_KEYS or this sender's token of "
            "GROUNDWATCH_WEBHOOK_TOKENS as bearer token, as password of basic authentication, or as ?token="
        )
        problem = problem_of(error, instance=scope["path"])
        await problem_response(problem, {"WWW-Authenticate": "Bearer"})(scope, receive, send)

    def _opens(self, scope: Scope) -> bool:
        if self._signed and scope["path"] == "/webhooks/pagerduty":
            return True
        known = self._digests[scope["path"]]
        # Every one is compared in full, so that the time taken tells nothing about them.
        matches = [hmac.compare_digest(_digest(one), right) for one in _shown(scope) for right in known]
        return not known or any(matches)


def tokens_of(said: str) -> dict[str, tuple[str, ...]]:
    """Return the tokens in `sender=token,sender=token`, several for one sender while one is exchanged.

    Raises UsageError that says which entry is wrong, and never a token.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, part in enumerate(filter(None, (one.strip() for one in said.split(","))), start=1):
        sender, has, token = part.partition("=")
        if not has or sender.strip() not in SENDERS or not token.strip():
            raise UsageError(
                f"GROUNDWATCH_WEBHOOK_TOKENS: entry {number} is not SENDER=TOKEN; correct it or unset it, the senders "
                f"are {', '.join(SENDERS)}"
            )
        found[sender.strip()] = (*found.get(sender.strip(), ()), token.strip())
    return found


def _shown(scope: Scope) -> list[str]:
    headers = Headers(scope=scope)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    shown = [headers.get("x-api-key", "")]
    if scheme.lower() == "bearer":
        shown.append(token.strip())
    if scheme.lower() == "basic":
        shown.append(_password(token.strip()))
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=50) if _is_short(scope) else {}
    return [one for one in (*shown, *query.get("token", [])[:5]) if one]


def _is_short(scope: Scope) -> bool:
    query: bytes = scope.get("query_string", b"")
    return len(query) <= 4_000 and query.count(b"&") < 50


def _password(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
