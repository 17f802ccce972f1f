"""What goes to a JSON API and comes back: calls, answers, the address and the token."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from ingest.errors import UsageError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Wire(BaseModel):
    """A part of a vendor's answer; what we don't read is ignored, since vendors add fields at any time."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True, populate_by_name=True)


@dataclass(frozen=True, slots=True)
class Call:
    """A request: `target` is a path below the API's base or a whole address; with `body` (JSON) it is a POST."""

    target: str
    params: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a successful answer; the names in `headers` are in lower case."""

    headers: Mapping[str, str]
    body: bytes


def checked_url(url: str) -> str:
    """Return the base of an API without a slash at its end; raises UsageError where it is none."""
    import httpx

    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise UsageError("a source's url cannot be read as an address; write it as https://host/path") from error
    if parsed.userinfo:
        raise UsageError(f"the url of {parsed.host!r} carries a password; take it out and set the token instead")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError(f"{url!r} is no address of an API; write it as https://host/path")
    return str(parsed.copy_with(query=None, fragment=None)).rstrip("/")


def authorization(url: str, scheme: str, token: str | None) -> tuple[tuple[str, str], ...]:
    """Return the header that carries a token, none without one; raises UsageError where it cannot or must not go.

    `scheme` stands before it ("Bearer"); "" sends it in GitLab's own header.
    """
    import httpx

    if not token:
        return ()
    parsed = httpx.URL(url)
    if parsed.scheme == "http" and parsed.host not in _LOOPBACK:
        raise UsageError(f"the token for {url!r} would travel unencrypted; use https")
    if not (token.isascii() and token.isprintable()) or token != token.strip():
        raise UsageError(
            f"the token for {url!r} holds characters that no token has (a blank, a line break); set it anew"
        )
    return (("authorization", f"{scheme} {token}"),) if scheme else (("private-token", token),)


def linked_page(_page: object, answer: Answer) -> Call | None:
    """Return the request for the page after `answer` that its Link header names (RFC 8288)."""
    from httpx import Response

    links = Response(200, headers={"link": answer.headers.get("link", "")}).links
    address = links.get("next", {}).get("url")
    return Call(address) if address else None
