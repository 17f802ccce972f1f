"""Which component a set of labels is about: the first label of a documented order that is there."""

import re
from collections.abc import Mapping, Sequence

DEFAULT_LABELS = (
    "service_name", "service", "app_kubernetes_io_name", "app", "deployment", "statefulset", "daemonset", "container",
    "job",
)  # fmt: skip
"""The labels that name the component, unless the settings give others: the first that is there and not empty tells."""

OF_CLUSTERS = (
    "deployment", "statefulset", "daemonset", "label_app_kubernetes_io_name", "label_app", "container", "pod",
    "replicaset",
)  # fmt: skip
"""The order for what an exporter tells of others (names that begin with kube_ or container_): its own `service` or
`job` is that of the exporter."""

_NOTHING = frozenset({"", "POD", "<none>"})
# Kubernetes makes these endings of letters that spell no word (apimachinery, util/rand): redis and kafka stay.
_SIGNS = "bcdfghjklmnpqrstvwxz2456789"
_POD = re.compile(
    rf"-[a-f0-9]{{6,10}}-[a-z0-9]{{5}}$|-[{_SIGNS}]{{5,10}}-[{_SIGNS}]{{5}}$|-[{_SIGNS}]{{5}}$"
    rf"|-(?=[{_SIGNS}]*\d)[{_SIGNS}]{{8,10}}$|-\d{{1,4}}$"
)


def component_of(labels: Mapping[str, str], order: Sequence[str]) -> str | None:
    """Return the component that labels name, or None; a pod's name loses what its controller put behind it.

    Dots and dashes in the names of labels count as underscores: service.name is service_name.
    """
    told = {plain_label(key): value for key, value in labels.items()}
    for name in order:
        value = told.get(plain_label(name), "")
        if value not in _NOTHING:
            return owner_of(value) if name in ("pod", "replicaset") else value
    return None


def owner_of(pod: str) -> str:
    """Return what a pod belongs to, from its name: shop-7d4b9c6f5-x2x9k is one of shop, db-0 one of db."""
    return _POD.sub("", pod) or pod


def plain_label(name: str) -> str:
    """Return a label as Prometheus writes it."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)
