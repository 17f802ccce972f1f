"""Addresses of pages: one spelling for each, whether they belong to the site, and the path a page is stored under."""

import re
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from ingest.errors import UsageError

_TRACKING = re.compile(r"utm_\w+|[gf]bclid|gclid|msclkid|mc_[ce]id|_ga|_gl|ref_src|igshid", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)
_INDEX_PAGE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST = 1500
_DEEPEST = 25
_MOST_REPEATS = 3  # of one name in a path: a relative link that is followed for ever repeats it
# Not worth a request: these are never documents that a web source reads.
_NO_PAGE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|ico|webp|avif|bmp|css|js|mjs|map|woff2?|ttf|eot|otf|mp[34]|mov|webm|avi|wav|zip|t?gz|bz2|xz"
    r"|7z|tar|rar|jar|exe|dmg|iso|deb|rpm|json|xml|rss|atom|ya?ml|csv|xlsx?|pptx?|docx?|apk|bin|whl|wasm)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Site:
    """One site: a scheme and a host with its port."""

    scheme: str
    host: str

    @classmethod
    def of(cls, url: str) -> "Site":
        """Return the site of an address; raises UsageError where it is none of a web page."""
        parts = urlsplit(url.strip())
        try:
            port = parts.port
        except ValueError as error:
            raise UsageError(f"{url!r} has no valid port; correct it") from error
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise UsageError(f"{url!r} is no address of a web page; give one that starts with https:// or http://")
        if parts.username is not None or parts.password is not None:
            # The address is not repeated: it holds a credential.
            raise UsageError("a web address holds a user name or password before the host; take it out")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(parts.scheme, host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}")

    @property
    def root(self) -> str:
        """The address of the site itself, without a slash at the end."""
        return f"{self.scheme}://{self.host}"

    def resolve(self, link: str, base: str) -> str | None:
        """Return the one spelling of a link's target, or None where it leads elsewhere or to nothing.

        http and https are the same site, since pages link to either; the site's own scheme is kept.
        """
        try:
            joined = urljoin(base, link.strip())
            parts = urlsplit(joined)
            there = Site.of(joined)
        except (ValueError, UsageError):  # urllib refuses a broken IPv6 address, say
            return None
        if there.host != self.host:
            return None
        path = _SESSION.sub("", parts.path)
        path = quote(unquote(path, errors="surrogateescape"), safe="/:@!$&'()*+,;=~-._", errors="surrogateescape")
        path = re.sub(r"/{2,}", "/", path) or "/"
        query = "&".join(
            one for one in parts.query.split("&") if one and not _TRACKING.fullmatch(one.partition("=")[0])
        )
        return urlunsplit((self.scheme, self.host, path, query, ""))


def identity(url: str) -> str:
    """Return what addresses of one page have in common: no slash at the end, no index.html."""
    address, _, query = url.partition("?")
    return f"{_INDEX_PAGE.sub('/', address).rstrip('/')}{'?' if query else ''}{query}"


def site_path(url: str) -> str:
    """Return the path of an address as a person would write it, without the slash at its start."""
    return unquote(urlsplit(url).path).lstrip("/")


def may_be_page(url: str) -> bool:
    """Tell whether an address may lead to a document, by its looks; says no to what a crawl is trapped by."""
    path = urlsplit(url).path
    names = Counter(name for name in path.split("/") if name)
    if len(url) > _LONGEST or sum(names.values()) > _DEEPEST or max(names.values(), default=0) > _MOST_REPEATS:
        return False
    return _NO_PAGE.search(path) is None


def document_path(url: str, extensions: tuple[str, ...]) -> str:
    """Return the path that the document of a page has in its source; it ends in one of `extensions`.

    The first extension is added where the address has none of them. `/` is `index`, and `a/` and `a` are the
    same; what a query adds stays readable and a digest keeps it apart.
    """
    parts = urlsplit(url)
    names = [_storable(name) for name in unquote(parts.path).split("/")]
    path = "/".join(name for name in names if name not in ("", ".", "..")) or "index"
    extension = next((one for one in extensions if path.lower().endswith(one)), None)
    if parts.query:
        stem = path[: -len(extension)] if extension else path
        query = re.sub(r"[^\w.=-]+", "-", unquote(parts.query))[:60].strip("-")
        path, extension = f"{stem}@{query}-{sha256(parts.query.encode()).hexdigest()[:6]}", None
    return path if extension else path + extensions[0]


def _storable(name: str) -> str:
    return "".join(letter if letter.isprintable() and letter != "\\" else "_" for letter in name)
