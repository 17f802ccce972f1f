"""Flux as a source of changes: what kustomizations and Helm releases were brought to, and what failed.

The objects are https://fluxcd.io/flux/components/kustomize/kustomizations/ and .../helm/helmreleases/.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window
from api.telemetry.live.adapters import Adapter, Asked
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.kubernetes_objects import name_of
from api.telemetry.live.tables import instant

_PATHS = ("/apis/kustomize.toolkit.fluxcd.io/v1/{}kustomizations", "/apis/helm.toolkit.fluxcd.io/v2/{}helmreleases")


class FluxTelemetry(Asked):
    """What Flux tells of one incident."""

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give what was brought to a new revision inside `window`, and what failed in it."""
        readers: tuple[Callable[[Mapping[str, Any]], Iterator[Happening]], ...] = (self._kustomization, self._release)
        found: list[Happening] = []
        for path, read in zip(_PATHS, readers, strict=True):
            for namespace in self.settings.namespaces or ("",):
                for one in self._items(path.format(f"namespaces/{namespace}/" if namespace else "")):
                    try:
                        found.extend(read(one))
                    except (KeyError, TypeError, ValueError, AttributeError):
                        self.account.lacks(SourceClass.CHANGE, "an object could not be understood and was left out")
        for happening in sorted(found, key=lambda one: (one.at, one.title)):
            wanted = happening.at in window and self.is_wanted(happening.component)
            if wanted and self.account.room(SourceClass.CHANGE, 1):
                yield happening

    def _items(self, path: str) -> list[Any]:
        try:
            items = self.asking.get(path).get("items")
            return items if isinstance(items, list) else []
        except Unanswered as error:
            self.account.lacks(SourceClass.CHANGE, f"{path.rpartition('/')[2]}: {error}")
        except AttributeError:
            self.account.lacks(SourceClass.CHANGE, f"its answer to {path} holds no items")
        return []

    def _kustomization(self, one: Mapping[str, Any]) -> Iterator[Happening]:
        status, name = one.get("status") or {}, str(one["metadata"]["name"])
        told = status.get("history") or ()
        for entry in told:
            revision = str((entry.get("metadata") or {}).get("revision") or entry.get("digest") or "")
            state = str(entry.get("lastReconciledStatus") or "")
            yield self._change(
                "deploy", entry["firstReconciled"], one, f"{name} was brought to {revision} ({state})", revision
            )
        for condition in status.get("conditions") or ():
            if condition.get("type") == "Ready" and (not told or condition.get("status") == "False"):
                revision = str(status.get("lastAppliedRevision") or status.get("lastAttemptedRevision") or "")
                failed = condition.get("status") == "False"
                said = f"{name} {'failed' if failed else 'is ready'} at {revision}: {condition.get('message', '')}"
                kind = "failed deploy" if failed else "deploy"
                yield self._change(kind, condition["lastTransitionTime"], one, said, revision)

    def _release(self, one: Mapping[str, Any]) -> Iterator[Happening]:
        for entry in (one.get("status") or {}).get("history") or ():
            version = f"{entry.get('chartName', '')} {entry.get('chartVersion', '')}".strip()
            said = f"{one['metadata']['name']} was released as {version} ({entry.get('status', '')})"
            at = entry.get("lastDeployed") or entry["firstDeployed"]
            yield self._change("deploy", at, one, said, f"{version}/{entry.get('version', '')}")

    def _change(self, kind: str, at: object, one: Mapping[str, Any], title: str, ref: str) -> Happening:
        return Happening(
            SourceClass.CHANGE, kind, instant(at), name_of(one), title[:500], ref, instance=self.settings.name
        )


def _version(asking: Asking) -> str:
    asking.get(_PATHS[0].format(""), {"limit": 1})
    return str(asking.get("/version")["gitVersion"])


ADAPTER = Adapter("flux", frozenset({SourceClass.CHANGE}), FluxTelemetry, _version)
