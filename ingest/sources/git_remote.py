"""Addresses of git repositories: which are taken, how a token goes with them, and the web page of a file."""

import base64
import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit

from ingest.errors import UsageError

_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]{2,}):(?!/{2})(?P<path>.+)")
_SCHEMES = ("https", "http", "ssh", "file")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# The first word that the host's name contains decides; each style is a path after the repository's page.
_STYLES = (
    ("gitlab", "/-/blob/{commit}/{path}"),
    ("bitbucket", "/src/{commit}/{path}"),
    ("gitea", "/src/commit/{commit}/{path}"),
    ("forgejo", "/src/commit/{commit}/{path}"),
    ("codeberg", "/src/commit/{commit}/{path}"),
    ("github", "/blob/{commit}/{path}"),
)
_TOKEN_USERS = (("gitlab", "oauth2"), ("bitbucket", "x-token-auth"))


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository is: `scheme` is "" for a folder of this machine, whose path `url` then is."""

    url: str
    scheme: str

    @property
    def is_local(self) -> bool:
        """Whether the repository is a folder that is read in place."""
        return not self.scheme


def remote_of(url: str) -> Remote:
    """Return what `url` names; raises UsageError for addresses that cannot or must not be used."""
    scheme = urlsplit(url).scheme.lower() if "://" in url else ""
    if scheme not in (*_SCHEMES, "") or "::" in url.split("/")[0] or url.startswith("-") or not url.strip():
        raise UsageError(f"{url!r} is no address of a git repository; give an https, ssh or file URL, or a folder")
    if any(not letter.isprintable() for letter in url):
        raise UsageError(f"the git address {url!r} holds control characters; write it anew")
    if scheme in ("https", "http") and "@" in urlsplit(url).netloc:
        # The address is not repeated: it holds a credential.
        raise UsageError("a git URL holds a user name or password before the host; take it out and set the token")
    if scheme == "ssh" and urlsplit(url).password is not None:
        raise UsageError("a git URL holds a password; take it out and use an ssh key")
    if scheme:
        return Remote(url, scheme)
    if _SCP.fullmatch(url):
        return Remote(url, "ssh")
    return Remote(os.path.abspath(os.path.expanduser(url)), "")  # noqa: PTH100, PTH111 - pathlib would look at the disk


def token_settings(remote: Remote, token: str | None) -> tuple[tuple[str, str], ...]:
    """Return the git settings that send `token` to the remote's host, and to no other.

    A token is a bare one or `user:token`. Raises UsageError where it would travel unencrypted.
    """
    if not token:
        return ()
    parts = urlsplit(remote.url)
    if remote.scheme not in ("https", "http"):
        raise UsageError(f"a token is for https URLs, not for {remote.url!r}; remove it, or give the https URL")
    if remote.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise UsageError(f"the token for {remote.url!r} would travel unencrypted; use https")
    if any(letter in token for letter in "\r\n\0"):
        raise UsageError(f"the token for {remote.url!r} holds a line break; set it without")
    user = next((user for word, user in _TOKEN_USERS if word in (parts.hostname or "")), "x-access-token")
    pair = token if ":" in token else f"{user}:{token}"
    header = f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}"
    # A redirect would carry the header to where it leads, so none is followed.
    return ((f"http.{remote.scheme}://{parts.netloc}/.extraHeader", header), ("http.followRedirects", "false"))


def link_template(url: str, web_url: str | None) -> str | None:
    """Return the address of a file's page with the fields {commit} and {path}, or None where none is known.

    `web_url` is the page of the repository, or such a template itself; without it the page is derived from
    the repository's own address where the host is of a known kind.
    """
    if web_url and "{path}" in web_url:
        return web_url
    page = web_url or _page(url)
    if page is None:
        return None
    host = urlsplit(page).hostname or ""
    style = next((style for word, style in _STYLES if word in host), None)
    if style is None and web_url is None:
        return None
    page = page.rstrip("/").removesuffix(".git").replace("{", "%7B").replace("}", "%7D")
    return page + (style or _STYLES[-1][1])


def link(template: str, commit: str, path: str) -> str:
    """Return the link of a file as of a commit."""
    return template.replace("{commit}", commit).replace("{path}", quote(path))


def folder_name(remote: Remote) -> str:
    """Return a name for what is kept of a repository: readable, and different for each address."""
    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", Path(remote.url).name.removesuffix(".git"))[:40].strip(".-") or "repository"
    return f"{stem}-{sha256(remote.url.encode()).hexdigest()[:12]}"


def _page(url: str) -> str | None:
    scp = _SCP.fullmatch(url)
    if scp:
        return f"https://{scp['host']}/{scp['path'].lstrip('/')}"
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http", "ssh") or not parts.hostname:
        return None
    port = f":{parts.port}" if parts.port and parts.scheme != "ssh" else ""
    scheme = "http" if parts.scheme == "http" else "https"
    return f"{scheme}://{parts.hostname}{port}{parts.path}"
