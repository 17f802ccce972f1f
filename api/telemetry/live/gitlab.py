"""GitLab as a source of changes: deployments, and commits with their diffs.

The REST API is https://docs.gitlab.com/api/deployments/ and https://docs.gitlab.com/api/commits/.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window, instant_text
from api.telemetry.live.adapters import Adapter
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.forges import ForgeTelemetry
from api.telemetry.live.settings import Repository
from api.telemetry.live.tables import instant

_MOST_READ = 30
_LONGEST_DIFF = 20_000
_ENDED = frozenset({"success", "failed", "canceled"})


class GitLabTelemetry(ForgeTelemetry):
    """What GitLab tells of one incident."""

    def lists(self) -> tuple[Callable[[Repository, Window], Iterator[Happening]], ...]:
        """Return what reads deployments and commits."""
        return self._deployments, self._commits

    def _deployments(self, repository: Repository, window: Window) -> Iterator[Happening]:
        params: dict[str, Any] = {
            "updated_after": instant_text(window.start), "updated_before": instant_text(window.end),
            "order_by": "updated_at", "sort": "desc",
        }  # fmt: skip
        for one in self.pages(f"{_project(repository)}/deployments", params):
            job, state = one.get("deployable") or {}, str(one.get("status") or "")
            ended = job.get("finished_at") if state in _ENDED else None
            commit = job.get("commit") or {}
            sha = str(one.get("sha") or "")
            environment = str((one.get("environment") or {}).get("name") or "")
            yield Happening(
                SourceClass.CHANGE, "failed deploy" if state == "failed" else "deploy",
                instant(ended or one.get("updated_at") or one["created_at"]), repository.about,
                f"{repository.path} {sha[:12]} was deployed to {environment} ({state})", sha,
                str(commit.get("message") or commit.get("title") or ""),
                str((one.get("user") or {}).get("username") or ""), instance=self.settings.name,
            )  # fmt: skip

    def _commits(self, repository: Repository, window: Window) -> Iterator[Happening]:
        params = {"since": instant_text(window.start), "until": instant_text(window.end)}
        if repository.branch:
            params["ref_name"] = repository.branch
        for number, one in enumerate(self.pages(f"{_project(repository)}/repository/commits", params)):
            detail = self._diff(repository, str(one["id"])) if number < _MOST_READ else ""
            yield Happening(
                SourceClass.CHANGE, "commit", instant(one.get("committed_date") or one["created_at"]),
                repository.about, str(one.get("title") or "")[:300], str(one["id"]),
                f"{one.get('message') or ''}\n{detail}"[:_LONGEST_DIFF], str(one.get("author_name") or ""),
                instance=self.settings.name,
            )  # fmt: skip

    def _diff(self, repository: Repository, sha: str) -> str:
        try:
            files = self.asking.get(f"{_project(repository)}/repository/commits/{sha}/diff", {"per_page": 100})
        except Unanswered as error:
            self.account.lacks(SourceClass.CHANGE, f"{repository.path}: diffs: {error}")
            return ""
        return "\n".join(f"--- {one.get('new_path', '')}\n{one.get('diff') or ''}" for one in files)


def _project(repository: Repository) -> str:
    return f"/api/v4/projects/{quote(repository.path, safe='')}"


def _version(asking: Asking) -> str:
    return str(asking.get("/api/v4/version").get("version", ""))


ADAPTER = Adapter("gitlab", frozenset({SourceClass.CHANGE}), GitLabTelemetry, _version)
