"""What is a plausible name of a component, and which role its words tell."""

import re
from collections.abc import Iterable

from ingest.knowledge.extracts import ComponentRole
from ingest.knowledge.services import fold_component

_KEBAB = re.compile(r"^[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+$")
_WORDS = re.compile(r"^[A-Za-z0-9][\w.+/-]*(?: [A-Za-z0-9`(][\w.+/`)-]*){0,3}$")
_FILE = re.compile(
    r"\.(?:md|ya?ml|json|py|go|sh|html?|txt|js|ts|rb|toml|conf|cfg|log|sql)$|^[./~-]|://|[=<>{}$\\]|\(\)"
)
_LEADS = frozenset(
    {
        "a",
        "an",
        "the",
        "all",
        "any",
        "each",
        "every",
        "one",
        "two",
        "no",
        "none",
        "some",
        "this",
        "that",
        "these",
        "our",
    }
    | {"your", "its", "it", "we", "you", "they", "if", "when", "see", "how", "what", "which", "who", "and", "or", "not"}
    | {"n/a", "name", "total", "other", "others", "various", "multiple", "both", "new", "many", "to", "for", "in", "on"}
)
_NOT_NAMES = """
all-in-one at-least-once at-most-once back-end back-off backwards-compatible best-effort built-in case-sensitive
client-side cluster-wide command-line cross-cluster cross-region day-to-day de-facto double-check drop-in dry-run e-mail
end-to-end end-user error-prone fail-over fall-back fault-tolerant fine-grained follow-up front-end full-text get-go
hand-off high-availability high-level in-cluster in-memory in-place in-use key-value kube-system latency-sensitive
left-hand load-balanced load-balancer log-in long-lived long-running long-term low-level machine-readable multi-cluster
multi-tenant multi-zone name-value near-real-time non-critical non-root off-site on-call on-premise on-premises one-time
open-source opt-in opt-out out-of-band out-of-date out-of-memory out-of-the-box per-tenant point-in-time post-mortem
pre-existing pre-installed publish-subscribe pull-based push-based re-run read-only read-write real-time right-hand
rolling-update root-cause run-time self-healing self-hosted self-service self-signed server-side set-up short-lived
shut-down sign-in single-node so-called stand-alone start-up state-of-the-art sub-command sub-system super-user
third-party time-series time-out top-level trade-off two-factor up-to-date user-defined user-facing utc-based
version-controlled web-based well-known wide-spread work-around worker-node write-ahead x-axis y-axis zero-downtime
"""
_COMMON = frozenset(_NOT_NAMES.split())
_ROLES = (
    (
        ComponentRole.DATABASE,
        re.compile(
            r"\b(?:databases?|db|postgres\w*|mysql|mariadb|mongo\w*|cassandra|dynamodb|clickhouse|rds|aurora)\b", re.I
        ),
    ),
    (
        ComponentRole.QUEUE,
        re.compile(r"\b(?:queues?|kafka|rabbitmq|topics?|broker|nats|sqs|pub/?sub|exchange)\b", re.I),
    ),
    (ComponentRole.CACHE, re.compile(r"\b(?:caches?|redis|memcached?|valkey)\b", re.I)),
    (
        ComponentRole.GATEWAY,
        re.compile(r"\b(?:api gateway|ingress|load[ -]?balancer|reverse proxy|nginx|haproxy)\b", re.I),
    ),
)


def is_service_name(name: str) -> bool:
    """Tell whether a word is written as names of services are: words with hyphens, and no usual adjective."""
    return bool(_KEBAB.match(name)) and name.lower() not in _COMMON and not _FILE.search(name) and 4 <= len(name) <= 60


def is_listed_name(name: str) -> bool:
    """Tell whether the head of a list item or a cell of a column of names may be a component's name."""
    if not 2 <= len(name) <= 60 or not _WORDS.match(name) or _FILE.search(name) or not re.search(r"[A-Za-z]{2}", name):
        return False
    first = name.split()[0]
    return first.lower() not in _LEADS and name.lower() not in _COMMON


def role_of(name: str, default: ComponentRole = ComponentRole.COMPONENT) -> ComponentRole:
    """Return the role that the words of a name tell."""
    return next((role for role, pattern in _ROLES if pattern.search(name.replace("_", " "))), default)


def folded_names(names: Iterable[str]) -> frozenset[str]:
    """Return the keys of some names."""
    return frozenset(fold_component(name) for name in names)
