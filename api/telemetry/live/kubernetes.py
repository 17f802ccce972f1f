"""A Kubernetes cluster as a source: its events, and as changes the revisions of deployments and edits of objects.

The API is https://kubernetes.io/docs/reference/kubernetes-api/.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window, instant_text
from api.telemetry.live.adapters import Adapter, Asked
from api.telemetry.live.answers import covered
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.kubernetes_objects import edits_of, name_of, owner_named, template_changes
from api.telemetry.live.labels import owner_of
from api.telemetry.live.tables import instant

_PAGE = 500
_MOST_PAGES = 200
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_EDITED: Mapping[str, str] = {
    "configmap": "/api/v1/{}configmaps",
    "service": "/api/v1/{}services",
    "deployment": "/apis/apps/v1/{}deployments",
    "statefulset": "/apis/apps/v1/{}statefulsets",
    "daemonset": "/apis/apps/v1/{}daemonsets",
    "ingress": "/apis/networking.k8s.io/v1/{}ingresses",
    "networkpolicy": "/apis/networking.k8s.io/v1/{}networkpolicies",
    "horizontalpodautoscaler": "/apis/autoscaling/v2/{}horizontalpodautoscalers",
}
_MADE = frozenset({"Pod", "ReplicaSet", "Job"})  # kinds whose names have an ending that their controller gave
_REVISION = "deployment.kubernetes.io/revision"


class KubernetesTelemetry(Asked):
    """What a cluster tells of one incident."""

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the events inside `window`, then the revisions that began in it, then the edits of objects."""
        found = [*self._events(window), *self._revisions(window), *self._edits(window)]
        for one in sorted(found, key=lambda one: (one.at, one.source, one.kind, one.title)):
            if self.is_wanted(one.component) and self.account.room(one.source, 1):
                yield one

    def _events(self, window: Window) -> Iterator[Happening]:
        for event in self._items("/api/v1/{}events", SourceClass.EVENT):
            yield from self._tried(SourceClass.EVENT, "an event", partial(self._event, event, window))

    def _event(self, event: Mapping[str, Any], window: Window) -> Iterator[Happening]:
        series = event.get("series") or {}
        first = event.get("firstTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"]
        last = series.get("lastObservedTime") or event.get("lastTimestamp") or first
        about = event.get("involvedObject") or event.get("regarding") or {}
        count = series.get("count") or event.get("count") or 1
        at, until = instant(first), instant(last)
        if at not in self.scope.window and until in self.scope.window:
            at = until  # it began before the trouble and goes on in it
        if at in window and at in covered(self.scope, SourceClass.EVENT):
            message = str(event.get("message") or event.get("note") or "")
            times = f" ({count} times since {first})" if count > 1 else ""
            name = str(about.get("name") or "")
            component = owner_of(name) if about.get("kind") in _MADE else name
            yield Happening(
                SourceClass.EVENT, str(event.get("reason") or event.get("type") or "Event"), at,
                component or None, f"{message}{times}",
                f"{about.get('kind', '')}/{about.get('namespace', '')}/{about.get('name', '')}",
                until=until if until > at else None, instance=self.settings.name,
            )  # fmt: skip

    def _revisions(self, window: Window) -> Iterator[Happening]:
        """Give each revision of a deployment that took effect in the window, with what differs from the one before."""
        of: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for one in self._items("/apis/apps/v1/{}replicasets", SourceClass.CHANGE):
            owner = owner_named(one, "Deployment")
            if owner:
                of[str(one["metadata"].get("namespace", "")), owner].append(one)
        for key in sorted(of):
            yield from self._tried(
                SourceClass.CHANGE, "a replica set", partial(self._of_deployment, key, of[key], window)
            )

    def _of_deployment(
        self, key: tuple[str, str], sets: list[Mapping[str, Any]], window: Window
    ) -> Iterator[Happening]:
        def number(one: Mapping[str, Any]) -> int:
            told = str((one["metadata"].get("annotations") or {}).get(_REVISION, "0"))
            return int(told) if told.isdigit() else 0

        ordered = sorted(sets, key=number)
        for before, now in zip([None, *ordered], ordered, strict=False):
            back = f"{_REVISION}-history" in (now["metadata"].get("annotations") or {})
            times = [edit.at for edit in edits_of(now) if not edit.of_status] if back else []
            at = max([instant(now["metadata"]["creationTimestamp"]), *times])
            if at in window:
                changed = template_changes(before, now) if before is not None else []
                what = "; ".join(changed[:3]) or ("first revision" if before is None else "the template changed")
                again = " (an earlier revision again)" if back else ""
                yield Happening(
                    SourceClass.CHANGE, "deploy", at, key[1],
                    f"deployment {key[1]} is at revision {number(now)}{again}: {what}",
                    f"Deployment/{key[0]}/{key[1]}/{number(now)}", "\n".join(changed), instance=self.settings.name,
                )  # fmt: skip

    def _edits(self, window: Window) -> Iterator[Happening]:
        """Give the edits that objects remember: of each who edits, its last one."""
        for kind, path in _EDITED.items():
            for one in self._items(path, SourceClass.CHANGE, accept=_METADATA):
                yield from self._tried(SourceClass.CHANGE, f"a {kind}", partial(self._edit, kind, one, window))

    def _edit(self, kind: str, one: Mapping[str, Any], window: Window) -> Iterator[Happening]:
        name, namespace = name_of(one), str(one["metadata"].get("namespace", ""))
        for edit in edits_of(one):
            if edit.at in window and not edit.of_status and edit.fields:
                shown = ", ".join(edit.fields[:5])
                yield Happening(
                    SourceClass.CHANGE, "config" if kind == "configmap" else "object", edit.at, name,
                    f"{kind} {one['metadata']['name']} was edited by {edit.manager}: {shown}",
                    f"{kind}/{namespace}/{one['metadata']['name']}/{instant_text(edit.at)}", "\n".join(edit.fields),
                    edit.manager, instance=self.settings.name,
                )  # fmt: skip

    def _items(self, path: str, source: SourceClass, *, accept: str = "application/json") -> Iterator[Any]:
        """Give the objects of a list, page after page, of the namespaces that are set or of all."""
        for namespace in self.settings.namespaces or ("",):
            own = path.format(f"namespaces/{namespace}/" if namespace else "")
            try:
                yield from self._pages(own, accept)
            except Unanswered as error:
                kind = path.rpartition("}")[2]
                self.account.lacks(source, f"{kind}{f' of {namespace}' if namespace else ''}: {error}")

    def _pages(self, path: str, accept: str) -> Iterator[Any]:
        more = ""
        for _ in range(_MOST_PAGES):
            answer = self.asking.get(path, {"limit": _PAGE, **({"continue": more} if more else {})}, accept=accept)
            items = answer.get("items") if isinstance(answer, dict) else None
            if not isinstance(items, list):
                raise Unanswered(f"its answer to {path} holds no items")
            yield from (one for one in items if isinstance(one, dict))
            more = str((answer.get("metadata") or {}).get("continue") or "")
            if not more:
                return
        raise Unanswered(f"no more than {_PAGE * _MOST_PAGES:,} are read")

    def _tried(self, source: SourceClass, what: str, read: Callable[[], Iterator[Happening]]) -> list[Happening]:
        try:
            return list(read())
        except (KeyError, TypeError, ValueError, AttributeError):
            self.account.lacks(source, f"{what} could not be understood and was left out")
            return []


def _version(asking: Asking) -> str:
    return str(asking.get("/version")["gitVersion"])


ADAPTER = Adapter("kubernetes", frozenset({SourceClass.EVENT, SourceClass.CHANGE}), KubernetesTelemetry, _version)
