"""A small GitHub and a small GitLab on this machine: issues, comments and wiki behind their documented APIs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlencode

from ingest.sources.github import GithubSource
from ingest.sources.gitlab import GitlabSource
from ingest.sources.source import Source
from tests.ingest.sources.rest_server import Asked, Reply, RestServer, serving

PAGE_SIZE = 2
Json = dict[str, object]


@dataclass
class Note:
    """A comment."""

    text: str
    author: str = "ben"
    system: bool = False
    internal: bool = False
    at: str = "2026-03-03T09:30:00Z"


@dataclass
class Issue:
    """An issue as a server keeps it."""

    number: int
    title: str
    text: str | None = "It broke."
    labels: tuple[str, ...] = ("postmortem",)
    closed: bool = True
    updated: str = "2026-03-04T12:00:00Z"
    pull_request: bool = False
    confidential: bool = False
    notes: list[Note] = field(default_factory=list)


@dataclass
class IssueWorld:
    """Issues by number; what both hosts have in common."""

    server: RestServer = field(init=False)
    issues: dict[int, Issue] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    secret: str = "tok-0123456789"
    accepted: str = "tok-0123456789"
    next_host: str = ""
    first_page: str = r"/issues\?(?!.*page=2)"
    later_page: str = r"/issues\?.*[?&]page=2"

    def put(self, issue: Issue) -> Issue:
        self.issues[issue.number] = issue
        return issue

    def add(self) -> None:
        self.put(Issue(90, "Added later"))

    def change(self, path: str) -> None:
        issue = self.issues[_number(path)]
        issue.text, issue.updated = f"{issue.text} More.", "2026-03-05T12:00:00Z"

    def remove(self, path: str) -> None:
        self.issues.pop(_number(path), None)

    def expire_token(self) -> None:
        self.accepted = "nothing"

    def labelled(self, asked: Asked) -> list[Issue]:
        wanted = set(asked.query["labels"].split(","))
        return [issue for issue in self.issues.values() if wanted <= set(issue.labels)]

    def cut(self, asked: Asked, items: list[Json]) -> Reply:
        """Give a part of a list by its number, and the address of the next part in a Link header."""
        number = asked.number("page", 1)
        part = items[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        if number * PAGE_SIZE >= len(items):
            return Reply.of(part)
        query = urlencode({**asked.query, "page": number + 1})
        following = f"{self.next_host or self.server.url}{asked.path}?{query}"
        return Reply.of(part, ("Link", f'<{following}>; rel="next", <{self.server.url}/x>; rel="last"'))


@dataclass
class GithubWorld(IssueWorld):
    """A GitHub with the repository shop/web; its wiki is a bare repository of this machine."""

    wiki: Path | None = None
    cache: Path = Path()
    has_wiki: bool = True

    def source(self, **settings: object) -> Source:
        stated = {"wiki_url": str(self.wiki or self.cache / "no-wiki.git"), **settings}
        return GithubSource(
            name="shop",
            repository="shop/web",
            token=self.secret,
            url=self.server.url,
            cache_dir=self.cache,
            token_variable="THE_TOKEN",
            sleep=self.pauses.append,
            **stated,  # type: ignore[arg-type]  # a test's settings
        )

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self.accepted}":
            return Reply.of({"message": "Bad credentials"}, status=401)
        if asked.path == "/repos/shop/web":
            return Reply.of({"full_name": "shop/web", "has_issues": True, "has_wiki": self.has_wiki})
        if asked.path == "/repos/shop/web/issues":
            return self.cut(asked, [self._shown(issue) for issue in self.labelled(asked)])
        found = re.fullmatch(r"/repos/shop/web/issues/(\d+)(/comments)?", asked.path)
        issue = self.issues.get(int(found[1])) if found else None
        if found is None or issue is None:
            return Reply.of({"message": "Not Found"}, status=404)
        if found[2]:
            return self.cut(asked, [_github_comment(note) for note in issue.notes])
        return Reply.of(self._shown(issue))

    def _shown(self, issue: Issue) -> Json:
        shown: Json = {
            "number": issue.number,
            "title": issue.title,
            "state": "closed" if issue.closed else "open",
            "body": issue.text,
            "user": {"login": "anna"},
            "labels": [{"name": label} for label in issue.labels],
            "comments": len(issue.notes),
            "created_at": "2026-03-03T08:00:00Z",
            "updated_at": issue.updated,
            "closed_at": "2026-03-04T12:00:00Z" if issue.closed else None,
            "html_url": f"https://github.com/shop/web/issues/{issue.number}",
        }
        return {**shown, "pull_request": {"url": "…"}} if issue.pull_request else shown


@dataclass
class GitlabWorld(IssueWorld):
    """A GitLab with the project shop/web; `pages` is its wiki, by slug."""

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    wiki_level: str = "enabled"

    def source(self, **settings: object) -> Source:
        return GitlabSource(
            name="shop",
            project="shop/web",
            token=self.secret,
            url=self.server.url,
            token_variable="THE_TOKEN",
            sleep=self.pauses.append,
            **settings,  # type: ignore[arg-type]  # a test's settings
        )

    def remove(self, path: str) -> None:
        if path.startswith("wiki/"):
            self.pages.pop(path.removeprefix("wiki/").rpartition(".")[0], None)
        else:
            super().remove(path)

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("private-token") != self.accepted:
            return Reply.of({"message": "401 Unauthorized"}, status=401)
        project = "/api/v4/projects/shop%2Fweb"
        if not asked.path.startswith(project):
            return Reply.of({"message": "404 Not found"}, status=404)
        return self._answer(asked, asked.path.removeprefix(project))

    def _answer(self, asked: Asked, path: str) -> Reply:
        if path == "":
            web = f"{self.server.url}/shop/web"
            return Reply.of({"web_url": web, "wiki_access_level": self.wiki_level, "issues_access_level": "enabled"})
        if path == "/issues":
            return self.cut(asked, [self._shown(issue) for issue in self.labelled(asked)])
        if path == "/wikis":
            return Reply.of([self._page(slug) for slug in self.pages])
        slug = unquote(path.removeprefix("/wikis/"))
        if path.startswith("/wikis/") and slug in self.pages:
            return Reply.of(self._page(slug))
        found = re.fullmatch(r"/issues/(\d+)(/notes)?", path)
        issue = self.issues.get(int(found[1])) if found else None
        if found is None or issue is None:
            return Reply.of({"message": "404 Not found"}, status=404)
        if found[2]:
            return self.cut(asked, [_gitlab_note(note) for note in issue.notes])
        return Reply.of(self._shown(issue))

    def _page(self, slug: str) -> Json:
        content, form = self.pages[slug]
        return {"slug": slug, "title": slug.rpartition("/")[2], "format": form, "content": content}

    def _shown(self, issue: Issue) -> Json:
        return {
            "iid": issue.number,
            "title": issue.title,
            "state": "closed" if issue.closed else "opened",
            "description": issue.text,
            "author": {"username": "anna"},
            "labels": list(issue.labels),
            "confidential": issue.confidential,
            "user_notes_count": len(issue.notes),
            "created_at": "2026-03-03T08:00:00.000Z",
            "updated_at": issue.updated,
            "closed_at": "2026-03-04T12:00:00.000Z" if issue.closed else None,
            "web_url": f"{self.server.url}/shop/web/-/issues/{issue.number}",
        }


def _number(path: str) -> int:
    return int(path.removeprefix("issues/").removesuffix(".md"))


def _github_comment(note: Note) -> Json:
    return {"body": note.text, "user": {"login": note.author}, "created_at": note.at}


def _gitlab_note(note: Note) -> Json:
    author = {"username": note.author}
    return {
        "body": note.text,
        "author": author,
        "created_at": note.at,
        "system": note.system,
        "internal": note.internal,
    }


def _fill(world: IssueWorld) -> None:
    for number, title in ((1, "Checkout was down"), (2, "Slow cart"), (3, "Lost mails"), (4, "Disk full"), (5, "DNS")):
        world.put(Issue(number, title))


@contextmanager
def github_world(cache: Path) -> Iterator[GithubWorld]:
    """Run a GitHub with five issues and no wiki."""
    world = GithubWorld(cache=cache)
    with serving(world.answer) as world.server:
        _fill(world)
        yield world


@contextmanager
def gitlab_world() -> Iterator[GitlabWorld]:
    """Run a GitLab with five issues and a wiki of two pages."""
    world = GitlabWorld(pages={"home": ("# Home\n", "markdown"), "run/disk-full": ("= Disk full\n", "asciidoc")})
    with serving(world.answer) as world.server:
        _fill(world)
        yield world
