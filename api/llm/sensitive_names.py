"""Where a text names machines, addresses and people: host names, IP addresses, e-mail addresses, known persons."""

import ipaddress
import re
from collections.abc import Iterator
from functools import cache, lru_cache

from api.llm.found import Category, Sensitive

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?P<local>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63})@"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z][A-Za-z0-9-]{1,62}"
)
_IPV4 = re.compile(r"(?<![0-9A-Za-z_.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])")
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z_:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?![0-9A-Za-z_])"
)
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"(?<![A-Za-z0-9_.-])(?:{_LABEL}\.){{1,9}}[A-Za-z][A-Za-z0-9-]{{0,61}}(?![A-Za-z0-9_-])")
_IN_URL = re.compile(r"[a-z][a-z0-9+.-]{1,19}://(?:[^\s/@]{0,200}@)?(?P<host>[A-Za-z0-9_.-]{1,253})", re.IGNORECASE)
_SHORTEST_NAME = 3


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_INTERNAL = _listed(
    "local localdomain internal intranet intra lan corp private home priv svc consul onprem ad dmz prod stage"
)
# Endings that stand behind a dot almost only in names of machines; `sh`, `py`, `md`, `rs` and the like end files.
_ENDINGS = _listed(
    "com net org io dev app cloud info biz edu gov mil tech xyz online site shop store systems services network "
    "company co eu de uk fr nl be ch at it es pt se no dk fi pl cz ie us ca mx br au nz jp cn kr in za sg hk tw "
    "example test invalid"
)
_AMBIGUOUS = _listed("it in no at be us de es co se io store test app network info")
_PUBLIC = _listed(
    "kubernetes.io k8s.io x-k8s.io prometheus.io opentelemetry.io istio.io cert-manager.io docker.io docker.com "
    "quay.io gcr.io ghcr.io github.com githubusercontent.com golang.org python.org pypi.org apache.org debian.org "
    "ubuntu.com redhat.com postgresql.org mysql.com redis.io nginx.org elastic.co kernel.org mozilla.org w3.org "
    "ietf.org wikipedia.org stackoverflow.com letsencrypt.org json-schema.org google.com anthropic.com "
    "openai.com"
)
"""Public names that say nothing about a site; labels and images of Kubernetes are unreadable without them."""


def find_names(text: str, *, domains: frozenset[str], kept: frozenset[str]) -> Iterator[Sensitive]:
    """Yield the e-mail addresses, IP addresses and host names of a text; spans may overlap.

    `domains` are a site's own: every name at or below one is a host. `kept` are names that stay as they are.
    """
    for match in _EMAIL.finditer(text):
        yield Sensitive(*match.span(), Category.EMAIL)
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if (address := _address(match.group())) and address not in kept:
                yield Sensitive(match.start(), match.start() + len(address), Category.IP)
    for match in _NAME.finditer(text):
        if _is_host(match.group(), domains, kept):
            yield Sensitive(*match.span(), Category.HOST)
    for match in _IN_URL.finditer(text):
        name = match["host"].rstrip(".-_")
        if "." in name and not _is_kept(name.casefold(), kept) and not _is_number(name):
            yield Sensitive(match.start("host"), match.start("host") + len(name), Category.HOST)
    for domain in domains:
        for match in _bare(domain).finditer(text):
            yield Sensitive(*match.span(), Category.HOST)


def named_by_addresses(text: str) -> set[str]:
    """Return `jane doe` for jane.doe@…; a single word before the @ is more often a team than a person."""
    found = set()
    for match in _EMAIL.finditer(text):
        parts = [part for part in re.split(r"[._-]", match["local"]) if part]
        if len(parts) in (2, 3) and all(part.isalpha() and len(part) > 1 for part in parts):
            found.add(" ".join(parts))
    return found


@lru_cache(maxsize=64)
def people_pattern(names: frozenset[str]) -> re.Pattern[str]:
    """Return what finds these names, however their parts are joined: Jane Doe, jane.doe, JANE_DOE."""
    parts = [[re.escape(part) for part in re.split(r"[\s._-]+", name) if part] for name in names]
    told = sorted((r"[\s._-]{1,2}".join(each) for each in parts if len("".join(each)) >= _SHORTEST_NAME), reverse=True)
    if not told:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(told)})(?![A-Za-z0-9_])", re.IGNORECASE)


@cache
def _bare(domain: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![A-Za-z0-9_])(?:[A-Za-z0-9_-]{{1,63}}\.){{0,9}}{re.escape(domain)}(?![A-Za-z0-9_-])(?!\.[A-Za-z0-9])",
        re.IGNORECASE,
    )


def _is_host(name: str, domains: frozenset[str], kept: frozenset[str]) -> bool:
    folded = name.casefold()
    if _is_kept(folded, kept):
        return False
    if any(folded == domain or folded.endswith(f".{domain}") for domain in domains):
        return True
    labels = folded.split(".")
    if labels[-1] in _INTERNAL:
        return len(labels) > 2 or labels[-1] not in ("home", "prod", "stage", "private", "local", "internal", "ad")
    if labels[-1] not in _ENDINGS or name[-1:].isupper() or "_" in labels[-2]:
        return False
    return len(labels) > 2 or labels[-1] not in _AMBIGUOUS


def _is_kept(folded: str, kept: frozenset[str]) -> bool:
    labels = folded.split(".")
    endings = {".".join(labels[start:]) for start in range(len(labels))}
    return bool(endings & (_PUBLIC | kept)) or folded == "localhost"


def _is_number(name: str) -> bool:
    return name.replace(".", "").isdigit()


def _address(text: str) -> str | None:
    """Return the address at the start of a text, None where it is none or the same on every machine."""
    for told in (text, text.rstrip(":")):
        try:
            address = ipaddress.ip_address(told)
        except ValueError:
            continue
        return None if address.is_loopback or address.is_unspecified else told
    return None
