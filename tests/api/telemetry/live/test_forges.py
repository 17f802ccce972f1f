"""GitHub and GitLab: deployments with how they ended, commits with their diffs, pages, and repositories that fail."""

from typing import Any

from api.investigation.windows import SECOND, instant_text
from api.telemetry.live.sources import Scope
from tests.api.telemetry.live.adapted import gathered, problems
from tests.api.telemetry.live.live_sources import WINDOW
from tests.api.telemetry.live.local_server import Asked, Reply

ALONE = Scope(WINDOW, None)
SHA = "c" * 40


def _at(seconds: int) -> str:
    return instant_text(WINDOW.start + seconds * SECOND)


def _github(asked: Asked) -> Reply:
    path = asked.path.removeprefix("/repos/shop/cart/")
    if path == "deployments":
        page = int(asked.query["page"])
        ages = range(100, 200) if page == 1 else (*range(200, 210), 8 * 86_400)
        return Reply(
            [
                {
                    "id": age, "sha": SHA, "environment": "production", "description": "", "created_at": _at(-age),
                    "creator": {"login": "ann"},
                }
                for age in ages
            ]
        )  # fmt: skip
    if path.endswith("/statuses"):
        age = int(path.split("/")[1])
        states = [{"state": "inactive", "created_at": _at(0)}, {"state": "success", "created_at": _at(-age + 50)}]
        return Reply([*states, {"state": "in_progress", "created_at": _at(-age + 5)}])
    if path == "commits":
        who = {"date": _at(-500), "name": "Ann"}
        commit = {"message": "Smaller pool\n\nIt saves memory.", "author": who, "committer": who}
        return Reply([{"sha": SHA, "commit": commit, "author": {"login": "ann"}}])
    if path == f"commits/{SHA}":
        return Reply({"files": [{"filename": "pool.py", "patch": "-size = 10\n+size = 2"}]})
    return Reply({"message": "Not Found"}, 404)


def test_github_tells_deployments_when_they_succeeded_and_commits_with_diffs() -> None:
    found, asked = gathered("github", _github, ALONE)

    deploys = [one for one in found.every_happening if one.kind == "deploy"]
    commit = next(one for one in found.every_happening if one.kind == "commit")
    assert len(deploys) == 110
    assert (deploys[-1].title, deploys[-1].at) == (
        "shop/cart cccccccccccc was deployed to production (success)", WINDOW.start - 50 * SECOND,
    )  # fmt: skip
    assert len([one for one in asked if one.path.endswith("/statuses")]) == 30
    assert (commit.title, commit.component, commit.ref, commit.author) == ("Smaller pool", "cart", SHA, "ann")
    assert commit.detail == "Smaller pool\n\nIt saves memory.\n--- pool.py\n-size = 10\n+size = 2"
    assert problems(found) == []


def test_a_repository_that_is_not_there_is_told_and_the_others_stay() -> None:
    both = [{"path": "shop/cart", "component": "cart-service"}, {"path": "shop/gone"}]

    found, _ = gathered("github", _github, ALONE, repositories=both)

    assert {one.component for one in found.every_happening} == {"cart-service"}
    assert "shop/gone: it answered /repos/shop/gone/commits with HTTP 404" in problems(found)[0]


def test_repositories_of_other_components_are_not_asked() -> None:
    _, asked = gathered("github", _github, Scope(WINDOW, None, ("front",)))

    assert asked == []


def _gitlab(asked: Asked) -> Reply:
    path = asked.path.removeprefix("/api/v4/projects/shop%2Fcart/")
    if path == "deployments":
        deployment: dict[str, Any] = {
            "id": 1, "sha": SHA, "status": "failed", "created_at": _at(-300), "updated_at": _at(-100),
            "user": {"username": "ann"}, "environment": {"name": "production"},
            "deployable": {"finished_at": _at(-200), "commit": {"message": "Smaller pool"}},
        }  # fmt: skip
        return Reply([deployment])
    if path == "repository/commits":
        return Reply([{"id": SHA, "title": "Smaller pool", "message": "Smaller pool\n", "committed_date": _at(-500)}])
    return Reply([{"new_path": "pool.py", "diff": "-size = 10\n+size = 2"}])


def test_gitlab_tells_deployments_when_they_ended_and_commits_with_diffs() -> None:
    found, asked = gathered("gitlab", _gitlab, ALONE)

    commit, deploy = found.every_happening
    assert (deploy.kind, deploy.at, deploy.author) == ("failed deploy", WINDOW.start - 200 * SECOND, "ann")
    assert deploy.title == "shop/cart cccccccccccc was deployed to production (failed)"
    assert commit.detail == "Smaller pool\n\n--- pool.py\n-size = 10\n+size = 2"
    assert all(one.path.startswith("/api/v4/projects/shop%2Fcart/") for one in asked)
