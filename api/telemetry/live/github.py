"""GitHub as a source of changes: deployments, and commits with their diffs.

The REST API is https://docs.github.com/rest/deployments and https://docs.github.com/rest/commits.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window, instant_text
from api.telemetry.live.adapters import Adapter
from api.telemetry.live.asking import Asking, Unanswered
from api.telemetry.live.forges import ForgeTelemetry
from api.telemetry.live.settings import Repository
from api.telemetry.live.tables import instant

_MOST_READ = 30  # deployments and commits that are read one by one, of each repository
_LONGEST_DIFF = 20_000


class GitHubTelemetry(ForgeTelemetry):
    """What GitHub tells of one incident."""

    def lists(self) -> tuple[Callable[[Repository, Window], Iterator[Happening]], ...]:
        """Return what reads deployments and commits."""
        return self._deployments, self._commits

    def _deployments(self, repository: Repository, window: Window) -> Iterator[Happening]:
        read = 0
        for one in self.pages(f"/repos/{repository.path}/deployments", {}):
            created = instant(one["created_at"])
            if created < window.start:  # newest first
                return
            if created >= window.end:
                continue
            read += 1
            state, at = self._state(repository, one) if read <= _MOST_READ else ("not read", created)
            sha = str(one.get("sha") or "")
            yield Happening(
                SourceClass.CHANGE, "deploy" if state not in ("failure", "error") else "failed deploy", at,
                repository.about,
                f"{repository.path} {sha[:12]} was deployed to {one.get('environment', '')} ({state})", sha,
                str(one.get("description") or ""), _login(one.get("creator")), instance=self.settings.name,
            )  # fmt: skip

    def _state(self, repository: Repository, one: Mapping[str, Any]) -> tuple[str, int]:
        """Return the newest state of a deployment and when it came to it."""
        told = self.asking.get(f"/repos/{repository.path}/deployments/{int(one['id'])}/statuses", {"per_page": 100})
        ended = [(instant(entry["created_at"]), str(entry["state"])) for entry in told]
        settled = [entry for entry in ended if entry[1] in ("success", "failure", "error")]
        if settled:
            at, state = min(settled)
            return state, at
        return (max(ended)[1] if ended else "no state"), instant(one["created_at"])

    def _commits(self, repository: Repository, window: Window) -> Iterator[Happening]:
        params = {"since": instant_text(window.start), "until": instant_text(window.end)}
        if repository.branch:
            params["sha"] = repository.branch
        for number, one in enumerate(self.pages(f"/repos/{repository.path}/commits", params)):
            commit = one["commit"]
            detail = self._diff(repository, str(one["sha"])) if number < _MOST_READ else ""
            yield Happening(
                SourceClass.CHANGE, "commit", instant(commit["committer"]["date"]), repository.about,
                str(commit["message"]).partition("\n")[0][:300], str(one["sha"]),
                f"{commit['message']}\n{detail}"[:_LONGEST_DIFF], _login(one.get("author")),
                instance=self.settings.name,
            )  # fmt: skip

    def _diff(self, repository: Repository, sha: str) -> str:
        try:
            files = self.asking.get(f"/repos/{repository.path}/commits/{sha}").get("files") or ()
        except Unanswered as error:
            self.account.lacks(SourceClass.CHANGE, f"{repository.path}: diffs: {error}")
            return ""
        return "\n".join(f"--- {one.get('filename', '')}\n{one.get('patch') or ''}" for one in files)


def _login(who: Any) -> str:
    return str(who.get("login") or "") if isinstance(who, dict) else ""


def _version(asking: Asking) -> str:
    asking.get("/rate_limit")
    return ""


ADAPTER = Adapter("github", frozenset({SourceClass.CHANGE}), GitHubTelemetry, _version)
