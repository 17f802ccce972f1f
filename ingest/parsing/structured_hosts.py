"""Host names in settings: which other service a value like `redis-cart:6379` or `http://checkout.shop.svc` names."""

import re
from collections.abc import Iterator

_ADDRESS_NAME = re.compile(
    r"(?:^|[_.-])(?:addr|address|host|hostname|url|uri|endpoint|endpoints|server|servers|service|brokers?|dsn|upstream|"
    r"target|backend)$",
    re.IGNORECASE,
)
_HOST_NAME = re.compile(r"(?:^|[_.-])(?:addr|address|host|hostname)$", re.IGNORECASE)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://(?:[^\s/@]{0,200}@)?([A-Za-z0-9][\w.-]{0,200})", re.IGNORECASE)
_HOST_PORT = re.compile(r"(?<![\w./:@-])([A-Za-z][\w-]{0,62}(?:\.[\w-]{1,63}){0,6}):\d{2,5}(?![\w.:])")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){0,6}\Z")
_NOWHERE = re.compile(r"(?:localhost|0|127|host|.*\.local(?:domain)?|true|false|none|null)\Z", re.IGNORECASE)
_MOST_CHARACTERS = 2_000


def hosts_in(name: str, value: str, *, known: frozenset[str]) -> Iterator[str]:
    """Yield the services that a setting names: as URL, as `host:port`, or bare.

    A host within the cluster (`checkout.shop.svc.cluster.local`) gives its first label; one outside stands
    whole. What is neither a URL nor one of the `known` services counts only where the setting's name says "host".
    """
    text = value.strip()[:_MOST_CHARACTERS]
    addressed = _ADDRESS_NAME.search(name) is not None
    found = [*_URL.findall(text), *_HOST_PORT.findall(_URL.sub(" ", text))]
    if not found and _HOST.match(text) is not None and _HOST_NAME.search(name) is not None:
        found = [text]
    seen: set[str] = set()
    for host in found:
        service = _inside(host.rstrip("."), known)
        if not service or _NOWHERE.match(service) or service in seen:
            continue
        in_cluster = service != host or ("." not in service and "://" in text)
        if service in known or addressed or in_cluster:
            seen.add(service)
            yield service


def _inside(host: str, known: frozenset[str]) -> str:
    """Return the service of a host within the cluster; a public name (`api.stripe.com`) as it is."""
    if host.partition(".")[0] in known:
        return host.partition(".")[0]
    if re.search(r"\.svc(?:\.|\Z)|\.cluster\.local\Z", host):
        return host.partition(".")[0]
    return host
