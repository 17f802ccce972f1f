"""Argo CD as a source of changes: what each application was synced to, and syncs that failed.

The API is https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window
from api.telemetry.live.adapters import Adapter, Asked
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.kubernetes_objects import name_of
from api.telemetry.live.tables import instant

_SOURCE = ("repoURL", "path", "targetRevision")


class ArgoCdTelemetry(Asked):
    """What an Argo CD tells of one incident."""

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the deployments inside `window`, and the syncs that failed in it."""
        params = [("projects", one) for one in self.settings.projects]
        try:
            items = self.asking.get("/api/v1/applications", params).get("items") or []
        except Unanswered as error:
            self.account.lacks(SourceClass.CHANGE, error)
            return
        except AttributeError:
            self.account.lacks(SourceClass.CHANGE, "its answer holds no applications")
            return
        found: list[Happening] = []
        for one in items:
            try:
                found.extend(self._of(one))
            except (KeyError, TypeError, ValueError, AttributeError):
                self.account.lacks(SourceClass.CHANGE, "an application could not be understood and was left out")
        for happening in sorted(found, key=lambda one: (one.at, one.title)):
            wanted = happening.at in window and self.is_wanted(happening.component)
            if wanted and self.account.room(SourceClass.CHANGE, 1):
                yield happening

    def _of(self, one: Mapping[str, Any]) -> Iterator[Happening]:
        name, status = name_of(one), one.get("status") or {}
        before = ""
        for entry in sorted(status.get("history") or (), key=lambda entry: int(entry.get("id") or 0)):
            revision = str(entry.get("revision") or ", ".join(map(str, entry.get("revisions") or ())))
            source = entry.get("source") or (entry.get("sources") or [{}])[0]
            who = entry.get("initiatedBy") or {}
            came = f" (before: {before[:12]})" if before and before != revision else ""
            detail = "\n".join(
                f"{key}: {source[key]}" for key in ("repoURL", "path", "targetRevision") if source.get(key)
            )
            yield Happening(
                SourceClass.CHANGE, "deploy", instant(entry["deployedAt"]), name,
                f"{one['metadata']['name']} was synced to {revision[:12]}{came}", revision, detail,
                str(who.get("username") or ("automated" if who.get("automated") else "")), instance=self.settings.name,
            )  # fmt: skip
            before = revision
        state = status.get("operationState") or {}
        if state.get("phase") in ("Failed", "Error") and state.get("finishedAt"):
            yield Happening(
                SourceClass.CHANGE, "failed sync", instant(state["finishedAt"]), name,
                f"{one['metadata']['name']} could not be synced: {str(state.get('message') or '')[:300]}",
                detail=str(state.get("message") or ""), instance=self.settings.name,
            )  # fmt: skip


def _version(asking: Asking) -> str:
    asking.get("/api/v1/applications", {"name": "none"})
    return str(asking.get("/api/version").get("Version", ""))


ADAPTER = Adapter("argocd", frozenset({SourceClass.CHANGE}), ArgoCdTelemetry, _version)
