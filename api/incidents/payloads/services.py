"""Which service an alert is about, by its labels."""

import re
from collections.abc import Mapping

_DIRECT = ("service", "service_name", "servicename", "app", "application", "app_kubernetes_io_name", "microservice")
_WORKLOADS = (
    "deployment",
    "statefulset",
    "daemonset",
    "cronjob",
    "job_name",
    "kube_deployment",
    "kube_job",
    "workload",
)
_PODS = ("pod", "pod_name", "kube_pod", "container")
_LAST = ("component", "pipeline_name", "pipeline", "dag_id", "topic", "queue", "database", "dbinstanceidentifier")
_STORES = re.compile(
    r"(mongo(db)?|mysql|mariadb|postgres(ql)?|redis|kafka|cassandra|elasticsearch|opensearch)_instance"
)
# Those that scrape about others: an alert on what they report has their names in its labels and not the sufferer's.
_EXPORTER = re.compile(
    r"(kube-state-metrics|node-exporter|[a-z0-9-]*[-_]exporter|kubelet|cadvisor|blackbox[a-z0-9-]*|pushgateway|"
    r"prometheus[a-z0-9-]*|[a-z0-9-]*-kube-state-metrics)"
)
# Kubernetes makes these endings of letters that spell nothing (apimachinery, util/rand).
_ENDING = "bcdfghjklmnpqrstvwxz2456789"
_POD = re.compile(rf"(?P<name>.+?)(?:-[{_ENDING}]{{5,10}}-[{_ENDING}]{{5}}|-[{_ENDING}]{{5}}|-\d{{1,3}})")


def service_of(labels: Mapping[str, str]) -> str | None:
    """Return the service that labels name, else the workload, else what else they name; None where nothing does."""
    known = {name.casefold(): value.strip() for name, value in labels.items() if value.strip()}
    for name in _DIRECT:
        if name in known and not is_exporter(known[name]):
            return known[name]
    found = next((known[name] for name in _WORKLOADS if name in known), None)
    if found is None and (pod := next((known[name] for name in _PODS if name in known), None)):
        found = workload_of(pod)
    return found or _last(known)


def is_exporter(name: str) -> bool:
    """Tell whether this only reports about others."""
    return _EXPORTER.fullmatch(name.casefold()) is not None


def workload_of(pod: str) -> str:
    """Return the name of what runs a pod of Kubernetes."""
    found = _POD.fullmatch(pod)
    return found["name"] if found else pod


def _last(known: Mapping[str, str]) -> str | None:
    named = next((known[name] for name in _LAST if name in known), None)
    if named is not None:
        return named
    if store := next((name for name in known if _STORES.fullmatch(name)), None):
        return known.get("cluster") or known[store]
    job = known.get("job", "")
    return job.rpartition("/")[2] if job and not is_exporter(job.rpartition("/")[2]) else None
